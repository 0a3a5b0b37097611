use kalends_outgoing::check_address;

use super::settings::{Credentials, Settings, SettingsError};

const EXAMPLE: &str = "http://localhost:8081, with commas between several";

/// Everything that is wrong with the settings. Reads the files that they name, and talks to nobody.
#[must_use]
pub fn check(settings: &Settings) -> Vec<SettingsError> {
    let fault = |url: &String| {
        let fault = check_address(url).err()?;
        Some(SettingsError::new("url", fault.advise(EXAMPLE, "set username and password")))
    };
    let mut faults: Vec<_> = settings.urls.iter().filter_map(fault).collect();
    if settings.urls.is_empty() {
        faults.push(SettingsError::new("url", "write the registry's address, such as http://localhost:8081"));
    }
    let is_secure = settings.urls.iter().any(|url| url.starts_with("https://"));
    if !is_secure && (settings.tls.ca.is_some() || settings.tls.identity.is_some()) && faults.is_empty() {
        faults
            .push(SettingsError::new("tls", "no url begins with https://, so nothing of this would be used"));
    }
    match &settings.credentials {
        Credentials::Basic { user, .. } if user.contains(':') => {
            faults.push(SettingsError::new("username", "a name for Basic authentication has no colon"));
        }
        Credentials::Bearer(token) if !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            faults.push(SettingsError::new(
                "token",
                "the token has white space or another character that is not visible ASCII",
            ));
        }
        _ => {}
    }
    faults.extend(settings.tls.read().err().map(SettingsError::from));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(urls: &[&str]) -> Vec<SettingsError> {
        check(&Settings::new(urls.iter().map(|url| (*url).to_owned()).collect()))
    }

    #[test]
    fn an_address_that_no_request_could_go_to_is_refused_without_repeating_it() {
        for url in
            ["", "x", "localhost:8081", "http://", "http:///x", "http://a b", "http://a?b", "http://a:b"]
        {
            assert_eq!(faults(&[url]).len(), 1, "{url}");
        }
        let fault = &faults(&["https://kalends:hunter2@registry:8081"])[0];
        assert!(fault.to_string().contains("username") && !fault.to_string().contains("hunter2"), "{fault}");
        assert_eq!(faults(&["http://[::1]:8081/apis/ccompat/v7/", "https://registry"]), []);
    }

    #[test]
    fn tls_that_could_never_be_spoken_is_refused() {
        let mut settings = Settings::new(vec!["http://a".into()]);
        settings.tls.ca = Some("nowhere.pem".into());
        let keys: Vec<_> = check(&settings).iter().map(|fault| fault.key).collect();
        assert_eq!(keys, ["tls", "tls.ca"]);
    }
}
