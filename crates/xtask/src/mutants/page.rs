//! The table of mutations as a page for readers.

#![cfg(test)]

use std::{fmt::Write, fs};

use super::mutation::{self, Area, Mutation};
use crate::workspace;

const HEAD: &str = "\
# What each fault test guards

A test that can't fail proves nothing. Each row names something that the sources do, and the tests that were seen to fail when it
was taken out or turned round. The lines themselves stand in [tests/mutants](../../tests/mutants), whence this page is written; this does it
all again on a copy of the tree, and fails when a test does not:

    cargo xtask mutants             # hours; one word more takes only the rows that contain it: cargo xtask mutants active.rs
    KALENDS_BLESS=1 cargo test -p kalends-xtask      # writes this page anew
";

fn page(areas: &[Area]) -> String {
    let mut page = HEAD.to_owned();
    for Area { title, mutations } in areas {
        write!(page, "\n## {title}\n\n| without this | in | these fail |\n|---|---|---|\n").unwrap();
        for Mutation { what, file, tests, .. } in mutations {
            let names = tests.iter().map(|test| format!("`{}`", test.name.rsplit("::").next().unwrap()));
            let names = names.collect::<Vec<_>>().join(", ");
            writeln!(page, "| {what} | {file} | {names} |").unwrap();
        }
    }
    page
}

#[test]
fn what_is_taken_out_stands_once_in_its_file() {
    let areas = mutation::read(&workspace::root().join("tests/mutants")).unwrap();
    for mutation in areas.iter().flat_map(|area| &area.mutations) {
        let whole = fs::read_to_string(workspace::root().join(&mutation.file)).unwrap_or_default();
        assert!(mutation.of(&whole).is_some(), "{}: {}", mutation.file, mutation.what);
    }
}

#[test]
fn the_page_says_what_the_mutations_say() {
    let areas = mutation::read(&workspace::root().join("tests/mutants")).unwrap();
    let path = workspace::root().join("docs/develop/fault-tests.md");
    let page = page(&areas);
    if std::env::var_os("KALENDS_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "run it with KALENDS_BLESS=1");
}
