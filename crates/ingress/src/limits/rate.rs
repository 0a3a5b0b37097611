use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::HashMapStateStore,
};

use crate::answer::refusal::Refusal;

/// A limit may be exceeded for as long as it takes to make up for this time of silence.
const BURST_SECONDS: u32 = 10;
/// Most addresses that are remembered; with more of them at once, all further ones share one allowance.
const MAX_ADDRESSES: usize = 50_000;
/// Number of refusals between two searches for addresses that can be forgotten.
const SWEEP_EVERY: u32 = 10_000;
/// Prefix that one holder of an IPv6 network usually has; its addresses count as one.
const IPV6_NETWORK: u128 = u128::MAX << 64;

/// Requests a second that are served. `None` is no limit. For ten seconds' worth of requests a limit may be exceeded
/// at once, if as much was spared before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of one address that has shown no right to post: unknown path, other method, address not allowed, no credential.
    pub unauthorised: Option<NonZeroU32>,
    /// Of one address, authentic.
    pub per_address: Option<NonZeroU32>,
    /// Of all addresses together, authentic.
    pub total: Option<NonZeroU32>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { unauthorised: NonZeroU32::new(100), per_address: None, total: None }
    }
}

/// Counts requests against [`Rates`].
#[derive(Debug)]
pub(crate) struct Limits {
    unauthorised: Option<PerAddress>,
    per_address: Option<PerAddress>,
    total: Option<DefaultDirectRateLimiter>,
}

impl Limits {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            unauthorised: rates.unauthorised.map(PerAddress::new),
            per_address: rates.per_address.map(PerAddress::new),
            total: rates.total.map(|rate| RateLimiter::direct(quota(rate))),
        }
    }

    /// Returns whether `address` may post once more.
    pub(crate) fn authentic(&self, address: IpAddr) -> Result<(), Refusal> {
        if let Some(limit) = &self.per_address {
            limit.check(address)?;
        }
        self.total.as_ref().map_or(Ok(()), |limit| limit.check().map_err(|until| refusal(&until)))
    }

    /// The answer to `address`, which was to be refused for `refusal`.
    pub(crate) fn unauthorised(&self, address: IpAddr, refusal: Refusal) -> Refusal {
        self.unauthorised.as_ref().and_then(|limit| limit.check(address).err()).unwrap_or(refusal)
    }
}

#[derive(Debug)]
struct PerAddress {
    limiter: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>,
    until_sweep: std::sync::atomic::AtomicU32,
}

impl PerAddress {
    fn new(rate: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::hashmap(quota(rate)), until_sweep: SWEEP_EVERY.into() }
    }

    fn check(&self, address: IpAddr) -> Result<(), Refusal> {
        self.sweep();
        let known =
            if self.limiter.len() < MAX_ADDRESSES { network(address) } else { Ipv6Addr::UNSPECIFIED.into() };
        self.limiter.check_key(&known).map_err(|until| refusal(&until))
    }

    /// Forgets addresses that have their whole allowance again, now and then.
    fn sweep(&self) {
        use std::sync::atomic::Ordering::Relaxed;
        let next = |left: u32| Some(left.checked_sub(1).unwrap_or(SWEEP_EVERY));
        if self.until_sweep.fetch_update(Relaxed, Relaxed, next) == Ok(0) {
            self.limiter.retain_recent();
        }
    }
}

fn quota(rate: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(BURST_SECONDS).map_or(rate, |seconds| rate.saturating_mul(seconds));
    Quota::per_second(rate).allow_burst(burst)
}

fn refusal(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Refusal {
    let wait = until.wait_time_from(DefaultClock::default().now());
    Refusal::Rate { seconds: wait.saturating_add(Duration::from_millis(999)).as_secs().max(1) }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & IPV6_NETWORK).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_second: u32) -> Option<NonZeroU32> {
        NonZeroU32::new(per_second)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_that_asked_too_often_is_told_when_to_come_again_and_others_are_served() {
        let limits = Limits::new(Rates { unauthorised: None, per_address: rate(1), total: None });
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..BURST_SECONDS {
            limits.authentic(one).unwrap();
        }
        let Err(Refusal::Rate { seconds }) = limits.authentic(one) else { panic!("served") };
        assert_eq!(seconds, 1);
        limits.authentic(other).unwrap();
    }

    #[test]
    fn strangers_are_limited_without_limiting_those_who_may_post() {
        let limits = Limits::new(Rates { unauthorised: rate(1), per_address: None, total: None });
        let one = address("192.0.2.1");
        for _ in 0..BURST_SECONDS {
            assert_eq!(limits.unauthorised(one, Refusal::Credential), Refusal::Credential);
        }
        assert!(matches!(limits.unauthorised(one, Refusal::Credential), Refusal::Rate { .. }));
        limits.authentic(one).unwrap();
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_count_as_one() {
        let limits = Limits::new(Rates { unauthorised: None, per_address: rate(1), total: None });
        for last in 0..BURST_SECONDS {
            limits.authentic(address(&format!("2001:db8::{last:x}"))).unwrap();
        }
        assert!(limits.authentic(address("2001:db8::ffff")).is_err());
        limits.authentic(address("2001:db8:0:1::1")).unwrap();
    }

    #[test]
    fn a_total_holds_over_all_addresses() {
        let limits = Limits::new(Rates { unauthorised: None, per_address: None, total: rate(1) });
        for last in 0..BURST_SECONDS {
            limits.authentic(address(&format!("192.0.2.{last}"))).unwrap();
        }
        assert!(limits.authentic(address("192.0.2.200")).is_err());
    }

    #[test]
    fn no_number_of_addresses_grows_the_memory_without_bound() {
        let limits = PerAddress::new(NonZeroU32::MIN);
        for number in 0..120_000_u32 {
            let _refused_or_not = limits.check(std::net::Ipv4Addr::from(number).into());
        }
        assert!(limits.limiter.len() <= MAX_ADDRESSES + 1, "{}", limits.limiter.len());
    }
}
