use std::{fs, os::unix::fs::MetadataExt as _};

use kalends_settings::{Reference, Settings};

/// A secret of fewer characters can be guessed.
const MIN_CHARACTERS: usize = 16;

/// The bit of a file's mode that lets everybody read it.
const OTHERS_READ: u32 = 0o004;

/// What is worth knowing of secrets: that they can be guessed or read. Never a secret itself.
pub(super) fn notes(settings: &mut Settings) -> Vec<String> {
    let mut notes = Vec::new();
    for (path, secret) in settings.secrets() {
        let path = path.to_string();
        let is_chosen = path.ends_with(".privacy.key") || path.contains(".tokens[");
        let characters = secret.expose().chars().count();
        if is_chosen && characters < MIN_CHARACTERS {
            notes.push(format!(
                "{path}: a secret of {characters} characters can be guessed; make a longer one: openssl rand -hex 32"
            ));
        }
        if let Reference::File(file) = secret.reference()
            && fs::metadata(file).is_ok_and(|found| found.mode() & OTHERS_READ != 0)
        {
            notes.push(format!(
                "{path}: everybody on this machine can read {file}: chmod o-r {file}",
                file = file.display()
            ));
        }
    }
    notes
}
