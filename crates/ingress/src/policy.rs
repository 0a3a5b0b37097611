use std::sync::Arc;

use crate::{RouteError, Settings, limits::rate::Limits, request::routes::Routes};

/// Rules that hold for a request from its beginning to its end. A new policy may replace them at any time, for later
/// requests.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) settings: Settings,
    pub(crate) routes: Routes,
    pub(crate) limits: Limits,
}

impl Policy {
    pub(crate) fn new(mut settings: Settings) -> Result<Arc<Self>, RouteError> {
        let routes = Routes::new(std::mem::take(&mut settings.endpoints))?;
        let limits = Limits::new(settings.rates);
        Ok(Arc::new(Self { settings, routes, limits }))
    }
}
