use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    mem,
    sync::{Arc, Mutex},
};

use kalends_sink::{Failure, Sink as _};

use super::{
    harness::{ALICE, checkpoint, settings, streams, visible, write},
    world::World,
};
use crate::{FileSink, disk::Hook, disk_op::DiskOp};

/// The disk's behaviour from the n-th step on.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The process is dead: nothing happens any more. A write that was under way is torn.
    Death,
    /// One step fails, and later ones work.
    Full,
}

fn faulty(world: &World, fault: Fault, at: usize) -> FileSink {
    let (loader, greedy) = (world.loader.clone(), world.greedy);
    let directory = world.directory.path().to_owned();
    let steps = Mutex::new(0);
    let hook: Hook = Arc::new(move |step, path| {
        if greedy {
            loader.lock().unwrap().load(&directory);
        }
        let mut steps = steps.lock().unwrap();
        *steps += 1;
        match fault {
            Fault::Death if *steps >= at => {
                if *steps == at && step == DiskOp::Write {
                    OpenOptions::new().append(true).open(path)?.write_all(b"to")?;
                }
                Err(io::Error::other("the process is dead"))
            }
            Fault::Full if *steps == at => Err(io::ErrorKind::StorageFull.into()),
            Fault::Death | Fault::Full => Ok(()),
        }
    });
    FileSink::with_hook(settings(world.directory.path()), hook)
}

#[test]
fn a_process_that_dies_at_any_step_loses_and_repeats_nothing() {
    for greedy in [false, true] {
        let mut at = 1;
        loop {
            let world = World::new(greedy);
            let survived = world.deliver(&mut faulty(&world, Fault::Death, at)).is_ok();
            world.assert_recovers();
            if survived {
                break;
            }
            at += 1;
        }
        assert!(at > 60, "only {at} steps were tried");
    }
}

#[test]
fn a_process_that_dies_again_while_it_recovers_loses_and_repeats_nothing() {
    let mut at = 1;
    loop {
        let world = World::short(true);
        if world.deliver(&mut faulty(&world, Fault::Death, at)).is_ok() {
            break;
        }
        // Each life gets one step further, so that every step of the recovery is the last one of some life.
        let alive = |again: &usize| faulty(&world, Fault::Death, *again).connect(ALICE, &streams()).is_ok();
        assert!((1..200).find(alive).is_some_and(|steps| steps > 5));
        world.assert_recovers();
        at += 1;
    }
}

#[test]
fn a_full_disk_at_any_step_is_a_retry_and_loses_and_repeats_nothing() {
    for greedy in [false, true] {
        let mut at = 1;
        loop {
            let world = World::new(greedy);
            let mut sink = faulty(&world, Fault::Full, at);
            let Err(failure) = world.deliver(&mut sink) else { break };
            let Failure::Retry { message } = failure else { panic!("{failure:?}") };
            assert!(message.contains(" /"), "no path in {message:?}");
            assert!(
                matches!(sink.commit(checkpoint(ALICE, world.end)), Err(Failure::Retry { .. })),
                "trusted at {at}"
            );
            world.deliver(&mut sink).unwrap();
            drop(sink);
            world.assert_recovers();
            at += 1;
        }
    }
}

#[test]
fn a_commit_whose_file_name_was_taken_meanwhile_is_finished_once_the_name_is_free() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("odd/date=1970-01-01/00000000000000000001-00000000000000000001.avro");
    let (taken, once) = (path.clone(), Mutex::new(true));
    let hook: Hook = Arc::new(move |step, path| {
        if step == DiskOp::CreateDirectory
            && path.ends_with("date=1970-01-01")
            && mem::take(&mut *once.lock().unwrap())
        {
            fs::create_dir_all(path)?;
            fs::write(&taken, "precious")?;
            return Err(io::Error::other("the process is dead"));
        }
        Ok(())
    });
    let mut sink = FileSink::with_hook(settings(directory.path()), hook);
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, 0, 0).unwrap();
    assert!(matches!(sink.commit(checkpoint(ALICE, 1)), Err(Failure::Retry { .. })));
    for _ in 0..2 {
        assert!(matches!(sink.connect(ALICE, &streams()), Err(Failure::Hold { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
    fs::rename(&path, directory.path().join("elsewhere")).unwrap();
    assert_eq!(sink.connect(ALICE, &streams()).unwrap(), Some(checkpoint(ALICE, 1)));
    assert_eq!(visible(directory.path())[0].1, [1]);
}

#[test]
fn a_commit_makes_each_thing_durable_before_what_relies_on_it() {
    let directory = tempfile::tempdir().unwrap();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let (log, root) = (steps.clone(), directory.path().to_owned());
    let hook: Hook = Arc::new(move |step, path| {
        let name = path.strip_prefix(&root).unwrap_or(path).to_str().unwrap();
        let name = if path.extension().is_some_and(|ending| ending == "part") { "part" } else { name };
        log.lock().unwrap().push(format!("{step:?} {name}"));
        Ok(())
    });
    let mut sink = FileSink::with_hook(settings(directory.path()), hook);
    sink.connect(ALICE, &streams()).unwrap();
    write(&mut sink, 1, 0, 0).unwrap();
    steps.lock().unwrap().clear();
    sink.commit(checkpoint(ALICE, 1)).unwrap();
    let file = "odd/date=1970-01-01/00000000000000000001-00000000000000000001.avro";
    let inspect = format!("Inspect {file}");
    let rename = format!("Rename {file}");
    assert_eq!(
        *steps.lock().unwrap(),
        [
            "Write part",
            "Sync part",
            "Inspect part",
            &inspect,
            "SyncDirectory .kalends",
            "Inspect .kalends",
            "Inspect .kalends/lock",
            "Read .kalends/manifest.json",
            "Inspect part",
            "Create .kalends/manifest.json.new",
            "Write .kalends/manifest.json.new",
            "Sync .kalends/manifest.json.new",
            "Inspect .kalends",
            "Inspect .kalends/lock",
            "Read .kalends/manifest.json",
            "Inspect part",
            "Rename .kalends/manifest.json",
            "SyncDirectory .kalends",
            "Inspect part",
            &inspect,
            "CreateDirectory odd/date=1970-01-01",
            "SyncDirectory ",
            "SyncDirectory odd",
            &rename,
            "SyncDirectory odd/date=1970-01-01",
            "SyncDirectory .kalends",
        ]
    );
}
