//! Two processes, one journal.

use kalends_sink::{Failure, Sink as _};

use crate::fixture::{Fixture, record, shared_broker};

#[test]
fn a_second_sink_fences_the_first_which_names_it_and_stays_off() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "fenced");
    let mut first = fixture.sink();
    fixture.connect(&mut first);
    first.write(&[record(1, 0, "k", "first")]).unwrap();
    first.commit(fixture.checkpoint(1)).unwrap();
    first.write(&[record(2, 0, "k", "of the fenced")]).unwrap();

    let mut settings = fixture.settings();
    settings.started_at = 1_600_000_000_000_000;
    let mut second = crate::fixture::sink(settings);
    assert_eq!(fixture.connect(&mut second), Some(fixture.checkpoint(1)));

    let fenced = first.commit(fixture.checkpoint(2)).unwrap_err();
    let told = |failure: &Failure| matches!(failure, Failure::Hold { message } if message.contains("taken over") && message.contains("2020-09-13T12:26:40Z"));
    assert!(told(&fenced), "{fenced:?}");
    for _ in 0..2 {
        let off = first.connect(fixture.journal, &fixture.streams).unwrap_err();
        assert!(told(&off), "{off:?}");
    }

    second.write(&[record(2, 0, "k", "second")]).unwrap();
    second.commit(fixture.checkpoint(2)).unwrap();
    assert_eq!(fixture.datums(0), ["first", "second"]);

    // A new process, such as the first one restarted, takes over in its turn.
    assert_eq!(fixture.connect(&mut fixture.sink()), Some(fixture.checkpoint(2)));
    let off = second.commit(fixture.checkpoint(3)).unwrap_err();
    assert!(matches!(off, Failure::Hold { .. }), "{off:?}");
}
