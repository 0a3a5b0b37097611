//! A Subscribe event from its body to an encoded datum, beside `serde_json` reading the same body into typed structs.
#![expect(
    dead_code,
    clippy::struct_field_names,
    reason = "the structs are the sender's JSON, only ever read into"
)]
#![expect(clippy::expect_used, reason = "a benchmark that can't run should say why and stop")]

use std::{hint::black_box, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use kalends_normalise::{Meta, Normaliser, Outcome, Plan, TimeUnit};
use serde::Deserialize;

const BODY: &[u8] = include_bytes!("../../../tests/fixtures/samples/subscribe.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    event_id: String,
    event_type: String,
    event_details: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    action_type: Option<String>,
    account_id: Option<String>,
    account_name: Option<String>,
    account_code: Option<String>,
    subscription: Subscription,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    calendar_subscription_id: Option<String>,
    calendar_id: Option<String>,
    calendar_title: Option<String>,
    calendar_code: Option<String>,
    subscription_method: Option<String>,
    calendar_tags: Vec<Tag>,
    time_zone_tag: ZoneTag,
    created_date_time_utc: Option<String>,
    email_address: Option<String>,
    additional_opt_in: Option<bool>,
    is_marketing_allowed: Option<bool>,
    remote_ip_address: Option<String>,
    user_agent: Option<String>,
    referer: Option<String>,
    entered_post_code: Option<String>,
    cable_provider: Option<String>,
    cable_provider_location: Option<String>,
    country_code: Option<String>,
    geo_country: Option<String>,
    device_name: Option<String>,
    utm_source: Option<String>,
    utm_medium: Option<String>,
    utm_campaign: Option<String>,
    utm_content: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tag {
    tag_id: String,
    tag_text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ZoneTag {
    windows_name: String,
}

fn benchmark(criterion: &mut Criterion) {
    let plan = Arc::new(Plan::builtin(TimeUnit::Millis).expect("the built-in schemas compile"));
    let mut normaliser = Normaliser::new(plan);
    let meta = Meta {
        endpoint: "main",
        received_at: 1_588_727_930_120_000,
        journal_id: "000102030405060708090a0b0c0d0eff",
        shard: 0,
        position: 1,
    };
    let mut group = criterion.benchmark_group("subscribe");
    let mut datum = Vec::new();
    group.bench_function("body to datum", |bencher| {
        bencher.iter(|| {
            datum.clear();
            if let Outcome::Event(event) = normaliser.normalise(black_box(BODY), &meta) {
                datum.extend_from_slice(event.datum());
            }
            datum.len()
        });
    });
    group.bench_function("body to datum again", |bencher| {
        bencher.iter(|| {
            datum.clear();
            if let Outcome::Event(event) = normaliser.normalise_again(black_box(BODY), &meta) {
                datum.extend_from_slice(event.datum());
            }
            datum.len()
        });
    });
    group.bench_function("serde_json into structs", |bencher| {
        bencher.iter(|| serde_json::from_slice::<Webhook>(black_box(BODY)).expect("the sample is JSON"));
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
