use std::io::{self, ErrorKind};

use kalends_admin::StartError;
use kalends_ingress::BindError;

use crate::output::{
    exit::{Exit, Failure},
    hints, instant,
};

/// Why the daemon could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal can't be opened.
    #[error(transparent)]
    Journal(#[from] kalends_journal_local::OpenError),
    /// The journal was not closed as it should be.
    #[error(transparent)]
    Close(kalends_journal::CloseError),
    /// A sync of the journal has failed.
    #[error(
        "a write to the journal's disk has failed: what is stored is known only after a restart; everything that was \
         acknowledged is safe; check the disk, then start again"
    )]
    Poisoned,
    /// A task has panicked.
    #[error(
        "a task of the daemon has panicked: this is a bug of kalends; everything that was acknowledged is safe"
    )]
    Panicked,
    /// The public listener can't be made.
    #[error("the public listener: {0}")]
    Public(#[from] BindError),
    /// A token can't be used.
    #[error(transparent)]
    Token(#[from] kalends_settings::TokenFault),
    /// A reload would make of the new configuration and of what has to wait for a restart something that `check` refuses.
    #[error(
        "together with what takes effect only at a start (listen.address, sizes, journal, schemas): {0}; restart instead of \
         reloading, or mend it"
    )]
    Mixture(String),
    /// A listener can't speak TLS.
    #[error("{listener}.tls.{source}")]
    Tls {
        /// The listener's key in the configuration.
        listener: &'static str,
        /// What is wrong.
        source: kalends_settings::server_tls::Fault,
    },
    /// The operator's listener can't be made.
    #[error("the admin listener: {0}")]
    Admin(#[from] StartError),
    /// A sink can't be made of its settings.
    #[error("sink {sink}: {source}")]
    Sink {
        /// The sink's name.
        sink: String,
        /// What is wrong with them.
        source: kalends_sink::BuildError,
    },
    /// Traces can't be exported as configured.
    #[error("telemetry.otlp.{key}: {message}")]
    Telemetry {
        /// The key under `telemetry.otlp`.
        key: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The exporter of traces can't be started.
    #[error(transparent)]
    Traces(kalends_trace::StartError),
    /// Delivery can't be started.
    #[error(transparent)]
    Delivery(#[from] kalends_delivery::StartError),
    /// The schemas make no plan.
    #[error(transparent)]
    Schemas(#[from] kalends_settings::schema_catalogue::Faults),
    /// Two metrics bear one name.
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The machine's clock is wrong beyond doubt.
    #[error("{}", instant::NO_DATE)]
    Clock,
    /// The runtime can't be made.
    #[error("can't start the runtime: {0}")]
    Runtime(#[source] io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match &error {
            Error::Journal(_) | Error::Close(_) | Error::Poisoned => Exit::Disk,
            Error::Public(BindError::Listen { source, .. })
            | Error::Admin(StartError::Listen { source, .. }) => {
                if may_pass(source) {
                    Exit::Unavailable
                } else {
                    Exit::Configuration
                }
            }
            Error::Public(_)
            | Error::Token(_)
            | Error::Mixture(_)
            | Error::Tls { .. }
            | Error::Sink { .. }
            | Error::Telemetry { .. }
            | Error::Delivery(kalends_delivery::StartError::Privacy(_))
            | Error::Schemas(_) => Exit::Configuration,
            // The clock may be set yet, and the system may have threads and file descriptors again.
            Error::Clock
            | Error::Admin(StartError::Thread(_))
            | Error::Traces(_)
            | Error::Runtime(_)
            | Error::Delivery(kalends_delivery::StartError::Thread(_)) => Exit::Unavailable,
            Error::Metrics(_) | Error::Panicked => Exit::Bug,
        };
        let way_out = match &error {
            Error::Journal(error) => hints::of_journal(error).to_owned(),
            Error::Public(BindError::Listen { source, .. }) => hints::of_address(source, "listen.address"),
            Error::Admin(StartError::Listen { source, .. }) => hints::of_address(source, "admin.address"),
            Error::Runtime(_) | Error::Delivery(kalends_delivery::StartError::Thread(_)) => {
                "; raise the limits of threads and open files (ulimit -u, ulimit -n)".to_owned()
            }
            _ => String::new(),
        };
        Self::new(exit, format!("{error}{way_out}"))
    }
}

/// Whether trying again later may help: another process has the address or the files, or the network is not there yet.
fn may_pass(error: &io::Error) -> bool {
    let is_out_of_files = hints::is_out_of_files(error);
    is_out_of_files
        || matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable | ErrorKind::OutOfMemory)
}
