use std::time::SystemTime;

use jiff::civil::DateTime;

use crate::event::{Tag, Text, Webhook};

/// Avro's single-object encoding: two fixed bytes and the schema's fingerprint, here any.
const FRAME: [u8; 10] = [0xC3, 0x01, 1, 2, 3, 4, 5, 6, 7, 8];
const JOURNAL: &str = "00000000000000000000000000000000";

/// Replaces `out` with the framed record of a Subscribe event.
#[expect(clippy::disallowed_methods, reason = "the floor has no envelope that would carry the receive time")]
pub(crate) fn write(out: &mut Vec<u8>, webhook: &Webhook<'_>, position: u64) -> anyhow::Result<()> {
    let details = &webhook.event_details;
    let subscription = &details.subscription;
    out.clear();
    out.extend_from_slice(&FRAME);
    text(out, &webhook.event_id.0);
    text(out, &webhook.event_type.0);
    optional(out, [&details.action_type, &details.account_id, &details.account_name, &details.account_code]);
    optional(out, [&subscription.calendar_subscription_id]);
    text(out, "main");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    long(out, i64::try_from(now.as_millis())?);
    text(out, JOURNAL);
    long(out, 0);
    long(out, i64::try_from(position)?);
    optional(out, [&None, &subscription.calendar_id, &subscription.calendar_title]);
    optional(out, [&subscription.calendar_code, &subscription.subscription_method]);
    tags(out, &subscription.calendar_tags, |tag| &tag.tag_id);
    tags(out, &subscription.calendar_tags, |tag| &tag.tag_text);
    let zone = subscription.time_zone_tag.as_ref();
    present(out, zone.map(|zone| &*zone.windows_name.0));
    present(out, zone.map(|zone| iana(&zone.windows_name.0)));
    optional(out, [&subscription.subscriber_external_id, &subscription.email_address]);
    flag(out, subscription.additional_opt_in);
    flag(out, subscription.is_marketing_allowed);
    optional(out, [&subscription.entered_post_code, &subscription.cable_provider]);
    optional(out, [&subscription.cable_provider_location, &subscription.remote_ip_address]);
    optional(out, [&subscription.user_agent, &subscription.referer, &subscription.country_code]);
    optional(out, [&subscription.geo_country, &subscription.source, &subscription.device_name]);
    optional(out, [&subscription.utm_source, &subscription.utm_medium, &subscription.utm_campaign]);
    optional(out, [&subscription.utm_content]);
    instant(out, subscription.created_date_time_utc.as_ref())?;
    instant(out, subscription.confirmation_date_time_utc.as_ref())
}

fn long(out: &mut Vec<u8>, value: i64) {
    let mut rest = (value << 1 ^ value >> 63).cast_unsigned();
    while rest > 0x7f {
        out.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap_or_default());
}

fn text(out: &mut Vec<u8>, text: &str) {
    long(out, i64::try_from(text.len()).unwrap_or_default());
    out.extend_from_slice(text.as_bytes());
}

fn present(out: &mut Vec<u8>, value: Option<&str>) {
    match value {
        None => out.push(0),
        Some(value) => {
            out.push(2);
            text(out, value);
        }
    }
}

fn optional<const N: usize>(out: &mut Vec<u8>, values: [&Option<Text<'_>>; N]) {
    for value in values {
        present(out, value.as_ref().map(|text| &*text.0));
    }
}

fn flag(out: &mut Vec<u8>, value: Option<bool>) {
    match value {
        None => out.push(0),
        Some(value) => out.extend_from_slice(&[2, u8::from(value)]),
    }
}

fn tags<'a>(out: &mut Vec<u8>, tags: &'a [Tag<'a>], part: impl Fn(&'a Tag<'a>) -> &'a Text<'a>) {
    out.push(2);
    if !tags.is_empty() {
        long(out, i64::try_from(tags.len()).unwrap_or_default());
        for tag in tags {
            text(out, &part(tag).0);
        }
    }
    out.push(0);
}

/// Milliseconds since the Unix epoch.
fn instant(out: &mut Vec<u8>, value: Option<&Text<'_>>) -> anyhow::Result<()> {
    let Some(value) = value else {
        out.push(0);
        return Ok(());
    };
    let local: DateTime = value.0.parse()?;
    out.push(2);
    long(out, jiff::tz::TimeZone::UTC.to_timestamp(local)?.as_millisecond());
    Ok(())
}

/// The one zone that the load has; a whole table costs no more per event.
fn iana(windows: &str) -> &str {
    if windows == "Eastern Standard Time" { "America/New_York" } else { windows }
}
