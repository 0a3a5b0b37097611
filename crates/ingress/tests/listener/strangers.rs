//! Rights to post, limits of rate, and their change while the listener serves.

use std::num::NonZeroU32;

use kalends_ingress::{Control, Rates, Settings, Token};

use crate::{
    client::{length, post, target, webhook},
    daemon::{Daemon, PATH},
};

fn behind_a_proxy(settings: &mut Settings) {
    settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    for endpoint in &mut settings.endpoints {
        endpoint.allow = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    }
}

fn forwarded(addresses: &str) -> Vec<u8> {
    post(&target(), &[&length(&"{}"), &format!("X-Forwarded-For: {addresses}")], "{}")
}

#[test]
fn a_trusted_proxy_says_whose_address_counts() {
    let daemon = Daemon::start_with(behind_a_proxy);
    let statuses =
        ["192.0.2.7", "203.0.113.1, 2001:db8::1", "203.0.113.1", "192.0.2.7, 203.0.113.1", "nobody"]
            .map(|addresses| daemon.connect().exchange(forwarded(addresses)).status);
    assert_eq!(statuses, [200, 200, 403, 403, 403]);
}

#[test]
fn nobody_gets_in_by_naming_an_address_to_a_listener_that_trusts_no_proxy() {
    let daemon = Daemon::start_with(|settings| {
        behind_a_proxy(settings);
        settings.trusted_proxies.clear();
    });
    assert_eq!(daemon.connect().exchange(forwarded("192.0.2.7")).status, 403);
}

#[test]
fn an_address_that_keeps_guessing_gets_429_and_the_sender_behind_it_is_served() {
    let daemon = Daemon::start_with(|settings| settings.rates.unauthorised = NonZeroU32::new(1));
    let mut client = daemon.connect();
    let guess = post(PATH, &["Content-Length: 2", "Authorization: Bearer guess"], "{}");
    let mut statuses = Vec::new();
    let limited = loop {
        let answer = client.exchange(&guess);
        statuses.push(answer.status);
        if answer.status != 401 || statuses.len() > 1000 {
            break answer;
        }
    };
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("1")), "{statuses:?}");
    assert_eq!(client.exchange(webhook("{}")).status, 200);
    assert!(daemon.metric("kalends_http_refusals_total{reason=\"rate\"}") > 0.5);
}

#[test]
fn authentic_requests_are_limited_only_when_that_is_set() {
    let rates = Rates { per_address: NonZeroU32::new(1), ..Rates::default() };
    let limited = Daemon::start_with(|settings| settings.rates = rates);
    let mut client = limited.connect();
    let first_refused = (0..1000).find(|_| client.exchange(webhook("{}")).status == 429);
    assert!(first_refused.is_some_and(|number| number >= 10), "{first_refused:?}");
    let free = Daemon::start();
    let mut client = free.connect();
    assert!((0..1100).all(|_| client.exchange(webhook("{}")).status == 200));
}

#[test]
fn new_settings_hold_from_the_next_request_on_of_the_same_connection() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    assert_eq!(client.exchange(webhook("{}")).status, 200);
    let mut settings = daemon.settings.clone();
    for endpoint in &mut settings.endpoints {
        endpoint.tokens = vec![Token::new("rotated").unwrap()];
    }
    daemon.control.apply(Control::prepare(settings).unwrap());
    let rotated = post(&format!("{PATH}?token=rotated"), &["Content-Length: 2"], "{}");
    let begun = std::time::Instant::now();
    while client.exchange(&rotated).status != 200 {
        assert!(begun.elapsed() < crate::daemon::DEADLINE, "the new token is not taken");
    }
    assert_eq!(client.exchange(webhook("{}")).status, 401);
}

#[test]
fn settings_that_make_no_sense_change_nothing() {
    let daemon = Daemon::start();
    let mut settings = daemon.settings.clone();
    settings.endpoints.clear();
    assert!(Control::prepare(settings).is_err());
    assert_eq!(daemon.connect().exchange(webhook("{}")).status, 200);
}
