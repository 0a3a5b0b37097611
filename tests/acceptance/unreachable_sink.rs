//! A sink without its destination: it waits, and nothing else does.

use kalends_tests::{Installation, config, event, wait::PATIENCE, wait_until};

#[test]
fn a_slow_sink_keeps_nothing_from_being_received() {
    let installation = Installation::new(&config::files_and_kafka("127.0.0.1:9")).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post(event::webhook("one", 0)).unwrap();
    daemon.wait_until_delivered(&["files"]).unwrap();
    wait_until("the lag of the sink without a broker", PATIENCE, || {
        let lag = daemon.metrics()?.value(r#"kalends_sink_lag_events{sink="kafka"}"#);
        Ok((lag == Some(1.0)).then_some(()))
    })
    .unwrap();
    assert_eq!(daemon.get("/readyz").unwrap().status, 200, "a broker that is down keeps it ready");
}
