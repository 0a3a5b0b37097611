//! The rules of `docs/reference/values.md`, as they stand in its tables.

use std::{collections::BTreeMap, fs};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/values.md");

/// One row of a table.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) case: String,
    /// Members of a JSON object.
    pub(super) sent: String,
    /// JSON, or a word of the page.
    pub(super) holds: String,
    /// Members of a JSON object.
    pub(super) extra: String,
    /// Names of quirks, and what they are met at.
    pub(super) quirks: Vec<(String, String)>,
}

/// The rules by the heading that they stand under.
pub(super) struct Rules(BTreeMap<String, Vec<Rule>>);

impl Rules {
    pub(super) fn read() -> Self {
        let mut rules: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
        let mut heading = String::new();
        for line in fs::read_to_string(PAGE).unwrap().lines() {
            if line.starts_with('#') {
                line.trim_start_matches(['#', ' ']).clone_into(&mut heading);
            } else if line.starts_with('|') && !line.starts_with("| case ") && !line.starts_with("|--") {
                rules.entry(heading.clone()).or_default().push(Rule::of(line));
            }
        }
        Self(rules)
    }

    /// The rules under these headings, in the order of the headings: a later one overrides earlier ones of the same case.
    pub(super) fn under(&self, headings: &[&str]) -> Vec<Rule> {
        let mut under: Vec<Rule> = Vec::new();
        for heading in headings {
            let rules = self
                .0
                .get(*heading)
                .unwrap_or_else(|| panic!("docs/reference/values.md has no table under {heading}"));
            under.retain(|earlier| rules.iter().all(|rule| rule.case != earlier.case));
            under.extend_from_slice(rules);
        }
        under
    }

    pub(super) fn headings(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Rule {
    fn of(line: &str) -> Self {
        let cells: Vec<&str> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [case, sent, holds, extra, quirks] = cells.as_slice() else { panic!("a row of five: {line}") };
        let quirk = |text: &str| text.split_once(' ').map(|(quirk, at)| (quirk.to_owned(), at.to_owned()));
        Self {
            case: (*case).to_owned(),
            sent: (*sent).to_owned(),
            holds: (*holds).to_owned(),
            extra: (*extra).to_owned(),
            quirks: quirks.split(", ").filter_map(quirk).collect(),
        }
    }
}
