//! One connection, each of whose calls ends by a deadline.

mod settings;
mod tls;
mod url;

use std::{pin::pin, time::Duration};

use tokio::time::timeout;
use tokio_postgres::{
    Client, NoTls, Row,
    config::SslMode,
    types::{ToSql, Type},
};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use settings::{ConnectSettings, Password};
pub use tls::{Tls, TlsFiles};
pub use url::SettingsFault;

use crate::trouble::Trouble;

/// Longest time to reach one host, TLS and log-in included.
const CONNECT: Duration = Duration::from_secs(10);

/// How much longer this side waits for a statement than the server lets it run.
const GRACE: Duration = Duration::from_secs(5);

/// A value and its type.
pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A value with its type, so that the server needs not be asked for it.
pub(crate) fn typed<T: ToSql + Sync>(value: &T, ty: Type) -> Parameter<'_> {
    (value, ty)
}

/// One connection. It is given up for good when a call has failed.
pub(crate) struct Connection {
    client: Client,
    deadline: Duration,
    statement_timeout: Duration,
}

impl Connection {
    /// Connects to the first host that can be written to.
    ///
    /// # Errors
    /// [`Trouble::Retry`] when nobody answers, [`Trouble::Hold`] when somebody refuses for good.
    pub(crate) async fn open(
        settings: &ConnectSettings,
        statement_timeout: Duration,
    ) -> Result<Self, Trouble> {
        let deadline = statement_timeout + GRACE;
        let config = settings.config(CONNECT, deadline)?;
        let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(u32::MAX);
        let connecting = async {
            if config.get_ssl_mode() == SslMode::Disable {
                let (client, driver) = config.connect(NoTls).await?;
                tokio::spawn(driver);
                return Ok(client);
            }
            let tls = MakeRustlsConnect::new(
                settings.tls.client_config().map_err(|fault| Trouble::Hold(fault.to_string()))?,
            );
            let (client, driver) = config.connect(tls).await?;
            tokio::spawn(driver);
            Ok::<_, Trouble>(client)
        };
        let client = timeout(CONNECT.saturating_mul(hosts), connecting)
            .await
            .map_err(|_| Trouble::retry(format!("no answer within {} s", CONNECT.as_secs())))?;
        Ok(Self { client: client?, deadline, statement_timeout })
    }

    /// Runs statements that have no parameters and no result.
    pub(crate) async fn run(&self, statements: &str) -> Result<(), Trouble> {
        self.within(self.client.batch_execute(statements)).await
    }

    /// Begins a transaction whose statements may not run for longer than the settings allow, nor wait longer for a lock
    /// than `lock_timeout` allows.
    pub(crate) async fn begin(&self, lock_timeout: Option<Duration>) -> Result<(), Trouble> {
        let mut statements = format!(
            "BEGIN; SET LOCAL statement_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = {}",
            self.statement_timeout.as_millis(),
            self.deadline.as_millis()
        );
        if let Some(lock_timeout) = lock_timeout {
            statements = format!("{statements}; SET LOCAL lock_timeout = {}", lock_timeout.as_millis());
        }
        self.run(&statements).await
    }

    /// Runs one statement, unnamed. Returns the number of rows that it touched.
    pub(crate) async fn execute(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<u64, Trouble> {
        self.within(self.client.execute_typed(statement, parameters)).await
    }

    /// Runs one query, unnamed.
    pub(crate) async fn query(&self, query: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Trouble> {
        self.within(self.client.query_typed(query, parameters)).await
    }

    async fn within<T>(
        &self,
        call: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Trouble> {
        match timeout(self.deadline, pin!(call)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Trouble::retry(format!("no answer within {} s", self.deadline.as_secs()))),
        }
    }
}
