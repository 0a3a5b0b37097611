use crate::dice::Dice;

/// Records of these subscriptions are refused by the destinations that have a will of their own.
pub(crate) const REJECTED_KEY: &str = "s-13";
/// Datums longer than this are refused there too.
pub(crate) const LARGEST_DATUM: usize = 2000;

/// A webhook that somebody sends, and what is to become of it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// In the order of making.
    pub(crate) number: usize,
    /// What makes it a duplicate of another; `None` for what is never one.
    pub(crate) fingerprint: Option<(u64, u64)>,
    pub(crate) topic: &'static str,
    /// What records are keyed by; `None` where the position is.
    pub(crate) key: Option<String>,
    /// The reason that a destination with a will of its own refuses it for.
    pub(crate) refused_for: Option<&'static str>,
    pub(crate) body: Vec<u8>,
}

/// Keys that events are ordered by.
const KEYS: u64 = 20;

impl Event {
    /// Some event: mostly a subscriber's, now and then something odd.
    pub(crate) fn any(number: usize, dice: &mut Dice) -> Self {
        let id = u64::try_from(number).unwrap();
        match dice.below(100) {
            0..80 => Self::of_a_subscriber(number, id, 0, dice),
            80..86 => Self::with(number, "dead-letter", None, None, &format!("no event {id}")),
            86..92 => {
                let body = format!(r#"{{"eventId":"t-{id}","eventType":"Test"}}"#);
                Self::with(number, "test", None, Some(format!("t-{id}")), &body)
            }
            92..96 => {
                let body = format!(r#"{{"eventId":"u-{id}","eventType":"Later","eventDetails":{{}}}}"#);
                Self::with(number, "unknown", Some((id, 0)), Some(format!("u-{id}")), &body)
            }
            _ => Self::too_large(number, id),
        }
    }

    fn of_a_subscriber(number: usize, id: u64, content: u64, dice: &mut Dice) -> Self {
        let (name, topic) = match id % 3 {
            0 => ("Subscribe", "subscribe"),
            1 => ("Unsubscribe", "unsubscribe"),
            _ => ("SubscriptionDetailsUpdated", "subscription-details-updated"),
        };
        let key = format!("s-{}", (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % KEYS);
        let filler = "x".repeat(usize::try_from(id % 7 * 40).unwrap());
        let details = format!(
            r#""eventDetails":{{"subscription":{{"calendarSubscriptionId":"{key}","accountName":"{content}{filler}"}}}}"#
        );
        let head = format!(r#""eventId":"e-{id}""#);
        let kind = format!(r#""eventType":"{name}""#);
        // The order of keys and white space make no other event.
        let body = match dice.below(3) {
            0 => format!("{{{head},{kind},{details}}}"),
            1 => format!("{{ {kind}, {head},\n{details} }}"),
            _ => format!("{{{details},{head},{kind}}}"),
        };
        let refused = (key == REJECTED_KEY).then_some("rejected-by-sink");
        Self { refused_for: refused, ..Self::with(number, topic, Some((id, content)), Some(key), &body) }
    }

    fn too_large(number: usize, id: u64) -> Self {
        let body = format!(
            r#"{{"eventId":"l-{id}","eventType":"Subscribe","eventDetails":{{"subscription":{{"accountName":"{}"}}}}}}"#,
            "y".repeat(LARGEST_DATUM)
        );
        let event = Self::with(number, "subscribe", Some((id, 1)), Some(format!("l-{id}")), &body);
        Self { refused_for: Some("too-large"), ..event }
    }

    fn with(
        number: usize,
        topic: &'static str,
        fingerprint: Option<(u64, u64)>,
        key: Option<String>,
        body: &str,
    ) -> Self {
        Self { number, fingerprint, topic, key, refused_for: None, body: body.as_bytes().to_vec() }
    }

    /// The same event once more, perhaps in other words, perhaps with other content under the same id.
    pub(crate) fn again(&self, number: usize, dice: &mut Dice) -> Self {
        match self.fingerprint {
            Some((id, content)) if self.key.as_deref().is_some_and(|key| key.starts_with("s-")) => {
                let content = if dice.permille(150) { content + 1 } else { content };
                Self::of_a_subscriber(number, id, content, dice)
            }
            _ => Self { number, ..self.clone() },
        }
    }
}
