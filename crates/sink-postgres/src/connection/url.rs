use tokio_postgres::{Config, config::Host};

/// The address of a database can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct SettingsFault {
    /// The key that is at fault: `url`, `tls` or one below it.
    pub key: &'static str,
    /// What is wrong with it, and what to do. It quotes no part of the address.
    pub message: String,
}

impl SettingsFault {
    pub(super) fn remote_without_tls() -> Self {
        let message = "TLS may be off only for sockets and loopback addresses: what is sent holds personal data; remove `tls`, or \
                       name the authority that signed the server's certificate in `tls.ca`";
        Self::of("tls", message.to_owned())
    }

    pub(super) fn of(key: &'static str, message: String) -> Self {
        Self { key, message }
    }
}

/// Reads an address, without defaults of the environment.
pub(super) fn parse(address: &str) -> Result<Config, SettingsFault> {
    let fault = |message: &str| SettingsFault { key: "url", message: message.to_owned() };
    let rest = address.strip_prefix("postgres://").or_else(|| address.strip_prefix("postgresql://"));
    let Some(rest) = rest else {
        return Err(fault("want postgres://USER@HOST:PORT/DATABASE"));
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let keys =
        query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or(pair));
    for key in keys {
        match key {
            "application_name" => {}
            "password" => return Err(password_inside()),
            _ => {
                return Err(fault(
                    "it may carry `application_name` behind the question mark, and nothing else",
                ));
            }
        }
    }
    let config: Config = address
        .parse()
        .map_err(|_| fault("this is no address of a database: want postgres://USER@HOST:PORT/DATABASE"))?;
    if config.get_password().is_some() {
        return Err(password_inside());
    }
    if config.get_user().is_none_or(str::is_empty) {
        return Err(fault("it names no user: want postgres://USER@HOST:PORT/DATABASE"));
    }
    if config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(name) if name.is_empty()))
        || config.get_hosts().is_empty()
        || place.is_empty()
    {
        return Err(fault("it names no host: want postgres://USER@HOST:PORT/DATABASE"));
    }
    Ok(config)
}

fn password_inside() -> SettingsFault {
    let message =
        "a password does not belong into it: put it into `password: { file: … }` or `password: { env: … }`";
    SettingsFault { key: "url", message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{ConnectSettings, Password, Tls},
        *,
    };

    fn told(address: &str) -> String {
        parse(address).unwrap_err().to_string()
    }

    #[test]
    fn an_address_names_user_hosts_and_database() {
        let config = parse("postgres://kalends@a:1,b:2/marketing?application_name=x").unwrap();
        assert_eq!((config.get_hosts().len(), config.get_dbname()), (2, Some("marketing")));
        assert_eq!(config.get_application_name(), Some("x"));
        assert!(parse("postgresql://kalends@%2Frun%2Fpostgresql/db").is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_quoted() {
        assert!(told("mysql://a").contains("want postgres://"));
        assert!(
            told("postgres://u:hunter2@h/d").contains("does not belong"),
            "{}",
            told("postgres://u:hunter2@h/d")
        );
        assert!(told("postgres://u@h/d?password=hunter2").contains("does not belong"));
        assert!(told("postgres://u@h/d?sslmode=disable").contains("application_name"));
        assert!(told("postgres://h/d").contains("no user"));
        assert!(told("postgres://u@h:hunter2/d").contains("no address"));
        for address in
            ["postgres://u:hunter2@h/d", "postgres://u@h:hunter2/d", "postgres://u@h/d?password=hunter2"]
        {
            assert!(!told(address).contains("hunter2"));
        }
    }

    #[test]
    fn tls_may_be_off_for_sockets_and_loopback_alone() {
        let with = |address: &str| ConnectSettings::new(address, Password::None, Tls::Off);
        for address in ["postgres://u@127.0.0.1/d", "postgres://u@localhost/d", "postgres://u@%2Frun/d"] {
            assert!(with(address).is_ok(), "{address}");
        }
        assert!(with("postgres://u@db.internal/d").is_err());
        assert!(with("postgres://u@127.0.0.1,db.internal/d").is_err());
    }
}
