//! `kalends status`: what a running daemon says of itself.

mod ask;
mod words;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::Value;

use self::ask::ask;
use crate::{
    cli::StatusArgs,
    exit::{Exit, Failure},
    run::runtime,
    stdout::Stdout,
};

/// Prints what the daemon says at its operator's listener.
///
/// # Errors
/// [`Exit::Unavailable`] when no daemon answers, or when it is asked only whether it is ready, and it isn't.
pub fn status(args: &StatusArgs) -> Result<(), Failure> {
    let address = match args.address {
        Some(address) => address,
        None => reachable(args.configuration.settings()?.admin.address),
    };
    let path = if args.ready { "/readyz" } else { "/status" };
    let no_answer = |reason: &dyn std::fmt::Display| {
        let hint = "is kalends running, and is this its admin.address?";
        Failure::new(Exit::Unavailable, format!("http://{address}{path}: {reason}; {hint}"))
    };
    let (status, body) = runtime()?.block_on(ask(address, path)).map_err(|error| no_answer(&error))?;
    if args.ready && status == 503 {
        return Err(Failure::new(Exit::Unavailable, format!("not ready: {}", body.trim_end())));
    }
    if status != 200 {
        return Err(no_answer(&format!("the answer is {status}")));
    }
    let text = if args.ready || args.json {
        body.trim_end().to_owned()
    } else {
        let told: Value = serde_json::from_str(&body).map_err(|error| no_answer(&error))?;
        words::of(&told)
    };
    Stdout::lock().line(text).map(|_| ())
}

/// Where to find a listener that is bound to this address.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
