//! What every kind of sink must do, as tests that a new kind runs by one line.
//!
//! A kind implements [`Destination`] in its own tests and writes [`conformance!`](crate::conformance); each case then is
//! a test of its own, on a fresh destination.

mod bench;
mod commits;
mod crashes;
mod faults;
mod owners;

pub use bench::{Broken, Destination, Silence};
pub use commits::{
    checkpoints_of_two_journals_stand_apart, commit_is_read_back_with_its_checkpoint,
    commit_without_records_moves_the_checkpoint, lower_checkpoint_is_kept_after_a_seek,
    replay_leaves_the_checkpoint_of_live_delivery,
};
pub use crashes::{
    process_that_dies_at_any_step_loses_and_repeats_nothing, written_and_not_committed_is_void,
};
pub use faults::{
    refused_record_is_named_and_its_neighbours_arrive,
    silence_in_a_commit_ends_in_a_retry_and_the_checkpoint_tells, silence_in_a_write_ends_in_a_retry,
};
pub use owners::sink_that_was_taken_over_writes_nothing;

/// Makes a test of every case for one [`Destination`].
#[macro_export]
macro_rules! conformance {
    ($destination:ty) => {
        $crate::conformance!($destination:
            checkpoints_of_two_journals_stand_apart,
            commit_is_read_back_with_its_checkpoint,
            commit_without_records_moves_the_checkpoint,
            lower_checkpoint_is_kept_after_a_seek,
            process_that_dies_at_any_step_loses_and_repeats_nothing,
            refused_record_is_named_and_its_neighbours_arrive,
            replay_leaves_the_checkpoint_of_live_delivery,
            silence_in_a_commit_ends_in_a_retry_and_the_checkpoint_tells,
            silence_in_a_write_ends_in_a_retry,
            sink_that_was_taken_over_writes_nothing,
            written_and_not_committed_is_void,
        );
    };
    ($destination:ty: $($case:ident,)+) => {
        $(
            #[test]
            fn $case() {
                if let Err(broken) = $crate::conformance::$case::<$destination>() {
                    panic!("{broken}");
                }
            }
        )+
    };
}
