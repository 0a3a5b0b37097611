//! Allocations of storing and reading a receipt: none. `docs/develop/performance.md` has the limits.

use kalends_receipt::{Envelope, Receipt};

const ENVELOPE: Envelope<'static> = Envelope {
    endpoint: "main",
    received_at: 1_588_727_930_120_999,
    traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    tracestate: Some("vendor=1"),
};

#[test]
fn a_head_goes_into_the_room_that_is_there_and_is_read_without_a_copy() {
    let mut bytes = Vec::with_capacity(256);
    let cost = allocation_counter::measure(|| {
        ENVELOPE.write_head(&mut bytes);
        assert_eq!(Receipt::decode(&bytes), Ok(Receipt { envelope: ENVELOPE, body: &[] }));
    });
    assert_eq!(cost.count_total, 0, "{cost:?}");
}
