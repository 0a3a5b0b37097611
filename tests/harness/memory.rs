//! What a process holds in memory, from the kernel's account.

use std::fs;

use anyhow::Context as _;

/// The most bytes of a process that were resident at once since it began, mapped files included.
///
/// # Errors
/// There is no such process.
pub fn peak_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kibibytes.with_context(|| format!("no VmHWM in the status of process {pid}"))? * 1024)
}
