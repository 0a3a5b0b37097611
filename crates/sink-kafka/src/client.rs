use std::{sync::Arc, time::Instant};

use rdkafka::{
    ClientContext, Message as _, Statistics,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
    message::DeliveryResult,
    producer::ProducerContext,
};

use crate::{
    errors::{advise, classify},
    metrics::SinkMetrics,
};

mod block_on;
mod delivery_reports;
mod last_error;
mod log_limiter;
mod statistics;

pub(crate) use block_on::block_on;
use delivery_reports::DeliveryReports;
pub(crate) use delivery_reports::{Losses, Undelivered};
pub(crate) use last_error::LastError;
pub(crate) use log_limiter::LogLimiter;
use log_limiter::without_timing;

/// Under this the client logs why a partition can't be part of a transaction; no error of it says which one it was.
const ADD_PARTITION: &str = "ADDPARTS";
/// Under this it logs why a connection came to an end.
const FAILED: &str = "FAIL";
/// The topic was not looked at, for another one's sake.
const NOT_ATTEMPTED: &str = "not attempted";

/// Receiver of librdkafka's reports: one for all clients of one connection. Clones share it.
#[derive(Clone)]
pub(crate) struct Client(Arc<Reports>);

struct Reports {
    sink: String,
    metrics: SinkMetrics,
    last_error: LastError,
    deliveries: DeliveryReports,
    log_limiter: Arc<LogLimiter>,
}

impl Client {
    /// `log_limiter` is what the sink's clients have logged before.
    pub(crate) fn new(sink: String, metrics: SinkMetrics, log_limiter: Arc<LogLimiter>) -> Self {
        let (last_error, deliveries) = (LastError::default(), DeliveryReports::default());
        Self(Arc::new(Reports { sink, metrics, last_error, deliveries, log_limiter }))
    }

    pub(crate) fn metrics(&self) -> &SinkMetrics {
        &self.0.metrics
    }

    pub(crate) fn last_error(&self) -> &LastError {
        &self.0.last_error
    }

    pub(crate) fn delivery_reports(&self) -> &DeliveryReports {
        &self.0.deliveries
    }
}

impl ClientContext for Client {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let sink = self.0.sink.as_str();
        if facility == ADD_PARTITION && !message.contains(NOT_ATTEMPTED) {
            self.0.last_error.note_partition(message);
        }
        if facility == FAILED {
            let line = message.split_once("]: ").map_or(message, |(_, line)| line);
            self.0.last_error.note_closed(&without_timing(line));
        }
        // Every client gets all properties; that a consumer has no use for a producer's is no news.
        let level = if facility == "CONFWARN" { RDKafkaLogLevel::Debug } else { level };
        if matches!(level, RDKafkaLogLevel::Debug) {
            return tracing::debug!(sink, facility, "{message}");
        }
        let Some(not_told) = self.0.log_limiter.note(message, Instant::now()) else {
            return tracing::debug!(sink, facility, "again: {message}");
        };
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => tracing::warn!(sink, facility, not_told, "{message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
                tracing::info!(sink, facility, not_told, "{message}");
            }
        }
    }

    fn stats(&self, statistics: Statistics) {
        statistics::show(&statistics, &self.0.metrics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.last_error.note(&error, &without_timing(reason));
        tracing::debug!(sink = self.0.sink.as_str(), %error, "{reason}");
    }
}

impl ConsumerContext for Client {}

impl ProducerContext for Client {
    /// The record's journal position; 0 for a record of the checkpoint topic.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, position: usize) {
        if let Err((error, message)) = result {
            self.0.deliveries.note(Undelivered {
                position: u64::try_from(position).unwrap_or(u64::MAX),
                topic: message.topic().to_owned(),
                class: classify(error),
                is_about_time: error.rdkafka_error_code() == Some(RDKafkaErrorCode::InvalidTimestamp),
                message: advise(error),
            });
        }
    }
}
