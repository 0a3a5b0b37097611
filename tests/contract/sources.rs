use std::{
    fs,
    path::{Path, PathBuf},
};

use kalends_tests::tree::files_under;

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file that belongs to the project, as a path below the root.
fn files() -> Vec<PathBuf> {
    let root = root();
    let mut files = Vec::new();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if [".git", "target", "data"].contains(&name.as_str()) {
            continue;
        }
        if path.is_file() {
            files.push(path);
        } else {
            files.extend(files_under(&path).unwrap());
        }
    }
    files.iter().map(|file| file.strip_prefix(&root).unwrap().to_owned()).collect()
}

/// Every source file, as a whole path.
pub(crate) fn rust_files() -> Vec<PathBuf> {
    let is_source = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "rs");
    files().into_iter().filter(is_source).map(|file| root().join(file)).collect()
}

/// What stands between backticks on a page.
pub(crate) fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2)
}

/// The names of the functions that a source defines.
pub(crate) fn functions(source: &str) -> impl Iterator<Item = &str> {
    source.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next())
}

/// Whether a source file, named from the root, is there and defines this function.
pub(crate) fn defines(file: &str, function: &str) -> bool {
    let source = fs::read_to_string(root().join(file)).unwrap_or_default();
    functions(&source).any(|name| name == function)
}

fn text(file: &Path) -> Option<String> {
    String::from_utf8(fs::read(root().join(file)).unwrap()).ok()
}

#[test]
fn no_source_file_is_longer_than_400_lines() {
    let sources = files().into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
    let long = |file: &PathBuf| text(file).is_some_and(|text| text.lines().count() > 400);
    let long: Vec<_> = sources.filter(long).collect();
    assert!(long.is_empty(), "cut by idea: {long:?}");
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    let folders = ["home", "root", "Users", "work"].map(|folder| format!("/{folder}/"));
    for file in files() {
        let Some(text) = text(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            // A path begins where a word does: src/root/ is none.
            let absolute = |folder: &String| {
                line.match_indices(folder).any(|(at, _)| {
                    !line[..at]
                        .ends_with(|before: char| before.is_alphanumeric() || "_-.~}/)*".contains(before))
                })
            };
            let found = folders.iter().find(|folder| absolute(folder));
            assert_eq!(found, None, "{}:{}: {line}", file.display(), number + 1);
        }
    }
}

#[test]
fn every_crate_inherits_the_lint_table() {
    for manifest in
        files().iter().filter(|file| file.ends_with("Cargo.toml") && file.components().count() > 1)
    {
        let text = text(manifest).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{} has lints of its own", manifest.display());
    }
}
