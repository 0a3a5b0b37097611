//! Of several faults the first in the contract's order is told: 404, 405, 403, 401, 415, 413, 400.

use crate::{
    client::{post, request, target},
    daemon::{Daemon, PATH},
};

#[test]
fn of_several_faults_the_first_in_order_is_told() {
    let daemon = Daemon::start_with(|settings| settings.max_body_bytes = 10);
    let encoded = "Content-Encoding: gzip";
    let long = "Content-Length: 11";
    let requests = [
        (404, request("GET", "/nothing", &[encoded, long], "")),
        (405, request("GET", PATH, &[encoded, long], "")),
        (401, post(PATH, &[encoded, long], "")),
        (415, post(&target(), &[encoded, long], "")),
        (413, post(&target(), &[long], "")),
        (415, post(&target(), &[encoded, "Content-Length: 0"], "")),
        (401, post(PATH, &["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n")),
        (415, post(&target(), &["Transfer-Encoding: gzip, chunked", "Host: other"], "0\r\n\r\n")),
        (413, post(&target(), &[long, "Host: other"], "")),
        (401, post(PATH, &["Host: other", "Content-Length: 0"], "")),
        (401, post(PATH, &["Content-Length: 0"], "")),
    ];
    for (status, request) in requests {
        assert_eq!(daemon.connect().exchange(request).status, status);
    }
}

#[test]
fn an_address_that_is_not_allowed_is_told_before_its_credential_is_looked_at() {
    let daemon = Daemon::start_with(|settings| {
        for endpoint in &mut settings.endpoints {
            endpoint.allow = vec!["192.0.2.0/24".parse().unwrap()];
        }
    });
    let requests = [
        (404, request("POST", "/nothing", &[], "")),
        (405, request("GET", PATH, &[], "")),
        (403, post(PATH, &["Content-Length: 2"], "{}")),
        (403, post(&target(), &["Content-Length: 2"], "{}")),
    ];
    for (status, request) in requests {
        assert_eq!(daemon.connect().exchange(request).status, status);
    }
    assert!(daemon.stored().is_empty());
}

#[test]
fn a_wrong_path_gets_the_same_answer_whatever_else_is_sent() {
    let daemon = Daemon::start();
    let mut answers = Vec::new();
    for method in ["GET", "POST", "BREW"] {
        let answer = daemon.connect().exchange(request(method, "/nothing", &["Content-Length: 0"], ""));
        answers.push((answer.status, answer.header("allow").map(str::to_owned), answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[test]
fn a_full_journal_is_not_told_to_strangers() {
    let daemon = Daemon::start_on(|_| {}, |journal| journal.min_free_bytes = u64::MAX);
    assert_eq!(daemon.connect().exchange(post(PATH, &["Content-Length: 2"], "{}")).status, 401);
    assert_eq!(daemon.connect().exchange(post(&target(), &["Content-Length: 2"], "{}")).status, 503);
}
