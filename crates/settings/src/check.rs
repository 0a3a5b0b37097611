//! Rules that no single value shows: across keys, and references to secrets.

mod claims;
mod endpoints;
mod journal;
mod listen;
mod privacy;
mod secrets;
mod sinks;
mod telemetry;
mod tls;

use crate::schema_catalogue::Catalogue;

use kalends_normalise::Plan;
use kalends_value::{Misfit, Path};

pub(super) use secrets::all as all_secrets;

use super::Settings;

/// Fills in the secrets at the paths that `reads` says, brings event types to their known spelling, and lists everything that is wrong.
pub(super) fn check(
    settings: &mut Settings,
    variable: &dyn Fn(&str) -> Option<String>,
    reads: &dyn Fn(&Path) -> bool,
) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    secrets::resolve(settings, variable, reads, &mut misfits);
    let catalogue = schemas(settings, &mut misfits);
    misfits.extend(faults(settings, catalogue.as_ref().map(|catalogue| &catalogue.plan)));
    misfits
}

/// Brings event types to their known spelling, and lists what is wrong with settings whose secrets are filled in. `plan` is `None` when
/// the schemas could not be read.
pub(super) fn faults(settings: &mut Settings, plan: Option<&Plan>) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    sinks::check(settings, plan, &mut misfits);
    if let Some(plan) = plan {
        privacy::check(settings, plan, &mut misfits);
    }
    listen::check(settings, &mut misfits);
    journal::check(settings, &mut misfits);
    claims::check(settings, plan, &mut misfits);
    endpoints::check(settings, &mut misfits);
    tls::check(settings, &mut misfits);
    telemetry::check(settings, &mut misfits);
    misfits
}

/// Reads the schemas; with a fault among them nothing can be said about the event types that sinks speak of.
fn schemas(settings: &Settings, misfits: &mut Vec<Misfit>) -> Option<Catalogue> {
    let directory = settings.schemas.directory.as_deref();
    let faults = match Catalogue::read(directory, settings.timestamps.into()) {
        Ok(catalogue) => return Some(catalogue),
        Err(faults) => faults,
    };
    let at = Path::keys(&["schemas", "directory"]);
    misfits.extend(faults.0.into_iter().map(|fault| (at.clone(), fault.message)));
    None
}

/// Longest name, in characters: names of files consist of it and of a few more.
const LONGEST_NAME: usize = 200;

/// Returns whether `name` may be a name of the operator's choice: it becomes a label, a header and part of a key.
fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The fault of a name, whatever stands under it.
pub(super) const NAME_RULE: &str =
    "a name consists of a to z, 0 to 9 and _, at most 200 of them; choose another";
