use std::{fs, thread};

use kalends_tests::{Installation, SmallDisk, files::records_under, tree::files_under};
use serde_json::{Value, json};

/// The counts after the first and the second round in a row of the table.
fn counts(row: &str) -> Option<(u32, u32)> {
    let mut words = row.split_whitespace().rev();
    let second = words.next()?.parse().ok()?;
    Some((words.next()?.parse().ok()?, second))
}

#[test]
fn the_demo_shows_what_landed_and_its_second_round_adds_only_the_tests_record() {
    let installation = Installation::new("").unwrap();
    let output = installation.run(["demo", "--exit"]).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{talk}");

    let rows: Vec<_> = said.lines().filter(|line| line.starts_with("rokt.calendar.")).collect();
    assert_eq!(rows.len(), 8, "{said}");
    for row in rows {
        let test = row.starts_with("rokt.calendar.test ");
        assert_eq!(counts(row), Some(if test { (1, 2) } else { (1, 1) }), "{row}");
    }
    assert!(said.contains("kalends cat "), "{said}");

    let data = installation.path("data");
    let landed = files_under(&data).unwrap();
    let events = landed.iter().find_map(|file| file.ancestors().find(|folder| folder.ends_with("events")));
    assert_eq!(records_under(events.unwrap()).unwrap().len(), 9);
}

#[test]
fn the_demo_finds_ports_of_its_own_when_the_usual_ones_are_taken() {
    // Taken by this test, or by somebody else: either way they are taken.
    let _taken = ["127.0.0.1:8080", "127.0.0.1:9464"].map(std::net::TcpListener::bind);
    let installation = Installation::new("").unwrap();
    let output = installation.run(["demo", "--exit"]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn demos_that_start_at_once_take_each_a_port_of_its_own() {
    let demo = || {
        let installation = Installation::new("").unwrap();
        installation.run(["demo", "--exit"]).unwrap()
    };
    thread::scope(|scope| {
        let demos: Vec<_> = (0..4).map(|_| scope.spawn(demo)).collect();
        for demo in demos {
            let output = demo.join().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    });
}

#[test]
fn the_demo_tells_programs_the_same() {
    let installation = Installation::new("").unwrap();
    let output = installation.run(["demo", "--exit", "--json"]).unwrap();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{talk}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();

    let records = told["records"].as_array().unwrap();
    let total =
        |round: usize| records.iter().filter_map(|row| row["after_round"][round].as_u64()).sum::<u64>();
    assert_eq!((records.len(), total(0), total(1)), (8, 8, 9), "{told}");
    assert_eq!((&told["duplicates"], &told["quirks"]["trailing-comma"]), (&json!(7), &json!(8)), "{told}");
    assert!(told["webhooks"].as_str().is_some_and(|url| url.ends_with("/webhooks/rokt")), "{told}");
    let example = installation.path(told["example"].as_str().unwrap());
    assert!(fs::metadata(example).is_ok_and(|file| file.len() > 0), "{told}");
    let landed = files_under(&installation.path(told["directory"].as_str().unwrap())).unwrap();
    let published = landed.iter().filter(|file| file.extension().is_some_and(|ending| ending == "avro"));
    assert_eq!(json!(published.count()), told["files"]);
}

#[test]
fn the_demo_on_a_disk_without_room_exits_69_and_says_what_was_refused() {
    // Less than the embedded default leaves free for others.
    let Some(disk) = SmallDisk::mount(8).unwrap() else { return };
    let installation = Installation::new("").unwrap();
    disk.folder("data", &installation.path("data")).unwrap();
    let output = installation.run(["demo", "--exit"]).unwrap();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(69), 0), "{talk}");
    assert!(talk.contains("posting ") && talk.contains("503"), "{talk}");
}
