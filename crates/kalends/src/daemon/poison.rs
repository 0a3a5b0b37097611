use std::time::Duration;

use kalends_journal::Appender;

/// How long a poisoned daemon still answers, with 503, so that load balancers and senders notice before it is gone.
const GRACE: Duration = Duration::from_secs(5);

/// Ends some time after a sync of the journal has failed.
pub(crate) async fn watch(appender: Appender) {
    appender.poisoned().await;
    tracing::error!(
        grace_s = GRACE.as_secs(),
        "a sync of the journal has failed: refusing webhooks, then ending"
    );
    tokio::time::sleep(GRACE).await;
}
