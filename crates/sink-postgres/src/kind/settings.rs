use std::{collections::BTreeMap, time::Duration};

use kalends_sink::{Context, RecordName};
use kalends_value::{Reference, Secret, duration, words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{TlsSetting, check::lacks_consent};
use crate::{ConnectSettings, Password, Settings, SettingsFault, Tls, TlsFiles, Use, table_name};

/// Tables of a PostgreSQL database.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PostgresSettings {
    /// Where the database is: `postgres://USER@HOST:PORT/DATABASE`. Of several hosts with commas between, the one that can be
    /// written to; never a password. Default `postgres://kalends@127.0.0.1:5432/kalends`. Since 0.2.
    pub url: String,
    /// The password. A file is read at each connect. A reference only. Default: none. Since 0.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The schema that has all tables; made when it is missing. Default `rokt`. Since 0.2.
    pub schema: String,
    /// Names of the tables. Since 0.2.
    pub tables: Tables,
    /// Whether the current state of each subscription is kept, and its views. Default true. Since 0.2.
    pub subscriptions: bool,
    /// Whether tables, columns and views that are missing are made; if not, the sink holds and names the statements. Default
    /// true. Since 0.2.
    pub migrate: bool,
    /// Longest time from a record's sending to its commit, which also comes after 5,000 rows or 8 MiB. Default 1 s. Since 0.2.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub commit_every: Duration,
    /// Longest time that a statement may run. Default 30 s. Since 0.2.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub statement_timeout: Duration,
    /// Longest time that a change of the schema waits for its lock, and readers of the table for it. Default 1 s. Since 0.2.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Written")]
    pub lock_timeout: Duration,
    /// What to do about a checkpoint older than noted, as a restored database has: `catch-up` goes on from where the database
    /// is, `hold` waits for somebody. Default `catch-up`. Since 0.2.
    pub behind: Behind,
    /// TLS towards the server, whose certificate is verified; `off` only for sockets and loopback addresses. Since 0.2.
    pub tls: TlsSetting,
}

/// Names of the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tables {
    /// What stands before the event type's own part of the name. Default: nothing. Since 0.2.
    pub prefix: String,
    /// Whole names of single tables by event type, such as `{ Subscribe: signups }`. Default: none. Since 0.2.
    pub names: BTreeMap<String, String>,
}

/// What to do about a checkpoint older than noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Go on from there: rows and position went back together.
    CatchUp,
    /// Wait for somebody.
    Hold,
}

words!(Behind { "catch-up" => CatchUp, "hold" => Hold });

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            url: "postgres://kalends@127.0.0.1:5432/kalends".into(),
            password: None,
            schema: "rokt".into(),
            tables: Tables::default(),
            subscriptions: true,
            migrate: true,
            commit_every: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(1),
            behind: Behind::CatchUp,
            tls: TlsSetting::default(),
        }
    }
}

impl PostgresSettings {
    /// The table of a record type.
    pub(super) fn table(&self, record: &RecordName) -> String {
        let named = self.tables.names.get(&record.name).cloned();
        named.unwrap_or_else(|| format!("{}{}", self.tables.prefix, table_name(&record.topic_suffix)))
    }

    pub(super) fn connect(&self) -> Result<ConnectSettings, SettingsFault> {
        let password = match self.password.as_ref() {
            None => Password::None,
            Some(secret) => match secret.reference() {
                Reference::File(path) => Password::File(path.clone()),
                Reference::Env(_) => Password::Given(secret.expose().to_owned()),
            },
        };
        let tls = match &self.tls {
            TlsSetting::Off => Tls::Off,
            TlsSetting::On(tls) => Tls::Verified(TlsFiles {
                ca: tls.ca.clone(),
                certificate: tls.certificate.clone(),
                key: tls.key.as_ref().map(|key| key.expose().to_owned()),
            }),
        };
        ConnectSettings::new(&self.url, password, tls)
    }

    /// What the sink of this context is to do.
    pub(super) fn in_context(&self, context: &Context<'_>) -> Result<Settings, SettingsFault> {
        Ok(Settings {
            sink: context.identity(),
            shard: context.shard.number(),
            connect: self.connect()?,
            schema: self.schema.clone(),
            subscriptions: self.subscriptions,
            marketing: !lacks_consent(context.altered),
            migrate: self.migrate,
            commit_every: self.commit_every,
            statement_timeout: self.statement_timeout,
            lock_timeout: self.lock_timeout,
            behind: self.behind,
            purpose: if context.replay.is_some() { Use::Replay } else { Use::Delivery },
        })
    }
}
