use kalends_tests::{Installation, files::records_under, tree::files_under};

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
