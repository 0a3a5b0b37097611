use std::{fs, path::PathBuf};

use kalends_tests::{Installation, tree::files_under};

/// Every configuration of kalends that the project ships.
fn shipped() -> Vec<PathBuf> {
    let root = super::sources::root();
    let folders = ["config", "deploy"].map(|folder| files_under(&root.join(folder)).unwrap());
    let is_ours = |file: &PathBuf| {
        let yaml = file.extension().is_some_and(|ending| ending == "yaml");
        yaml && fs::read_to_string(file).unwrap().lines().any(|line| line.starts_with("endpoints:"))
    };
    folders.into_iter().flatten().filter(is_ours).collect()
}

#[test]
fn every_shipped_configuration_is_accepted() {
    let installation = Installation::new("").unwrap();
    let shipped = shipped();
    assert!(shipped.len() >= 2, "the embedded default and the full one at least: {shipped:?}");
    fs::write(installation.path("token"), "a-token-of-this-test").unwrap();
    for file in shipped {
        // Secrets lie where a cluster puts them; here they lie beside the configuration.
        let text = fs::read_to_string(&file).unwrap().replace("/run/secrets/kalends/", "");
        fs::write(installation.path("shipped.yaml"), text).unwrap();
        let output = installation.run(["check", "--config", "shipped.yaml"]).unwrap();
        assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn checking_a_configuration_touches_no_directory() {
    let installation = Installation::new("").unwrap();
    for file in shipped() {
        installation.run(["check".as_ref(), "--config".as_ref(), file.as_os_str()]).unwrap();
    }
    let left = files_under(installation.directory()).unwrap();
    assert_eq!(left.len(), 1, "only the installation's own file: {left:?}");
}
