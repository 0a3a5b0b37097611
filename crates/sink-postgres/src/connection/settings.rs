use std::{fmt, path::PathBuf, time::Duration};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

use super::{Tls, url};
use crate::{connection::SettingsFault, trouble::Trouble};

/// Where a database is and how it is spoken to.
#[derive(Debug, Clone)]
pub struct ConnectSettings {
    pub(super) base: Config,
    /// The password, where the server wants one.
    pub password: Password,
    /// Whether the server's certificate is checked, and by whom it must be signed.
    pub tls: Tls,
}

/// A password.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// None is sent.
    None,
    /// This one.
    Given(String),
    /// What the file has at each connect, without white space at its ends: what rotates it needs no restart.
    File(PathBuf),
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Given(_) => f.write_str("Given"),
            Self::File(path) => write!(f, "File({})", path.display()),
        }
    }
}

impl ConnectSettings {
    /// Reads `postgres://USER@HOST:PORT,HOST:PORT/DATABASE?application_name=NAME`.
    ///
    /// # Errors
    /// [`SettingsFault`] when it is no such address, or holds a password.
    pub fn new(address: &str, password: Password, tls: Tls) -> Result<Self, SettingsFault> {
        let base = url::parse(address)?;
        if tls == Tls::Off && !base.get_hosts().iter().all(is_local) {
            return Err(SettingsFault::remote_without_tls());
        }
        Ok(Self { base, password, tls })
    }

    /// Reads the files that TLS needs, as each connect does.
    ///
    /// # Errors
    /// [`SettingsFault`] names the key whose file can't be used.
    pub fn check_tls(&self) -> Result<(), SettingsFault> {
        match &self.tls {
            Tls::Verified(files) if files.ca.is_some() || files.certificate.is_some() => {
                self.tls.client_config().map(drop)
            }
            Tls::Off | Tls::Verified(_) => Ok(()),
        }
    }

    /// The database's name, and the hosts in the order in which they are tried.
    #[must_use]
    pub fn place(&self) -> String {
        let ports = self.base.get_ports();
        let port = |index: usize| ports.get(index).or_else(|| ports.first()).copied().unwrap_or(5432);
        let hosts = self.base.get_hosts().iter().enumerate().map(|(index, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(index)),
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        format!(
            "database {} at {}",
            self.base.get_dbname().unwrap_or("of the user's name"),
            hosts.join(" or ")
        )
    }

    pub(super) fn config(&self, connect: Duration, silent: Duration) -> Result<Config, Trouble> {
        let mut config = self.base.clone();
        if config.get_application_name().is_none() {
            config.application_name("kalends");
        }
        match &self.password {
            Password::None => {}
            Password::Given(password) => drop(config.password(password)),
            Password::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Trouble::hold(format!("the password's file {} can't be read: {error}", path.display()))
                })?;
                config.password(text.trim());
            }
        }
        let over_network = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
        let encrypted = self.tls != Tls::Off && over_network;
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(connect).tcp_user_timeout(silent).keepalives_idle(Duration::from_mins(1));
        if config.get_hosts().len() > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(config)
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    }
}
