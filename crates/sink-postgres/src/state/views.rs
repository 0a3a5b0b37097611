//! The views over the state, for people.

use super::{Layout, TABLE};
use crate::name::{Qualified, Quoted};

/// A view: columns by name, each with its expression, and what they are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) from: String,
}

/// The subscription's status as an SQL expression.
const STATUS: &str = "CASE WHEN s.subscribed_at IS NULL AND s.unsubscribed_at IS NULL THEN 'unknown' \
     WHEN s.unsubscribed_at IS NULL OR s.unsubscribed_at < s.subscribed_at THEN 'subscribed' \
     WHEN s.subscribe_received_at > s.unsubscribed_at + interval '24 hours' THEN 'unclear' \
     ELSE 'unsubscribed' END";

const SUBSCRIPTIONS: &str = "Every subscription with its status: subscribed, unsubscribed, unclear (a Subscribe came more than a day after \
     the removal, yet names an older time: come back, or sent again) or unknown.";

const SUBSCRIBERS: &str = "The subscriptions whose status is subscribed.";

const MARKETING: &str = "One row per e-mail address of a subscriber whose newest details allow marketing, while none of the half hour before \
     deny it. Consent that was given in the calendar; not a list to send to: what your own systems know of this address (unsubscriptions, \
     complaints, erasures) counts too.";

/// The views over the state, in the order in which they are made.
pub(crate) fn views(schema: &str, layout: &Layout, marketing: bool) -> Vec<View> {
    let has = |name: &str| layout.details.iter().any(|detail| detail.name == name);
    let mut views = vec![subscriptions(schema, layout), subscribers(schema, layout)];
    if marketing && has("email_address") && has("is_marketing_allowed") {
        views.push(marketing_allowed(schema, has("confirmation_date_time_utc")));
    }
    views
}

/// The columns of the view of subscriptions.
fn names(layout: &Layout) -> Vec<String> {
    let head = [
        "calendar_subscription_id",
        "status",
        "subscribed_at",
        "unsubscribed_at",
        "details_at",
        "marketing_denied_at",
    ];
    let details = layout.details.iter().map(|detail| detail.name.clone());
    head.map(str::to_owned).into_iter().chain(details).collect()
}

fn subscriptions(schema: &str, layout: &Layout) -> View {
    let expression = |name: &String| {
        if name == "status" { STATUS.to_owned() } else { format!("s.{}", Quoted(name)) }
    };
    let columns = names(layout).into_iter().map(|name| (name.clone(), expression(&name))).collect();
    View {
        name: "subscriptions",
        doc: SUBSCRIPTIONS,
        columns,
        from: format!("{} s", Qualified(schema, TABLE)),
    }
}

fn subscribers(schema: &str, layout: &Layout) -> View {
    let columns =
        names(layout).into_iter().map(|name| (name.clone(), format!("v.{}", Quoted(&name)))).collect();
    let from = format!("{} v WHERE v.status = 'subscribed'", Qualified(schema, "subscriptions"));
    View { name: "subscribers", doc: SUBSCRIBERS, columns, from }
}

fn marketing_allowed(schema: &str, confirmed: bool) -> View {
    let state = Qualified(schema, TABLE);
    let subscribers = Qualified(schema, "subscribers");
    let confirmation = if confirmed { ", s.confirmation_date_time_utc" } else { "" };
    let newest = format!(
        "SELECT DISTINCT ON (lower(s.email_address)) s.email_address, s.calendar_subscription_id, s.details_at, \
         s.is_marketing_allowed{confirmation} FROM {state} s WHERE s.email_address <> '' \
         ORDER BY lower(s.email_address), s.details_at DESC, s.details_from_update DESC, s.details_journal_id COLLATE \"C\" DESC, \
         s.details_journal_shard DESC, s.details_journal_position DESC"
    );
    let from = format!(
        "({newest}) n WHERE n.is_marketing_allowed \
         AND EXISTS (SELECT 1 FROM {subscribers} v WHERE lower(v.email_address) = lower(n.email_address)) \
         AND NOT EXISTS (SELECT 1 FROM {state} d WHERE lower(d.email_address) = lower(n.email_address) \
         AND d.marketing_denied_at > n.details_at - interval '30 minutes')"
    );
    let mut columns = vec![
        ("email_address".to_owned(), "n.email_address".to_owned()),
        ("calendar_subscription_id".to_owned(), "n.calendar_subscription_id".to_owned()),
        ("allowed_at".to_owned(), "n.details_at".to_owned()),
    ];
    if confirmed {
        columns.push(("confirmation_date_time_utc".to_owned(), "n.confirmation_date_time_utc".to_owned()));
    }
    View { name: "marketing_allowed", doc: MARKETING, columns, from }
}
