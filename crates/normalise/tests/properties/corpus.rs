use std::{fs, path::Path};

/// Every body that the repository keeps: the sender's samples, one for each quirk, and bodies that are no events.
pub(crate) fn bodies() -> Vec<Vec<u8>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let folders = fs::read_dir(fixtures.join("events")).unwrap();
    let events = folders.map(|folder| folder.unwrap().path().join("body.json"));
    let samples = fs::read_dir(fixtures.join("samples")).unwrap().map(|file| file.unwrap().path());
    events.chain(samples).map(|file| fs::read(file).unwrap()).collect()
}
