use std::{collections::BTreeSet, fs};

use crate::sources::{functions, quoted, root, rust_files};

/// A page that promises a test which is gone or has another name by now proves nothing.
#[test]
fn every_test_that_the_guarantees_name_exists() {
    let page = fs::read_to_string(root().join("docs/run/guarantees.md")).unwrap();
    let sources: Vec<_> = rust_files().into_iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let functions: BTreeSet<_> = sources.iter().flat_map(|source| functions(source)).collect();
    let is_test = |name: &&str| name.matches('_').count() >= 3 && !name.contains(['.', '/', ' ']);
    let names: Vec<_> = quoted(&page).filter(is_test).collect();
    assert!(names.len() > 20, "only {names:?}");
    for name in names {
        assert!(functions.contains(name), "docs/run/guarantees.md names {name}, and there is no such test");
    }
}
