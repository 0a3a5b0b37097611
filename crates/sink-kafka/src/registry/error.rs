/// A part of what is said of a connection that came to nothing, and what somebody can do about it.
const REMEDIES: [(&str, &str); 7] = [
    (
        "invalid peer certificate",
        "check `tls.ca` under `schema_registry`, the authorities that signed its certificate, and that `url` calls it as that does",
    ),
    ("InvalidContentType", "it speaks no TLS there: begin `url` with http://, or name its port for TLS"),
    (
        "fatal alert",
        "it wants a client's certificate that it trusts: check `tls.certificate` and `tls.key` under `schema_registry`",
    ),
    ("Peer disconnected", HANGS_UP),
    ("Connection reset", HANGS_UP),
    ("Broken pipe", HANGS_UP),
    ("close_notify", HANGS_UP),
];

const HANGS_UP: &str = "it hangs up: begin `url` with https:// if it speaks TLS, and check `tls.certificate` and `tls.key` under \
                        `schema_registry` if it wants a client's certificate";

fn hint(reasons: &str) -> &'static str {
    let found = REMEDIES.iter().find(|(part, _)| reasons.contains(part));
    found.map_or(
        "check that it runs, and that `schema_registry.url` and the network lead to it",
        |(_, hint)| hint,
    )
}

/// Failure of a registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// None of its addresses gives an answer (or they answer 5xx): it may by itself, later.
    #[error("the schema registry doesn't answer: {reasons}; {}", hint(reasons))]
    Silent {
        /// Each address with what happened there.
        reasons: String,
    },
    /// The registry doesn't know who asks, or grants them nothing (401, 403).
    #[error(
        "schema registry {url} refuses the credentials ({status}{said}): check username, password, token or client certificate, \
         and the rights to read (and for registering, write) subjects"
    )]
    Denied {
        /// The address.
        url: String,
        /// The status code.
        status: u16,
        /// Its words, behind a colon.
        said: String,
    },
    /// Something else answers there.
    #[error(
        "{url} answers, but not as a schema registry does ({what}): check the address, and whether it lacks a path, such as \
         /apis/ccompat/v7 for Apicurio"
    )]
    Stranger {
        /// The address.
        url: String,
        /// Its answer.
        what: String,
    },
    /// The schema can't stand beside its subject's older ones (409).
    #[error(
        "subject {subject:?} doesn't take the schema: it is not compatible with its older versions{said}"
    )]
    Incompatible {
        /// The subject.
        subject: String,
        /// Its words, behind a colon.
        said: String,
    },
    /// The registry takes no schema at present: 422 with a code of its own, or 409 as for one that is not compatible.
    #[error(
        "schema registry {url} is read-only ({status}{said}): let it take schemas again, or have it learn them from where they are \
         registered"
    )]
    ReadOnly {
        /// The address.
        url: String,
        /// The status code.
        status: u16,
        /// Its words, behind a colon.
        said: String,
    },
    /// The registry answers, and refuses.
    #[error("schema registry {url} refuses: {status}{said}")]
    Refused {
        /// The address.
        url: String,
        /// The status code.
        status: u16,
        /// Its words, behind a colon.
        said: String,
    },
    /// The settings can't be used.
    #[error(transparent)]
    Settings(#[from] super::settings::SettingsError),
}
