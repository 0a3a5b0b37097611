use std::borrow::Cow;

use serde::Deserialize;

/// A Subscribe event, as far as its record wants it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the sender's names")]
pub(crate) struct Webhook<'a> {
    #[serde(borrow)]
    pub(crate) event_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) event_type: Text<'a>,
    #[serde(borrow)]
    pub(crate) event_details: Details<'a>,
}

/// A text that is only copied where it has escapes.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Details<'a> {
    #[serde(borrow)]
    pub(crate) action_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) account_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) account_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) account_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) subscription: Subscription<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_field_names, reason = "the sender's names")]
pub(crate) struct Subscription<'a> {
    #[serde(borrow)]
    pub(crate) calendar_subscription_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) calendar_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) calendar_title: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) calendar_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) subscription_method: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) calendar_tags: Vec<Tag<'a>>,
    #[serde(borrow)]
    pub(crate) time_zone_tag: Option<Zone<'a>>,
    #[serde(borrow)]
    pub(crate) subscriber_external_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) email_address: Option<Text<'a>>,
    pub(crate) additional_opt_in: Option<bool>,
    pub(crate) is_marketing_allowed: Option<bool>,
    #[serde(borrow)]
    pub(crate) entered_post_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cable_provider: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cable_provider_location: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) remote_ip_address: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) user_agent: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) referer: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) country_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) geo_country: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) source: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) device_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) utm_source: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) utm_medium: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) utm_campaign: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) utm_content: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) created_date_time_utc: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) confirmation_date_time_utc: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tag<'a> {
    #[serde(borrow)]
    pub(crate) tag_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) tag_text: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Zone<'a> {
    #[serde(borrow)]
    pub(crate) windows_name: Text<'a>,
}

impl Webhook<'_> {
    /// What the record is partitioned and ordered by.
    pub(crate) fn key(&self) -> &str {
        let subscription = self.event_details.subscription.calendar_subscription_id.as_ref();
        subscription.map_or(&self.event_id.0, |id| &id.0)
    }
}
