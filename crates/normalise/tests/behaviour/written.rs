//! Files of the repository that are made from the code: compared with it, and written anew under `KALENDS_BLESS=1`.

use std::{env, fs, path::Path};

/// Holds that `docs/<name>` is `want`.
pub(crate) fn matches(name: &str, want: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if env::var_os("KALENDS_BLESS").is_some_and(|bless| bless == "1") {
        fs::write(&file, want).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let differing = found.lines().zip(want.lines()).position(|(found, want)| found != want);
    let line = differing.unwrap_or_else(|| found.lines().count().min(want.lines().count())) + 1;
    assert!(
        found == want,
        "docs/{name} is not what the schemas say from line {line} on: write it anew with KALENDS_BLESS=1 cargo test -p kalends-normalise"
    );
}
