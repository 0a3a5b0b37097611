use super::{
    settings::{Credentials, Settings, SettingsError},
    tls,
};

/// Everything that is wrong with the settings. Reads the files that they name, and talks to nobody.
#[must_use]
pub fn check(settings: &Settings) -> Vec<SettingsError> {
    let mut faults: Vec<_> = settings.urls.iter().filter_map(|url| fault(url)).collect();
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
    faults.extend(tls::config(&settings.tls).err());
    faults
}

fn fault(url: &str) -> Option<SettingsError> {
    let wrong = |message: &str| Some(SettingsError::new("url", message));
    // The address itself is not repeated: there may be a password in it.
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return wrong(
            "an address begins with http:// or https://; write one such as http://localhost:8081, with commas between several",
        );
    };
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return wrong(
            "credentials are never written in an address; leave them out, and set username and password",
        );
    }
    if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
        return wrong("a base address has no white space, `?` or `#`; leave them out");
    }
    let has_port = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let is_port = has_port.is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    if authority.is_empty() || !is_port || url.parse::<ureq::http::Uri>().is_err() {
        return wrong("this is no address; write one such as http://localhost:8081");
    }
    None
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
