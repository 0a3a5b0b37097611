use kalends_tests::{Installation, config, event};

#[test]
fn a_second_daemon_on_the_same_journal_is_refused() {
    let installation = Installation::new(&config::files()).unwrap();
    let first = installation.start().unwrap();
    let Err(error) = installation.start() else { panic!("two writers on one journal") };
    assert!(format!("{error:#}").contains("journal"), "{error:#}");
    assert_eq!(first.post(event::webhook("still", 0)).unwrap().status, 200);
}
