use std::{collections::BTreeSet, fmt, io};

use kalends_normalise::{Event, Field, Personal, Plan};

use super::{
    list::random,
    mentions::{self, Text},
};
use crate::{
    privacy::{Digest, Key, can_hold_anything},
    scan::decoder::{Content, DecodedEvent},
};

/// The field that names a subscription.
const SUBSCRIPTION: &str = "calendar_subscription_id";

/// An identification of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// An e-mail address, case aside.
    Email(String),
    /// A calendar subscription's identifier, case aside.
    Subscription(String),
    /// The identifier of the person in another system, exactly as sent.
    ExternalId(String),
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Person {
    /// The text that is hashed: what is compared, behind the kind of thing that it is.
    fn text(&self) -> String {
        match self {
            Self::Email(text) => format!("email {}", text.trim().to_lowercase()),
            Self::Subscription(text) => format!("subscription {}", text.trim().to_lowercase()),
            Self::ExternalId(text) => format!("external_id {}", text.trim()),
        }
    }
}

/// Hashes of forgotten people, and the key that they are made with.
#[derive(Clone, Default)]
pub struct ForgottenPeople {
    key: Option<Digest>,
    hashes: BTreeSet<String>,
}

impl fmt::Debug for ForgottenPeople {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForgottenPeople").field("entries", &self.hashes.len()).finish_non_exhaustive()
    }
}

impl ForgottenPeople {
    pub(super) fn new(key: &Key, hashes: BTreeSet<String>) -> Self {
        Self { key: Some(Digest::new(key)), hashes }
    }

    /// Makes a list of these people alone, with a key of this moment, to search for them.
    ///
    /// # Errors
    /// The operating system gives no random numbers.
    pub fn of(people: &[Person]) -> io::Result<Self> {
        Ok(Self::new(&Key::new(random()?), BTreeSet::new()).with(people))
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Tells whether nobody is forgotten.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The entries.
    pub(super) fn hashes(&self) -> &BTreeSet<String> {
        &self.hashes
    }

    /// The hash of one entry.
    pub(super) fn hash(&self, person: &Person) -> String {
        self.key.as_ref().map(|key| key.of(&person.text())).unwrap_or_default()
    }

    /// The same with further people.
    #[must_use]
    pub fn with(&self, people: &[Person]) -> Self {
        let hashes = people.iter().map(|person| self.hash(person));
        Self { key: self.key.clone(), hashes: self.hashes.iter().cloned().chain(hashes).collect() }
    }

    /// Tells whether the list has this person.
    fn has(&self, person: &Person) -> bool {
        self.hashes.contains(&self.hash(person))
    }

    /// Tells whether an event is of a forgotten person, or may be and can't be searched.
    pub(crate) fn include(&self, event: &DecodedEvent, plan: &Plan) -> bool {
        if self.is_empty() {
            return false;
        }
        match &event.content {
            Content::Event(content) => self.include_values(content, plan),
            Content::DeadLetter { body, .. } => self.are_mentioned(Text::of_body(body)),
        }
    }

    fn include_values(&self, event: &Event, plan: &Plan) -> bool {
        texts(event, plan, |field, text| match field.personal {
            Some(Personal::FreeText) => self.are_mentioned(Text::Readable(text)),
            _ if can_hold_anything(field) => self.are_mentioned(Text::Readable(text)),
            _ => self.is_named(field, text),
        })
    }

    /// Tells whether a field that names somebody names one of these people.
    fn is_named(&self, field: &Field, text: &str) -> bool {
        match field.personal {
            _ if field.name == SUBSCRIPTION => self.has(&Person::Subscription(text.to_owned())),
            Some(Personal::Email) => self.has(&Person::Email(text.to_owned())),
            Some(Personal::ExternalId) => self.has(&Person::ExternalId(text.to_owned())),
            _ => false,
        }
    }

    /// The subscription of an event whose fields name one of these people. To be mentioned elsewhere is not enough.
    pub(crate) fn subscription(&self, event: &DecodedEvent, plan: &Plan) -> Option<Person> {
        let Content::Event(event) = &event.content else { return None };
        if !texts(event, plan, |field, text| self.is_named(field, text)) {
            return None;
        }
        let mut subscription = None;
        texts(event, plan, |field, text| {
            if field.name == SUBSCRIPTION {
                subscription = Some(Person::Subscription(text.to_owned()));
            }
            subscription.is_some()
        });
        subscription
    }

    fn are_mentioned(&self, text: Text<'_>) -> bool {
        mentions::any(text, |text| {
            let text = text.to_owned();
            self.has(&Person::Email(text.clone()))
                || self.has(&Person::Subscription(text.clone()))
                || self.has(&Person::ExternalId(text))
        })
    }
}

/// Tells whether `is_meant` holds for the text of a field.
fn texts(event: &Event, plan: &Plan, mut is_meant: impl FnMut(&Field, &str) -> bool) -> bool {
    let fields = plan.records().get(event.record).map(|record| &*record.fields).unwrap_or_default();
    fields
        .iter()
        .zip(event.values())
        .any(|(field, value)| value.as_text().is_some_and(|text| is_meant(field, text)))
}
