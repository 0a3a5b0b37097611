use std::fs;

use kalends_tests::tree::files_under;

use crate::sources::{defines, root};

/// The files that may define a test, from the root: its modules are files, and the last one may be a `mod tests` in its parent's.
fn candidates(package: &str, target: &[&str], modules: &[&str]) -> Vec<String> {
    let folder = match package {
        "kalends-tests" => "tests".to_owned(),
        other => format!("crates/{}", other.trim_start_matches("kalends-")),
    };
    let (folder, main) = match target {
        ["--test", name] if package == "kalends-tests" => (format!("{folder}/{name}"), "main"),
        ["--test", name] => (format!("{folder}/tests/{name}"), "main"),
        _ => (format!("{folder}/src"), "lib"),
    };
    let file = |modules: &[&str]| match modules {
        [] => format!("{folder}/{main}.rs"),
        modules => format!("{folder}/{}.rs", modules.join("/")),
    };
    match modules {
        [parents @ .., "tests"] => vec![file(modules), file(parents)],
        modules => vec![file(modules)],
    }
}

/// Whether this file runs the sinks' conformance suite, which defines its cases by a macro, and the suite has this case.
fn is_case_of_conformance(file: &str, function: &str) -> bool {
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    let suite = files_under(&root().join("crates/sink/src/conformance")).unwrap();
    text.contains("kalends_sink::conformance!(")
        && suite.iter().any(|case| defines(case.strip_prefix(root()).unwrap().to_str().unwrap(), function))
}

/// A row whose test is gone or has another name can't fail.
#[test]
fn mutants_rows_name_tests_that_exist() {
    let mut rows = 0;
    for table in files_under(&root().join("tests/mutants")).unwrap() {
        let text = fs::read_to_string(&table).unwrap();
        for row in text.lines().filter_map(|line| line.strip_prefix("> ")) {
            let words: Vec<_> = row.split_whitespace().collect();
            let [package, target @ .., path] = words.as_slice() else {
                panic!("{row}: package, target and test")
            };
            let mut modules: Vec<_> = path.split("::").collect();
            let function = modules.pop().unwrap();
            let files = candidates(package, target, &modules);
            assert!(
                files.iter().any(|file| defines(file, function) || is_case_of_conformance(file, function)),
                "{row}: none of {files:?} has this test"
            );
            rows += 1;
        }
    }
    assert!(rows > 100, "only {rows} rows");
}
