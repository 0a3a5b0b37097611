//! Pages and messages say things in words that every reader of English knows in the meaning that is meant.

use std::fs;

use kalends_tests::tree::files_under;

use super::sources::root;

/// Words that pages and messages do without: each has another meaning that a reader thinks of first.
const AVOIDED: [&str; 6] = [" told", " mend ", " mended", " mends ", " whence ", " but for "];

/// Folders of pages for people who run kalends and read its records. Names of tests stand on the other pages.
const FOLDERS: [&str; 4] = ["docs/consume", "docs/reference", "docs/run", "docs/tasks"];

/// The text of a page without code.
fn prose(page: &str) -> String {
    let fences = page.split("```").step_by(2);
    let lines = fences.flat_map(str::lines).filter(|line| !line.starts_with("    "));
    lines.map(|line| line.split('`').step_by(2).collect::<String>().to_lowercase() + " \n").collect()
}

#[test]
fn pages_avoid_words_with_another_meaning() {
    let mut pages =
        vec![root().join("README.md"), root().join("deploy/README.md"), root().join("docs/README.md")];
    for folder in FOLDERS {
        pages.extend(files_under(&root().join(folder)).unwrap());
    }
    for page in pages {
        let text = prose(&fs::read_to_string(&page).unwrap());
        for (number, line) in text.lines().enumerate() {
            let line = format!(" {line}");
            let found = AVOIDED.iter().find(|word| line.contains(*word));
            assert_eq!(found, None, "{}: about line {}: {line}", page.display(), number + 1);
        }
    }
}
