use super::*;
use crate::connections::state::ConnectionState;

fn registry() -> Arc<ConnectionRegistry> {
    Arc::new(ConnectionRegistry::new())
}

fn connection(registry: &Arc<ConnectionRegistry>) -> Arc<ConnectionState> {
    Arc::new(ConnectionState::new(registry))
}

fn is_evicted(connection: &ConnectionState) -> bool {
    let evicted = connection.evicted();
    let mut waiting = std::pin::pin!(evicted.notified());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    waiting.as_mut().poll(&mut context).is_ready()
}

#[test]
fn connection_that_is_idle_longest_is_evicted_and_a_busy_one_is_not() {
    let registry = registry();
    let [first, second, third] = [(); 3].map(|()| connection(&registry));
    let request = first.begin();
    drop(second.begin());
    assert!(registry.evict_idlest());
    assert!(is_evicted(&third) && !is_evicted(&second));
    assert!(registry.evict_idlest());
    assert!(is_evicted(&second) && !is_evicted(&first));
    assert!(!registry.evict_idlest(), "the first has a request in flight");
    drop(request);
    assert!(registry.evict_idlest() && is_evicted(&first));
}

#[test]
fn connection_with_one_of_two_requests_answered_is_not_evicted() {
    let registry = registry();
    let connection = connection(&registry);
    let (one, other) = (connection.begin(), connection.begin());
    drop(one);
    assert!(!registry.evict_idlest());
    drop(other);
    assert!(registry.evict_idlest());
}

#[test]
fn room_for_serving_is_made_by_evicting_a_connection_that_is_served() {
    let registry = registry();
    let [unserved, served] = [(); 2].map(|()| connection(&registry));
    assert!(!registry.evict_idlest_served());
    served.set_served(true);
    assert!(registry.evict_idlest_served() && is_evicted(&served) && !is_evicted(&unserved));
    assert!(!registry.evict_idlest_served());
}

#[test]
fn connection_that_is_served_keeps_the_age_of_its_idleness() {
    let registry = registry();
    let [first, second] = [(); 2].map(|()| connection(&registry));
    second.set_served(true);
    first.set_served(true);
    first.set_served(false);
    assert!(registry.evict_idlest() && is_evicted(&first) && !is_evicted(&second));
}

#[test]
fn no_more_connections_are_evicted_than_go() {
    let registry = registry();
    let mut open: Vec<_> = (0..MAX_EVICTING + 10).map(|_| connection(&registry)).collect();
    assert_eq!((0..open.len()).filter(|_| registry.evict_idlest()).count(), MAX_EVICTING);
    // One that was told to go and begins a request at that moment goes all the same.
    drop(open[0].begin());
    drop(open.remove(0));
    drop(open.remove(0));
    assert_eq!((0..open.len()).filter(|_| registry.evict_idlest()).count(), 2);
    drop(open);
    let idle = registry.idle();
    assert_eq!((idle.evicting, idle.unserved.len(), idle.served.len()), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn connection_is_quiet_after_its_first_answer_when_no_other_request_comes() {
    const QUIET_TIME: Duration = Duration::from_millis(500);
    let connection = connection(&registry());
    let waits = |connection: &Arc<ConnectionState>| {
        let connection = Arc::clone(connection);
        async move { timeout(QUIET_TIME * 4, connection.quiet(QUIET_TIME)).await.is_err() }
    };
    assert!(waits(&connection).await, "it has answered nothing");
    let request = connection.begin();
    assert!(waits(&connection).await, "a request is in flight");
    drop(request);
    connection.set_stalled(true);
    assert!(waits(&connection).await, "the client does not read the answer");
    connection.set_stalled(false);
    assert!(!waits(&connection).await);
}
