//! The page for people: one file, which reads `/status` by itself.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::header::HeaderValue;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(
    "\"use strict\";\n",
    include_str!("page/words.js"),
    include_str!("page/chart.js"),
    include_str!("page/page.js"),
);

/// The page, and what a browser may do for it: run this very script, use this very style, and ask this listener.
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) policy: HeaderValue,
}

/// The only one there is.
pub(crate) static PAGE: LazyLock<Page> = LazyLock::new(|| Page {
    html: include_str!("page/page.html").replace("/*style*/", STYLE).replace("/*script*/", SCRIPT),
    policy: policy(),
});

#[expect(clippy::expect_used, reason = "made of constants, and a test makes it")]
fn policy() -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        source(SCRIPT),
        source(STYLE),
    );
    HeaderValue::from_str(&policy).expect("a policy is plain ASCII")
}

/// Names a part of the page for the policy.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
