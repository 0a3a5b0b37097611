use kalends_tests::{config, event};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::target::{Target, request};

const CONNECTIONS: u64 = 10_000;

/// Descriptors of this process and of the daemon that are no idle connection.
const OTHERS: u64 = 500;

/// Lets this process, and the daemon it starts, open as many files as they may; so many connections are possible then.
fn possible() -> usize {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let most = limit.maximum.map_or(CONNECTIONS, |hard| hard.saturating_sub(OTHERS).min(CONNECTIONS));
    if most < CONNECTIONS {
        println!("only {most} connections: the system allows {:?} open files", limit.maximum);
    }
    usize::try_from(most).unwrap()
}

#[test]
fn ten_thousand_idle_connections_leave_everybody_else_an_answer() {
    let count = possible();
    let target = Target::start("header_timeout: 2m, idle_timeout: 2m", 2_000);
    let mut idle = target.connections(count);
    for (number, attacker) in (0..).zip(&mut idle) {
        attacker.send(request(config::PATH, &event::webhook(&format!("first-{number}"), number))).unwrap();
        assert!(attacker.read_head().starts_with("HTTP/1.1 200"));
    }
    target.wait_for("kalends_http_connections", f64::from(u32::try_from(count).unwrap()));
    assert_eq!(target.daemon.post(event::webhook("late", 0)).unwrap().status, 200);
    // However long they have rested, they are served as before.
    for (number, attacker) in (0..).zip(idle.iter_mut().take(200)) {
        let again = request(config::PATH, &event::webhook(&format!("again-{number}"), number));
        let (begin, end) = again.split_at(usize::try_from(number).unwrap() % 60 + 1);
        attacker.send(begin).unwrap();
        attacker.send(end).unwrap();
        assert!(attacker.read_head().starts_with("HTTP/1.1 200"));
    }
    target.assert_unharmed();
}

/// They come again as soon as they are closed, and some have shown a valid request before.
#[test]
fn idle_connections_beyond_the_limit_keep_nobody_out() {
    /// So many that whoever behaves is never idle longest, however busy the machine is.
    const MOST: usize = 2_000;
    let count = possible().min(2 * MOST);
    let target =
        Target::start(&format!("max_connections: {MOST}, header_timeout: 2m, idle_timeout: 2m"), 2_000);
    let mut idle = Vec::new();
    for number in 0..count {
        let mut attacker = target.connect();
        // Silent, in the middle of a head, or after a request.
        match number % 10 {
            0..4 => {}
            4..8 => attacker.send("POST / HTTP/1.1\r\nx-").unwrap(),
            _ => {
                let id = u64::try_from(number).unwrap();
                attacker.send(request(config::PATH, &event::webhook(&format!("idle-{id}"), id))).unwrap();
                assert!(attacker.read_head().starts_with("HTTP/1.1 200"));
            }
        }
        idle.push(attacker);
        if number % 100 == 0 {
            let id = format!("newcomer-{number}");
            assert_eq!(target.daemon.post(event::webhook(&id, 0)).unwrap().status, 200);
        }
    }
    let beyond = u32::try_from(count.saturating_sub(MOST)).unwrap();
    target.wait_for("kalends_http_displaced_total", f64::from(beyond));
    let metrics = target.daemon.metrics().unwrap();
    assert_eq!(metrics.value("kalends_http_refusals_total{reason=\"connections\"}"), Some(0.0));
    target.assert_unharmed();
}
