use std::{cell::RefCell, sync::Arc};

use kalends_normalise::{Normaliser, Plan, TimeUnit};
use proptest::{prelude::*, sample::Index};

use crate::{corpus, hold, mutate, schemas, search};

#[test]
fn any_bytes_become_a_record() {
    let plan = Arc::new(Plan::builtin(TimeUnit::Millis).unwrap());
    let schemas = schemas(&plan);
    let normaliser = RefCell::new(Normaliser::new(Arc::clone(&plan)));
    let corpus = corpus::bodies();
    let sample = (any::<Index>(), mutate::damages())
        .prop_map(move |(which, damages)| mutate::damaged(&corpus[which.index(corpus.len())], &damages));
    let bytes = proptest::collection::vec(any::<u8>(), 0..64);
    search(&prop_oneof![8 => sample, 1 => bytes], |body| {
        hold(&body, &mut normaliser.borrow_mut(), &plan, &schemas);
        Ok(())
    });
}

/// Deep and wide bodies on a thread with little stack: depth costs none.
#[test]
fn no_body_is_too_deep_for_a_small_stack() {
    let deep = || {
        let plan = Arc::new(Plan::builtin(TimeUnit::Millis).unwrap());
        let schemas = schemas(&plan);
        let mut normaliser = Normaliser::new(Arc::clone(&plan));
        let event = r#"{"eventId":"e","eventType":"Subscribe","eventDetails":"#;
        for open in ["[", "{\"a\":", "[{\"\":", "{\"subscription\":", "[0,"] {
            for depth in [100, 127, 128, 129, 100_000] {
                hold(open.repeat(depth).as_bytes(), &mut normaliser, &plan, &schemas);
                hold((event.to_owned() + &open.repeat(depth)).as_bytes(), &mut normaliser, &plan, &schemas);
            }
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(deep).unwrap().join().unwrap();
}
