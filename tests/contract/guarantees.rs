use std::{collections::BTreeSet, fs};

use crate::sources::{root, rust_files};

/// What stands between backticks on a page.
fn quoted(page: &str) -> Vec<&str> {
    page.split('`').skip(1).step_by(2).collect()
}

/// The names of all functions of the workspace's sources.
fn functions() -> BTreeSet<String> {
    let sources = rust_files().into_iter().map(|file| fs::read_to_string(file).unwrap());
    sources
        .flat_map(|source| {
            let names = source.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
            names.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// A page that promises a test which is gone or has another name by now proves nothing.
#[test]
fn every_test_that_the_guarantees_name_exists() {
    let page = fs::read_to_string(root().join("docs/guarantees.md")).unwrap();
    let functions = functions();
    let is_test = |name: &&str| name.matches('_').count() >= 3 && !name.contains(['.', '/', ' ']);
    let names: Vec<_> = quoted(&page).into_iter().filter(is_test).collect();
    assert!(names.len() > 20, "only {names:?}");
    for name in names {
        assert!(functions.contains(name), "docs/guarantees.md names {name}, and there is no such test");
    }
}
