//! The program as `deploy/` runs it: without any right, and with nothing to write to but its own directory.

use std::{
    fs,
    os::unix::fs::chown,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use kalends_tests::{Daemon, Installation, config, event, program, service};

/// The user of the image, who needs no name.
const USER: u32 = 10001;

/// Makes this mount namespace's root read-only but for the current folder, then gives up every right.
const CONFINE: &str = r#"
    mount --make-rprivate /
    mount --bind "$PWD" "$PWD"
    mount -o remount,bind,ro /
    cd "$PWD"
    exec setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
"#;

/// A command that runs these words so in an installation's folder.
fn confined(installation: &Installation, words: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-ec", CONFINE, "bash"]).args(words);
    command.current_dir(installation.directory()).stdin(Stdio::null());
    command
}

/// Gives the folder to the user, and sees that nothing else can be written.
fn confine(installation: &Installation) -> anyhow::Result<()> {
    fs::copy(program()?, installation.path("program"))?;
    for path in [".", "program", "kalends.yaml"] {
        chown(installation.path(path), Some(USER), Some(USER)).context("can't give a file away")?;
    }
    let tried = "touch here && grep -q ' / / ro' /proc/self/mountinfo && ! grep -E '^Cap...:.*[1-9a-f]' /proc/self/status";
    let output = confined(installation, &["bash", "-ec", tried]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim_end().to_owned());
    Ok(())
}

#[test]
fn a_user_without_rights_on_a_read_only_root_file_system_receives_and_delivers() {
    let installation = Installation::new(&config::files()).unwrap();
    if let Err(missing) = confine(&installation) {
        return service::skip("root, who may mount in a namespace of their own", &missing).unwrap();
    }
    let mut command = confined(&installation, &["./program", "run", "--config", "kalends.yaml"]);
    let mut daemon = Daemon::spawn(command.stdout(Stdio::null()), installation.path("log")).unwrap();
    daemon.wait_until_ready().unwrap();
    assert_eq!(daemon.post(event::webhook("a", 1)).unwrap().status, 200);
    daemon.wait_until_delivered(&["files"]).unwrap();
    assert!(daemon.terminate().unwrap().success());
    assert_eq!(installation.records().unwrap().len(), 1);
}
