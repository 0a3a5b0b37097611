//! The words of a sink's failures.

use std::fmt::Debug;

use kalends_sink::Failure;

/// The words of a hold.
///
/// # Panics
/// It is none.
pub fn held<T: Debug>(result: Result<T, Failure>) -> String {
    match result {
        Err(Failure::Hold { message }) => message,
        other => panic!("no hold: {other:?}"),
    }
}

/// The words of a failure that is tried again.
///
/// # Panics
/// It is none.
pub fn retried<T: Debug>(result: Result<T, Failure>) -> String {
    match result {
        Err(Failure::Retry { message }) => message,
        other => panic!("not to be tried again: {other:?}"),
    }
}
