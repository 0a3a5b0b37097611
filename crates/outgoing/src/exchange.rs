use std::io::Read;

use ureq::{Body, http::Response};

/// A request with headers and a body of its own.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// Where it goes.
    pub url: &'a str,
    /// Headers beside those of the client, content type among them.
    pub headers: &'a [(String, String)],
    /// The body; a GET has none.
    pub body: &'a [u8],
}

/// A server's answer, as far as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values that are text.
    pub headers: Vec<(String, String)>,
    /// The body, up to the client's bound.
    pub body: Vec<u8>,
    /// Whether the body is whole: neither larger than the bound nor broken off.
    pub is_whole: bool,
}

impl Reply {
    /// Reads an answer. One whose body breaks off or has no end is still an answer: its status has come.
    pub(crate) fn read(response: Response<Body>, bound: u64) -> Self {
        let status = response.status().as_u16();
        let text = |value: &ureq::http::HeaderValue| value.to_str().ok().map(str::to_owned);
        let headers = response.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)));
        let headers = headers.collect();
        let mut body = Vec::new();
        let read = response.into_body().into_reader().take(bound + 1).read_to_end(&mut body);
        let fits = u64::try_from(body.len()).is_ok_and(|length| length <= bound);
        body.truncate(usize::try_from(bound).unwrap_or(usize::MAX));
        Self { status, headers, body, is_whole: read.is_ok() && fits }
    }

    /// The value of a header, whose name is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
