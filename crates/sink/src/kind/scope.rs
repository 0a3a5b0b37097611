use kalends_value::nearest;

/// The name of a record type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordName {
    /// Name without namespace, such as `SubscriptionEventAdded`.
    pub name: String,
    /// The record's name as the end of a topic's name, such as `subscription-event-added`.
    pub topic_suffix: String,
    /// Whether it is the record type of dead letters, of which each sink has its own.
    pub is_dead_letter: bool,
    /// Whether the sink takes it.
    pub is_taken: bool,
    /// The names of the record's fields, in their order.
    pub fields: Vec<String>,
}

/// The surroundings in which a sink's settings are checked.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The sink's name in the configuration.
    pub sink: &'a str,
    /// Every record type; `None` when the schemas could not be read, which is reported elsewhere.
    pub records: Option<&'a [RecordName]>,
    /// Fields of any record type whose values the sink's privacy may change.
    pub altered: &'a [String],
}

impl Scope<'_> {
    /// A record type's own spelling; case does not count, because names of environment variables have none. A word stays as it is
    /// while the record types are not known.
    ///
    /// # Errors
    /// There is no such record type, and which may have been meant.
    pub fn spelling(&self, word: &str) -> Result<String, String> {
        let Some(records) = self.records else { return Ok(word.to_owned()) };
        let same = records.iter().find(|record| record.name.eq_ignore_ascii_case(word));
        same.map(|record| record.name.clone()).ok_or_else(|| {
            let known: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
            nearest("event type", word, &known)
        })
    }
}
