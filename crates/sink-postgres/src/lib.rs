//! PostgreSQL as a destination: rows, checkpoint and the state of subscriptions in one transaction.
//!
//! Every event type has a table that is only added to; `checkpoints` says how far the sink has got and who may write;
//! `subscription_state` has what is known of each subscription now. Only unnamed statements are used, so that any pooler
//! serves, and every call has a deadline on this side too.

mod claim;
mod claimant;
mod commit;
mod connection;
mod ddl;
mod kind;
mod metrics;
mod name;
mod preflight;
mod settings;
mod sink;
mod state;
mod table;
mod trouble;

pub use connection::{ConnectSettings, Password, SettingsFault, Tls, TlsFiles};
pub use ddl::statements;
pub use kind::{Behind, Postgres, PostgresSettings, Tables, TlsSetting};
pub use metrics::Metrics;
pub use name::{LONGEST_NAME, OWN_NAMES, table_name};
pub use preflight::{Findings, preflight};
pub use settings::{Settings, Use};
pub use sink::PostgresSink;
pub use state::rebuild;
