//! Every field of every record, and where a body has its value: written down from the sender's documents, not read from the schemas.

/// Content of a field, by which the rules of `docs/reference/values.md` go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A text from which the field named here derives.
    WindowsZone(&'static str),
    Truth,
    Whole,
    Instant,
    LocalTime,
    Tag,
    EventId,
    EventType,
    Details,
    /// No body has it.
    Elsewhere,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) kind: Kind,
    /// JSON Pointer of the object that has the field.
    pub(super) parent: &'static str,
    pub(super) key: &'static str,
    /// The key's second name.
    pub(super) second: Option<&'static str>,
}

const DETAILS: &str = "/eventDetails";
const SUBSCRIPTION: &str = "/eventDetails/subscription";
const ENTRY: &str = "/eventDetails/subscriptionEvent";
const ZONE_TAG: &str = "/eventDetails/subscription/timeZoneTag";
pub(super) const TAG: &str = "/eventDetails/subscription/calendarTags/0";

#[rustfmt::skip]
const FIELDS: [(&str, Kind, &str, &str); 57] = [
    ("event_id", Kind::EventId, "", "eventId"),
    ("event_type", Kind::EventType, "", "eventType"),
    ("event_details", Kind::Details, "", "eventDetails"),
    ("action_type", Kind::Text, DETAILS, "actionType"),
    ("account_id", Kind::Text, DETAILS, "accountId"),
    ("account_name", Kind::Text, DETAILS, "accountName"),
    ("account_code", Kind::Text, DETAILS, "accountCode"),
    ("calendar_subscription_id", Kind::Text, DETAILS, "calendarSubscriptionId"),
    ("endpoint", Kind::Elsewhere, "", "endpoint"),
    ("received_at", Kind::Elsewhere, "", "received_at"),
    ("journal_id", Kind::Elsewhere, "", "journal_id"),
    ("journal_shard", Kind::Elsewhere, "", "journal_shard"),
    ("journal_position", Kind::Elsewhere, "", "journal_position"),
    ("extra_fields", Kind::Elsewhere, "", "extra_fields"),
    ("calendar_id", Kind::Text, SUBSCRIPTION, "calendarId"),
    ("calendar_title", Kind::Text, SUBSCRIPTION, "calendarTitle"),
    ("calendar_code", Kind::Text, SUBSCRIPTION, "calendarCode"),
    ("subscription_method", Kind::Text, SUBSCRIPTION, "subscriptionMethod"),
    ("calendar_tag_ids", Kind::Tag, TAG, "tagId"),
    ("calendar_tag_texts", Kind::Tag, TAG, "tagText"),
    ("time_zone_windows_name", Kind::WindowsZone("time_zone_iana_id"), ZONE_TAG, "windowsName"),
    ("time_zone_iana_id", Kind::Elsewhere, "", "time_zone_iana_id"),
    ("subscriber_external_id", Kind::Text, SUBSCRIPTION, "subscriberExternalId"),
    ("email_address", Kind::Text, SUBSCRIPTION, "emailAddress"),
    ("additional_opt_in", Kind::Truth, SUBSCRIPTION, "additionalOptIn"),
    ("is_marketing_allowed", Kind::Truth, SUBSCRIPTION, "isMarketingAllowed"),
    ("entered_post_code", Kind::Text, SUBSCRIPTION, "enteredPostCode"),
    ("cable_provider", Kind::Text, SUBSCRIPTION, "cableProvider"),
    ("cable_provider_location", Kind::Text, SUBSCRIPTION, "cableProviderLocation"),
    ("remote_ip_address", Kind::Text, SUBSCRIPTION, "remoteIpAddress"),
    ("user_agent", Kind::Text, SUBSCRIPTION, "userAgent"),
    ("referrer", Kind::Text, SUBSCRIPTION, "referrer"),
    ("country_code", Kind::Text, SUBSCRIPTION, "countryCode"),
    ("geo_country", Kind::Text, SUBSCRIPTION, "geoCountry"),
    ("source", Kind::Text, SUBSCRIPTION, "source"),
    ("device_name", Kind::Text, SUBSCRIPTION, "deviceName"),
    ("utm_source", Kind::Text, SUBSCRIPTION, "utmSource"),
    ("utm_medium", Kind::Text, SUBSCRIPTION, "utmMedium"),
    ("utm_campaign", Kind::Text, SUBSCRIPTION, "utmCampaign"),
    ("utm_content", Kind::Text, SUBSCRIPTION, "utmContent"),
    ("created_date_time_utc", Kind::Instant, SUBSCRIPTION, "createdDateTimeUtc"),
    ("confirmation_date_time_utc", Kind::Instant, SUBSCRIPTION, "confirmationDateTimeUtc"),
    ("removed_date_time_utc", Kind::Instant, SUBSCRIPTION, "removedDateTimeUtc"),
    ("unsubscribe_reason_text", Kind::Text, SUBSCRIPTION, "unsubscribeReasonText"),
    ("subscription_event_id", Kind::Text, ENTRY, "eventId"),
    ("subscription_event_title", Kind::Text, ENTRY, "title"),
    ("subscription_event_description", Kind::Text, ENTRY, "description"),
    ("subscription_event_location", Kind::Text, ENTRY, "location"),
    ("subscription_event_reminder_minutes", Kind::Whole, ENTRY, "reminderMinutes"),
    ("subscription_event_time_zone_windows_name", Kind::WindowsZone("subscription_event_time_zone_iana_id"), ENTRY, "timezoneBclId"),
    ("subscription_event_time_zone_iana_id", Kind::Text, ENTRY, "timezoneIanaId"),
    ("subscription_event_start_date_time", Kind::LocalTime, ENTRY, "startDateTime"),
    ("subscription_event_start_date_time_utc", Kind::Instant, ENTRY, "startDateTimeUtc"),
    ("subscription_event_end_date_time", Kind::LocalTime, ENTRY, "endDateTime"),
    ("subscription_event_end_date_time_utc", Kind::Elsewhere, "", "endDateTimeUtc"),
    ("subscription_event_created_date_time_utc", Kind::Instant, ENTRY, "createdDateTimeUtc"),
    ("subscription_event_last_updated_date_time_utc", Kind::Instant, ENTRY, "lastUpdatedDateTimeUtc"),
];

/// Fields that the sender calls by two names.
const SECOND_NAMES: [(&str, &str); 2] =
    [("referrer", "referer"), ("subscription_event_last_updated_date_time_utc", "lastUpdateDateTimeUtc")];

/// The field of this name.
pub(super) fn place(name: &str) -> Option<Place> {
    let &(_, kind, parent, key) = FIELDS.iter().find(|(field, ..)| *field == name)?;
    let second = SECOND_NAMES.iter().find(|(field, _)| *field == name).map(|(_, second)| *second);
    Some(Place { kind, parent, key, second })
}
