use rdkafka::Statistics;

use crate::metrics::SinkMetrics;

/// Shows what the client says of itself.
pub(crate) fn show(statistics: &Statistics, metrics: &SinkMetrics) {
    // Entries without a node id are addresses from the configuration, listed beside the brokers behind them.
    let up = statistics.brokers.values().filter(|broker| broker.nodeid >= 0 && broker.state == "UP").count();
    metrics.brokers_up.set(i64::try_from(up).unwrap_or(i64::MAX));
    metrics.queued.set(i64::try_from(statistics.msg_cnt).unwrap_or(i64::MAX));
}
