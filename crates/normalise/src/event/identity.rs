/// Identifier, type and key of an event: three texts behind each other, in one piece of memory.
#[derive(Clone)]
pub(crate) struct EventIdentity {
    texts: Box<str>,
    /// Beginning of the type, behind the identifier.
    event_type: usize,
    /// Beginning of the key, behind the type.
    key: usize,
}

impl EventIdentity {
    pub(crate) fn new(event_id: &str, event_type: &str, key: &str) -> Self {
        Self {
            texts: [event_id, event_type, key].concat().into(),
            event_type: event_id.len(),
            key: event_id.len() + event_type.len(),
        }
    }

    pub(crate) fn event_id(&self) -> &str {
        self.texts.get(..self.event_type).unwrap_or_default()
    }

    pub(crate) fn event_type(&self) -> &str {
        self.texts.get(self.event_type..self.key).unwrap_or_default()
    }

    pub(crate) fn key(&self) -> &str {
        self.texts.get(self.key..).unwrap_or_default()
    }
}
