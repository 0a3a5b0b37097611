use std::{fs, path::Path};

use anyhow::Context;
use kalends_tests::tree::files_under;

/// What a process has used since its start.
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu_seconds: f64,
    /// Resident set, and the largest there ever was.
    pub(crate) resident_bytes: f64,
    pub(crate) peak_bytes: f64,
}

/// Linux counts a process' time in hundredths of a second wherever programs can see it.
const TICKS_PER_SECOND: f64 = 100.0;

impl Usage {
    /// Reads the kernel's account of a process.
    ///
    /// # Errors
    /// There is no such process.
    pub(crate) fn of(pid: u32) -> anyhow::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The program's name may hold blanks; what follows its bracket doesn't: user and system time are fields 14 and 15.
        let (_, rest) = stat.rsplit_once(')').context("no program's name in stat")?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        let (user, system) = ticks(11).zip(ticks(12)).context("no times in stat")?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let memory = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kilobytes = line.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<f64>().ok());
            kilobytes.map(|kilobytes| kilobytes * 1024.0).with_context(|| format!("no {name} in status"))
        };
        Ok(Self {
            cpu_seconds: (user + system) / TICKS_PER_SECOND,
            resident_bytes: memory("VmRSS")?,
            peak_bytes: memory("VmHWM")?,
        })
    }
}

/// Bytes of all files in a folder.
///
/// # Errors
/// A file can't be read.
pub(crate) fn bytes_under(folder: &Path) -> anyhow::Result<f64> {
    let sizes = files_under(folder)?.into_iter().map(|file| Ok(fs::metadata(file)?.len()));
    Ok(sizes.collect::<std::io::Result<Vec<_>>>()?.into_iter().map(bytes).fold(0.0, |sum, bytes| sum + bytes))
}

fn bytes(number: u64) -> f64 {
    // Two halves, as only numbers of 32 bits convert without loss.
    let (high, low) = (u32::try_from(number >> 32), u32::try_from(number & 0xffff_ffff));
    f64::from(high.unwrap_or_default()) * 4_294_967_296.0 + f64::from(low.unwrap_or_default())
}
