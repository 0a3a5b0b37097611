use std::fs;

use crate::sources::{defines, quoted, root};

/// A threat that no test is left to answer is only said to be met.
#[test]
fn every_test_that_the_threat_model_names_exists() {
    let page = fs::read_to_string(root().join("docs/run/threat-model.md")).unwrap();
    let named: Vec<_> = quoted(&page).filter_map(|text| text.split_once(".rs::")).collect();
    assert!(named.len() > 40, "only {named:?}");
    for (file, function) in named {
        assert!(
            defines(&format!("{file}.rs"), function),
            "docs/run/threat-model.md names {file}.rs::{function}, and there is no such test"
        );
    }
}

#[test]
fn every_threat_is_answered_by_a_test() {
    let page = fs::read_to_string(root().join("docs/run/threat-model.md")).unwrap();
    let threats = page.split("## Threats").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let rows = threats.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat"));
    let unanswered: Vec<_> = rows.filter(|row| !row.contains(".rs::")).collect();
    assert!(unanswered.is_empty(), "{unanswered:?}");
}
