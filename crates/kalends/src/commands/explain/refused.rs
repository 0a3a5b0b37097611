use kalends_settings::Size;
use serde_json::{Value, json};

/// A body that the listener doesn't store, and so nothing becomes of it.
#[derive(Debug)]
pub(super) struct Refused {
    status: u16,
    /// As metrics and log name it.
    reason: &'static str,
    message: String,
}

impl Refused {
    /// Why a listener that takes bodies of up to `largest` doesn't take this one; `None` when it does.
    pub(super) fn of(body: &[u8], largest: Size) -> Option<Self> {
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        if bytes == 0 {
            let message = "an empty body is not stored".to_owned();
            return Some(Self { status: 400, reason: "empty", message });
        }
        (bytes > largest.bytes()).then(|| {
            let message = format!("{bytes} bytes, and listen.max_body is {largest}");
            Self { status: 413, reason: "too-large", message }
        })
    }

    /// For people.
    pub(super) fn line(&self) -> String {
        format!("refused      {} {}: {}", self.status, self.reason, self.message)
    }

    /// For programs; `body` says which body it is of.
    pub(super) fn json(&self, body: &str) -> Value {
        let refused = json!({ "status": self.status, "reason": self.reason, "message": self.message });
        json!({ "body": body, "refused": refused })
    }
}
