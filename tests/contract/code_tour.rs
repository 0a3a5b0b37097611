//! The code tour names files and functions; each of them exists.

use std::fs;

use crate::sources::{defines, quoted, root};

const TOUR: &str = "docs/develop/code-tour.md";

#[test]
fn code_tour_names_functions_that_exist() {
    let page = fs::read_to_string(root().join(TOUR)).unwrap();
    let mut steps = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let named: Vec<_> = quoted(row).collect();
        if let [file, function] = named[..]
            && !function.contains('/')
            && file.starts_with("crates/")
        {
            assert!(
                defines(file, function),
                "{TOUR} names {function} in {file}, and there is no such function"
            );
            steps += 1;
        }
    }
    assert!(steps > 25, "only {steps} steps");
}

#[test]
fn code_tour_names_paths_that_exist() {
    let page = fs::read_to_string(root().join(TOUR)).unwrap();
    for path in quoted(&page).filter(|text| text.starts_with("crates/")) {
        assert!(root().join(path).exists(), "{TOUR} names {path}, and there is no such path");
    }
}
