use kalends_tests::{Daemon, Installation, config, load::Load, memory, wait::PATIENCE, wait_until};

use crate::exactly_once::count;

const CONNECTIONS: u32 = 32;

/// Most memory that a backlog may take beside the index of duplicates.
const MOST_BYTES: u64 = 64 << 20;

/// So few events would fit into that.
const FEW: u64 = 100_000;
/// Most memory for so few.
const MOST_BYTES_OF_FEW: u64 = 16 << 20;

/// Bytes of the index of duplicates, once everything that is stored has been looked at.
fn window_bytes(daemon: &Daemon) -> u64 {
    wait_until("the scanner to have seen everything", PATIENCE * 10, || {
        let status = daemon.status()?;
        let [synced, scanned] =
            ["/scanner/synced_position", "/scanner/scanned_position"].map(|at| status.pointer(at).cloned());
        anyhow::ensure!(synced == scanned, "{scanned:?} of {synced:?}");
        let bytes = daemon.metrics()?.value("kalends_window_bytes");
        Ok(bytes.and_then(|bytes| format!("{bytes:.0}").parse().ok()))
    })
    .unwrap()
}

fn assert_small(what: &str, daemon: &Daemon, idle: u64, events: u64) {
    let window = window_bytes(daemon);
    let peak = memory::peak_bytes(daemon.pid()).unwrap();
    let over = peak.saturating_sub(idle).saturating_sub(window);
    println!(
        "{what}: {peak} bytes at most, {idle} idle, {window} of the index of duplicates: {over} over idle"
    );
    let most = if events < FEW { MOST_BYTES_OF_FEW } else { MOST_BYTES };
    assert!(over <= most, "{what}: {over} bytes over idle");
}

#[test]
fn a_backlog_takes_disk_and_no_memory() {
    let events = count("KALENDS_SOAK_BACKLOG", 30_000);
    let installation = Installation::new(&config::kafka("127.0.0.1:9")).unwrap();
    let daemon = installation.start().unwrap();
    let idle = memory::peak_bytes(daemon.pid()).unwrap();
    let outcome = Load::start("backlog", daemon.public(), CONNECTIONS, events).finish().unwrap();
    assert!(outcome.unknown.is_empty(), "{} refused", outcome.unknown.len());
    assert_small("received", &daemon, idle, events);
    daemon.kill().unwrap();

    let daemon = installation.start().unwrap();
    assert_small("started again", &daemon, idle, events);
    assert_eq!(daemon.status().unwrap().pointer("/sinks/0/lag_events"), Some(&events.into()));
}
