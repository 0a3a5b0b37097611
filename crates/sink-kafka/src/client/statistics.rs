use std::time::Duration;

use rdkafka::Statistics;

use crate::metrics::{SinkMetrics, TransactionState};

/// Shows what the client says of itself.
pub(crate) fn show(statistics: &Statistics, metrics: &SinkMetrics) {
    // Entries without a node id are addresses from the configuration, listed beside the brokers behind them.
    let brokers = || statistics.brokers.values().filter(|broker| broker.nodeid >= 0);
    let up = brokers().filter(|broker| broker.state == "UP").count();
    metrics.brokers_up.set(i64::try_from(up).unwrap_or(i64::MAX));
    let slowest = brokers().filter_map(|broker| broker.rtt.as_ref()).map(|rtt| rtt.p99).max();
    let micros = slowest.and_then(|micros| u64::try_from(micros).ok()).unwrap_or_default();
    metrics.round_trip.set(Duration::from_micros(micros).as_secs_f64());
    metrics.queued.set(i64::try_from(statistics.msg_cnt).unwrap_or(i64::MAX));
    metrics.queued_bytes.set(i64::try_from(statistics.msg_size).unwrap_or(i64::MAX));
    let word = statistics.eos.as_ref().map_or("", |eos| eos.txn_state.as_str());
    metrics.transaction_state(TransactionState::read(word));
}

#[cfg(test)]
mod tests {
    use rdkafka::statistics::{Broker, ExactlyOnceSemantics, Window};

    use super::*;
    use crate::Metrics;

    fn broker(nodeid: i32, state: &str, p99: i64) -> Broker {
        let rtt = Some(Window { p99, ..Window::default() });
        Broker { nodeid, state: state.to_owned(), rtt, ..Broker::default() }
    }

    #[test]
    fn brokers_are_counted_and_the_slowest_round_trip_stands_for_all() {
        let metrics = Metrics::default().of_sink("kafka");
        let brokers = [broker(-1, "UP", 9_000_000), broker(1, "UP", 2_000), broker(2, "DOWN", 30_000)];
        let brokers = brokers.into_iter().map(|broker| (broker.nodeid.to_string(), broker)).collect();
        let eos = Some(ExactlyOnceSemantics { txn_state: "InTransaction".into(), ..Default::default() });
        show(&Statistics { brokers, eos, msg_cnt: 7, msg_size: 900, ..Statistics::default() }, &metrics);
        assert_eq!((metrics.brokers_up.get(), metrics.queued.get(), metrics.queued_bytes.get()), (1, 7, 900));
        assert!((metrics.round_trip.get() - 0.03).abs() < 1e-9);
        let shown = |state| metrics.states.iter().find(|(known, _)| *known == state).map(|(_, g)| g.get());
        assert_eq!(shown(TransactionState::Open), Some(1));
        assert_eq!(shown(TransactionState::Ready), Some(0));
    }
}
