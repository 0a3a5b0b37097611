//! The licences of everything that is in the released program.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;

use super::{Package, of_program};

/// Beginnings of the names of files with the words of a licence.
const NAMES: [&str; 5] = ["license", "licence", "copying", "notice", "copyright"];

/// Folders below a package into which the search for them goes: C libraries have their own folders in the packages that bring them.
const DEPTH: usize = 3;

/// Largest file that is taken for a licence, in bytes.
const LARGEST: u64 = 128 << 10;

/// Prints the packages that the released program is built from, each with its licence, and then the words of all licences that come
/// with them, each once.
///
/// # Errors
/// The packages can't be listed, a file can't be read, or standard output can't be written.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let packages = of_program()?;
    let others: Vec<_> = packages.iter().filter(|package| package.checksum.is_some()).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "What kalends is built from, and under which licences.\n")?;
    for package in &others {
        writeln!(out, "{} {}: {}", package.name, package.version, package.licence)?;
    }
    for (words, holders) in texts(&others)? {
        writeln!(out, "\n{}\n{}\n\n{}", "=".repeat(80), holders.join("\n"), words.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The words of every licence, and the files that have them.
fn texts(packages: &[&Package]) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    for package in packages {
        let mut files = Vec::new();
        find(&package.folder, DEPTH, &mut files).with_context(|| format!("{}", package.folder.display()))?;
        files.sort();
        for file in files {
            let words = String::from_utf8_lossy(&fs::read(&file)?).replace("\r\n", "\n");
            let place = file.strip_prefix(&package.folder).unwrap_or(&file).display();
            texts.entry(words).or_default().push(format!("{} {}: {place}", package.name, package.version));
        }
    }
    Ok(texts)
}

fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().to_lowercase();
        // Programs that look at licences have some of others among their tests.
        if kind.is_dir() && depth > 0 && !["tests", "test", "fuzz", "examples"].contains(&name.as_str()) {
            find(&path, depth - 1, files)?;
        }
        let is_source = [".rs", ".c", ".h", ".py", ".pl", ".sh"].iter().any(|ending| name.ends_with(ending));
        let is_licence = kind.is_file() && !is_source && NAMES.iter().any(|start| name.starts_with(start));
        if is_licence && entry.metadata()?.len() <= LARGEST {
            files.push(path);
        }
    }
    Ok(())
}
