//! Commands in messages of this process, as its own command line names the installation.

use std::{borrow::Cow, path::Path, sync::OnceLock};

use kalends_sink::InstallationOptions;

static GIVEN: OnceLock<InstallationOptions> = OnceLock::new();

/// Has messages name this configuration file. Only the first call of this function or of [`use_journal`] has an effect.
pub(crate) fn use_configuration(file: &Path) {
    GIVEN.get_or_init(|| InstallationOptions::Configuration(file.to_owned()));
}

/// Has messages name this journal's directory, which the command line names in place of a configuration.
pub(crate) fn use_journal(directory: &Path) {
    GIVEN.get_or_init(|| InstallationOptions::Journal(directory.to_owned()));
}

/// The message with its commands as they can be pasted.
pub(crate) fn pasteable(message: &str) -> Cow<'_, str> {
    GIVEN.get().map_or(Cow::Borrowed(message), |given| given.complete(message))
}
