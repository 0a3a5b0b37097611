//! Libraries of a few lines that stand between the daemon and the system, to make it fail or jump.

use std::{path::Path, process::Command};

use kalends_tests::Installation;

/// Compiles a library from its source in this folder; what to put before the daemon's start in bash for using it.
pub(crate) fn preloaded(installation: &Installation, source: &str) -> String {
    let library = installation.path(source).with_extension("so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("durability").join(source);
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status().unwrap();
    assert!(built.success());
    format!("export LD_PRELOAD={}", library.display())
}
