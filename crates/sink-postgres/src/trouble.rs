//! What went wrong, by what is to be done about it.

mod sqlstate;

use kalends_sink::Failure;

pub(crate) use sqlstate::{Class, class};

/// A call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It may work later by itself.
    Retry(String),
    /// Somebody has to act.
    Hold(String),
    /// The server refuses a row of the batch; which one, it does not say.
    Refused {
        /// The SQLSTATE.
        code: String,
        /// The server's words, without values.
        message: String,
    },
}

impl Trouble {
    pub(crate) fn retry(message: impl Into<String>) -> Self {
        Self::Retry(message.into())
    }

    pub(crate) fn hold(message: impl Into<String>) -> Self {
        Self::Hold(message.into())
    }

    /// Says before the message what was being done.
    pub(crate) fn during(self, what: &str) -> Self {
        let told = |message: String| format!("{what}: {message}");
        match self {
            Self::Retry(message) => Self::Retry(told(message)),
            Self::Hold(message) => Self::Hold(told(message)),
            Self::Refused { code, message } => Self::Refused { code, message: told(message) },
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Retry(message) => Self::retry(message),
            Trouble::Hold(message) => Self::hold(message),
            Trouble::Refused { code, message } => Self::Refused { code, message },
        }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(error) => of_server(error),
            None => of_connection(&error),
        }
    }
}

/// What the server said. Its `DETAIL` quotes values, so that only its message and the names of things are told.
fn of_server(error: &tokio_postgres::error::DbError) -> Trouble {
    let code = error.code().code();
    let names = [("table", error.table()), ("column", error.column()), ("constraint", error.constraint())];
    let place: Vec<String> =
        names.iter().filter_map(|(kind, name)| Some(format!(" {kind} {}", (*name)?))).collect();
    let words = sqlstate::without_values(code, error.message());
    let advice = sqlstate::advice(code);
    let message = format!("SQLSTATE {code}: {words}{}{advice}", place.concat());
    let known = sqlstate::Said {
        code,
        constraint: error.constraint(),
        schema: error.schema(),
        words: error.message(),
    };
    match class(&known) {
        Class::Retry => Trouble::Retry(message),
        Class::Hold => Trouble::Hold(message),
        Class::Refused => Trouble::Refused { code: code.to_owned(), message },
    }
}

/// No answer of the server: the connection failed, or never stood.
fn of_connection(error: &tokio_postgres::Error) -> Trouble {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    let mut untrusted = false;
    while let Some(cause) = source {
        untrusted |= is_certificate(cause);
        if !words.contains(&cause.to_string()) {
            words = format!("{words}: {cause}");
        }
        source = cause.source();
    }
    let needs_somebody = [
        "server does not support TLS",
        "invalid configuration",
        "password missing",
        "authentication error",
        "unsupported authentication",
    ];
    if untrusted || needs_somebody.iter().any(|phrase| words.contains(phrase)) {
        Trouble::Hold(words)
    } else {
        Trouble::Retry(words)
    }
}

fn is_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    use tokio_rustls::rustls::Error;
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let found = inner.and_then(|inner| inner.downcast_ref::<Error>()).or_else(|| error.downcast_ref());
    matches!(
        found,
        Some(Error::InvalidCertificate(_) | Error::AlertReceived(_) | Error::NoCertificatesPresented)
    )
}
