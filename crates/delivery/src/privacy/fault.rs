use std::collections::BTreeMap;

use kalends_normalise::{Field, Personal, Plan};

use super::{
    Consent, Rules, Treatment,
    policy::{BODY, EVENT_DETAILS, EXTRA_FIELDS},
};

/// Fields that records are keyed, named and ordered by.
const IDENTITY: [&str; 3] = ["event_id", "calendar_subscription_id", "subscription_event_id"];

/// A rule that can't be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No record type has the field.
    #[error("no record type has a field `{0}`")]
    UnknownField(String),
    /// The record's key and headers show the field's value.
    #[error("records are keyed and named by `{field}`, so that only keep is possible")]
    Identity {
        /// The field.
        field: String,
        /// Where the rule stands.
        place: Place,
    },
    /// The field has a value in every record.
    #[error("`{0}` is never null, so that only keep is possible")]
    NeverNull(String),
    /// The field can hold any value of a body.
    #[error(
        "`{0}` can hold any value of a body: only drop is possible, and goes without saying beside other rules"
    )]
    AnyValue(String),
    /// Only text can be hashed.
    #[error("`{0}` is not text, and only text can be hashed; write drop or keep")]
    NoText(String),
    /// Only IP addresses can be truncated.
    #[error("only IP addresses can be truncated; write drop, hash or keep")]
    NoAddress(Place),
    /// Hashing needs a key.
    #[error("hash needs a key; write {{ file: PATH }} or {{ env: NAME }}")]
    NoKey,
    /// This is no JSON Pointer.
    #[error("this is no JSON Pointer as `extra_fields` has them, such as /eventDetails/subscription/theme")]
    NoPointer(usize),
}

/// Where a rule stands in [`Rules`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At a class.
    Class(Personal),
    /// At a field.
    Field(String),
    /// Among `keep_extra_fields`, the first being 0.
    ExtraField(usize),
    /// At `key`.
    Key,
    /// At `consent`.
    Consent,
}

impl Fault {
    /// The rule that can't be followed.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::UnknownField(field)
            | Self::NeverNull(field)
            | Self::AnyValue(field)
            | Self::NoText(field) => Place::Field(field.clone()),
            Self::Identity { place, .. } | Self::NoAddress(place) => place.clone(),
            Self::NoKey => Place::Key,
            Self::NoPointer(index) => Place::ExtraField(*index),
        }
    }
}

impl Rules {
    /// Every rule that can't be followed with the record types of this plan.
    #[must_use]
    pub fn faults(&self, plan: &Plan) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (class, treatment) in &self.classes {
            if *treatment == Treatment::Truncate && *class != Personal::IpAddress {
                faults.push(Fault::NoAddress(Place::Class(*class)));
            }
        }
        let mut treatments = self.classes.values().chain(self.fields.values());
        if self.key.is_none() && treatments.any(|treatment| *treatment == Treatment::Hash) {
            faults.push(Fault::NoKey);
        }
        let known = Known::of(plan);
        faults
            .extend(self.fields.iter().filter_map(|(name, treatment)| self.field(name, *treatment, &known)));
        faults.extend(self.classed_identity(plan));
        let pointers = self.keep_extra_fields.iter().enumerate();
        faults
            .extend(pointers.filter(|(_, text)| !text.starts_with('/')).map(|(at, _)| Fault::NoPointer(at)));
        faults
    }

    fn field(&self, name: &str, treatment: Treatment, known: &Known<'_>) -> Option<Fault> {
        let field = || name.to_owned();
        let Some(shape) = known.0.get(name) else { return Some(Fault::UnknownField(field())) };
        if [BODY, EVENT_DETAILS, EXTRA_FIELDS].contains(&name) {
            let sound = treatment == Treatment::Drop || (treatment == Treatment::Keep && self.keep_all());
            return (!sound).then(|| Fault::AnyValue(field()));
        }
        if treatment == Treatment::Keep {
            return None;
        }
        let place = Place::Field(field());
        match treatment {
            _ if IDENTITY.contains(&name) => Some(Fault::Identity { field: field(), place }),
            _ if shape.never_null => Some(Fault::NeverNull(field())),
            Treatment::Hash if !shape.text => Some(Fault::NoText(field())),
            Treatment::Truncate if !shape.address => Some(Fault::NoAddress(place)),
            _ => None,
        }
    }

    /// A schema of one's own may give a class to what records are keyed by.
    fn classed_identity(&self, plan: &Plan) -> Option<Fault> {
        let mut fields = plan.records().iter().flat_map(|record| record.fields.iter());
        fields.find_map(|field| {
            let class = field.personal.filter(|_| IDENTITY.contains(&field.name.as_str()))?;
            let by_class = !self.fields.contains_key(&field.name) && self.treatment(field) != Treatment::Keep;
            let place = match self.consent {
                _ if by_class => Place::Class(class),
                Consent::Marketing => Place::Consent,
                Consent::Off => return None,
            };
            Some(Fault::Identity { field: field.name.clone(), place })
        })
    }
}

/// What the record types' fields of one name are like.
#[derive(Default)]
struct Shape {
    never_null: bool,
    text: bool,
    address: bool,
}

struct Known<'a>(BTreeMap<&'a str, Shape>);

impl<'a> Known<'a> {
    fn of(plan: &'a Plan) -> Self {
        let mut known = BTreeMap::<_, Shape>::new();
        for record in plan.records() {
            let schema: serde_json::Value = serde_json::from_str(&record.schema_json).unwrap_or_default();
            for (at, field) in record.fields.iter().enumerate() {
                let shape = known.entry(field.name.as_str()).or_default();
                shape.never_null |= !field.nullable;
                shape.text |= is_text(schema.pointer(&format!("/fields/{at}/type")));
                shape.address |= is_address(field);
            }
        }
        Self(known)
    }
}

fn is_text(kind: Option<&serde_json::Value>) -> bool {
    kind.is_some_and(|kind| {
        kind == "string" || kind.as_array().is_some_and(|branches| branches.iter().any(|b| b == "string"))
    })
}

fn is_address(field: &Field) -> bool {
    field.personal == Some(Personal::IpAddress)
}
