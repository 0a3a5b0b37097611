//! A file system of a few MiB, to be filled to its last byte.

use std::{
    env, fs,
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

const BALLAST: &str = "ballast";

/// The ways to be allowed to mount: as anybody where user namespaces are allowed, or as root.
const WAYS: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];

/// A tmpfs in a mount namespace of its own. It goes when this is dropped, and when this process dies.
#[derive(Debug)]
pub struct SmallDisk {
    holder: Child,
    path: PathBuf,
    _mount_point: TempDir,
}

impl SmallDisk {
    /// Mounts one of this size; `None`, after one line on stderr, where nothing may be mounted.
    ///
    /// # Errors
    /// Nothing may be mounted, under `CI=true`.
    pub fn mount(mebibytes: u32) -> anyhow::Result<Option<Self>> {
        let mut why = String::new();
        for way in WAYS {
            match Self::hold(way, mebibytes) {
                Ok(disk) => return Ok(Some(disk)),
                Err(error) => why = format!("{error:#}"),
            }
        }
        if env::var("CI").is_ok_and(|value| value == "true") {
            bail!("tests on a really full disk must run here, and can't: {why}");
        }
        // Written past the test runner, which keeps what passing tests print to itself.
        writeln!(io::stderr(), "LEFT OUT, needs to mount a small file system: {why}")?;
        Ok(None)
    }

    /// Its root, as every process sees it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that can still be written to it.
    ///
    /// # Errors
    /// It is gone.
    pub fn free_bytes(&self) -> anyhow::Result<u64> {
        let stat = rustix::fs::statvfs(&self.path)?;
        Ok(stat.f_bavail * stat.f_frsize)
    }

    /// Puts a file on it that leaves at most so many bytes free.
    ///
    /// # Errors
    /// It can't be written for another reason than want of room.
    pub fn fill(&self, leave: u64) -> anyhow::Result<()> {
        let mut ballast = fs::OpenOptions::new().append(true).create(true).open(self.path.join(BALLAST))?;
        while let Some(more) = self.free_bytes()?.checked_sub(leave).filter(|more| *more > 0) {
            let page = vec![0; usize::try_from(more.min(4096))?];
            match ballast.write(&page) {
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                written => written.map(drop)?,
            }
        }
        Ok(())
    }

    /// Takes that file away.
    ///
    /// # Errors
    /// There is none.
    pub fn make_room(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.path.join(BALLAST))?)
    }

    /// Makes a folder on it that is also found under `link`.
    ///
    /// # Errors
    /// The folder or the link can't be made.
    pub fn folder(&self, name: &str, link: &Path) -> anyhow::Result<()> {
        let folder = self.path.join(name);
        fs::create_dir(&folder)?;
        Ok(std::os::unix::fs::symlink(folder, link)?)
    }

    fn hold(way: &[&str], mebibytes: u32) -> anyhow::Result<Self> {
        let mount_point = tempfile::Builder::new().prefix("kalends-disk-").tempdir()?;
        // It holds the namespace until its input closes: when this process is gone.
        let script = format!("mount -t tmpfs -o size={mebibytes}m tmpfs \"$0\" && echo mounted && read -r _");
        let mut command = Command::new("unshare");
        command.args(way).args(["bash", "-c", &script]).arg(mount_point.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = command.spawn().context("can't start unshare")?;
        let said = holder.stdout.take().map(first_line).transpose()?;
        if said.as_deref() != Some("mounted") {
            let output = holder.wait_with_output()?;
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end().to_owned());
        }
        let inside = mount_point.path().strip_prefix("/")?;
        let path = Path::new("/proc").join(holder.id().to_string()).join("root").join(inside);
        Ok(Self { holder, path, _mount_point: mount_point })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // An error means that it has ended by itself.
        self.holder.kill().ok();
        self.holder.wait().ok();
    }
}

fn first_line(stdout: ChildStdout) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
