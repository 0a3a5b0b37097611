//! Lists the files of presets, so that adding one is adding a file.

use std::{env, ffi::OsString, fs, io, path::Path};

fn main() -> io::Result<()> {
    let of = |name: &str| env::var_os(name).ok_or_else(|| io::Error::other(format!("{name} is not set")));
    let folder = Path::new(&of("CARGO_MANIFEST_DIR")?).join("presets");
    let mut files: Vec<OsString> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    files.sort();
    let mut lines = vec!["const FILES: &[(&str, &str)] = &[".to_owned()];
    for file in &files {
        let path = folder.join(file);
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        lines.push(format!("    ({name:?}, include_str!({:?})),", path.to_string_lossy()));
    }
    lines.push("];".to_owned());
    fs::write(Path::new(&of("OUT_DIR")?).join("presets.rs"), lines.join("\n"))
}
