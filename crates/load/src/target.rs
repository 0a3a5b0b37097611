use hyper::Uri;

/// Target of the posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    /// Value of the `Host` header.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// What to write instead.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{url}` can't be posted to; write http://HOST:PORT/PATH (https is not supported)");
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong());
        }
        let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
        let authority = uri.authority().ok_or_else(wrong)?.as_str();
        // A name or password before the host would go out in the Host header.
        if authority.contains('@') {
            return Err(wrong());
        }
        Ok(Self {
            host,
            port: uri.port_u16().unwrap_or(80),
            authority: authority.to_owned(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("http://[::1]:8081/a/b?token=x").unwrap();
        assert_eq!((target.host.as_str(), target.port), ("::1", 8081));
        assert_eq!((target.authority.as_str(), target.path.as_str()), ("[::1]:8081", "/a/b?token=x"));
        assert_eq!(Target::parse("http://localhost").unwrap().port, 80);
    }

    #[test]
    fn what_can_not_be_posted_to_is_refused() {
        for url in
            ["", "localhost:8080", "https://localhost/", "http://", "http://user:pass@localhost/", "/path"]
        {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}
