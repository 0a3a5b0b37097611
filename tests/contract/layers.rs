use std::{fs, path::Path};

use kalends_tests::tree::files_under;

use crate::sources::root;

/// The modules of crates whose inside is held in layers, from the top. A module uses only modules of lines below its own.
const LAYERS: [(&str, &[&[&str]]); 1] = [(
    "normalise",
    &[
        &["normaliser"],
        &["project"],
        &["event"],
        &["walk"],
        &["avro"],
        &["plan"],
        &["json", "time"],
        &["dead_letter", "meta", "quirk"],
    ],
)];

/// The first name of each path that begins with `crate::`.
fn used(source: &str) -> Vec<&str> {
    let mut used = Vec::new();
    for rest in source.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(tree) => used.extend(first_names(tree)),
            None => used.extend(rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()),
        }
    }
    used.retain(|name| name.starts_with(|first: char| first.is_lowercase()));
    used
}

/// The names of a use tree's outermost level, whose opening brace is passed.
fn first_names(tree: &str) -> Vec<&str> {
    let (mut names, mut depth, mut is_next) = (Vec::new(), 1, true);
    for (at, letter) in tree.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => is_next = true,
            _ if is_next && !letter.is_whitespace() => {
                let name = tree[at..].split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
                names.extend(name);
                is_next = false;
            }
            _ => {}
        }
    }
    names
}

fn layer_of(layers: &[&[&str]], module: &str) -> Option<usize> {
    layers.iter().position(|layer| layer.contains(&module))
}

#[test]
fn modules_of_a_layered_crate_use_only_modules_below_their_own() {
    for (name, layers) in LAYERS {
        let folder = root().join("crates").join(name).join("src");
        for file in files_under(&folder).unwrap() {
            let path = file.strip_prefix(&folder).unwrap().with_extension("");
            let first =
                path.components().next().map(|part| Path::new(part.as_os_str()).display().to_string());
            let module = first.unwrap();
            if module == "lib" {
                continue;
            }
            let own =
                layer_of(layers, &module).unwrap_or_else(|| panic!("crates/{name}: {module} has no layer"));
            let source = fs::read_to_string(&file).unwrap();
            let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
            let source = lines.collect::<Vec<_>>().join("\n");
            for used in used(&source).into_iter().filter(|used| *used != module) {
                let below = layer_of(layers, used).is_some_and(|layer| layer > own);
                assert!(below, "{}: {module} must not use {used}", file.display());
            }
        }
    }
}

#[test]
fn use_trees_are_read_to_their_first_names() {
    let source = "use crate::{a::{B, c::D}, e, F};\nuse crate::g::H;\nlet x = crate::i::j();";
    assert_eq!(used(source), ["a", "e", "g", "i"]);
}
