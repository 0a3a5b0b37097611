use super::*;

const OWN: JournalId = JournalId::new([1; 16]);
const OTHER: JournalId = JournalId::new([2; 16]);

const fn at(journal: JournalId, position: u64) -> Checkpoint {
    Checkpoint { journal, shard: 0, position, chain: 7 }
}

/// A required sink whose destination, note and this run's own commits are here, and what the journal has there.
fn decision(
    destination: Option<Checkpoint>,
    noted: Option<Checkpoint>,
    committed: Option<u64>,
    chain: Chain,
) -> Decision {
    decide(&Facts {
        own: OWN,
        shard: 0,
        destination,
        noted,
        committed,
        chain,
        required: true,
        catches_up: false,
    })
}

#[test]
fn a_sink_goes_on_begins_or_holds_as_the_table_says() {
    use Cause::{
        CheckpointGone, NewJournal, NoLongerKept, OlderJournal, OlderState, OtherHistory, OtherJournal,
        OtherShard,
    };
    use Decision::{Begin, GoOn, Hold};
    let five = at(OWN, 5);
    let same = Chain::Known(7);
    let table = [
        // destination, note, committed by this run, chain there
        (None, None, None, same, Begin),
        (None, Some(at(OTHER, 3)), None, same, Hold(NewJournal(OTHER))),
        (None, Some(at(OWN, 3)), None, same, Hold(CheckpointGone { known: 3 })),
        (None, Some(at(OWN, 3)), Some(9), same, Hold(CheckpointGone { known: 9 })),
        (None, None, Some(9), same, Hold(CheckpointGone { known: 9 })),
        (Some(at(OTHER, 5)), None, None, same, Hold(OtherJournal(OTHER))),
        (Some(Checkpoint { shard: 1, ..at(OWN, 5) }), None, None, same, Hold(OtherShard(1))),
        (Some(at(OWN, 5)), None, None, same, GoOn(five)),
        (Some(at(OWN, 5)), Some(at(OWN, 5)), Some(5), same, GoOn(five)),
        (Some(at(OWN, 5)), Some(at(OWN, 6)), None, same, Hold(OlderState { position: 5, known: 6 })),
        (Some(at(OWN, 5)), Some(at(OWN, 4)), Some(6), same, Hold(OlderState { position: 5, known: 6 })),
        (Some(at(OWN, 5)), Some(at(OTHER, 6)), None, same, GoOn(five)),
        (Some(at(OWN, 5)), None, None, Chain::Lost, GoOn(five)),
        (Some(at(OWN, 5)), None, None, Chain::Known(8), Hold(OtherHistory { position: 5 })),
        (Some(at(OWN, 5)), None, None, Chain::Ahead, Hold(OlderJournal { position: 5 })),
        (Some(at(OWN, 5)), None, None, Chain::Gone, Hold(NoLongerKept { position: 5 })),
    ];
    for (destination, noted, committed, chain, expected) in table {
        let decided = decision(destination, noted, committed, chain);
        assert_eq!(decided, expected, "{destination:?}, {noted:?}, {committed:?}, {chain:?}");
    }
}

#[test]
fn a_sink_that_is_not_required_passes_over_what_is_no_longer_kept() {
    let facts = Facts {
        own: OWN,
        shard: 0,
        destination: Some(at(OWN, 5)),
        noted: None,
        committed: None,
        chain: Chain::Gone,
        required: false,
        catches_up: false,
    };
    assert_eq!(decide(&facts), Decision::SkipLost(5));
}

#[test]
fn an_older_state_is_gone_on_from_where_records_went_back_with_it() {
    let five = at(OWN, 5);
    let facts = Facts {
        own: OWN,
        shard: 0,
        destination: Some(five),
        noted: Some(at(OWN, 9)),
        committed: None,
        chain: Chain::Known(7),
        required: true,
        catches_up: true,
    };
    assert_eq!(decide(&facts), Decision::GoOn(five));
    assert_eq!(decide(&Facts { committed: Some(5), ..facts }), Decision::GoOn(five));
    let held = |known| Decision::Hold(Cause::OlderState { position: 5, known });
    let further = Facts { committed: Some(6), ..facts };
    assert_eq!(decide(&further), Decision::BeginAgain(five), "this run has forgotten the duplicates");
    assert_eq!(decide(&Facts { catches_up: false, ..further }), held(9));
    assert_eq!(decide(&Facts { catches_up: false, ..facts }), held(9));
    let gone = Decision::Hold(Cause::NoLongerKept { position: 5 });
    assert_eq!(decide(&Facts { chain: Chain::Gone, ..facts }), gone);
    assert_eq!(decide(&Facts { chain: Chain::Gone, ..further }), gone);
}
