//! What a process holds in memory, from the kernel's account.

use std::fs;

use anyhow::Context as _;

/// Bytes that a process holds now, files that it maps aside: those the kernel may take back.
///
/// # Errors
/// There is no such process.
pub fn held_bytes(pid: u32) -> anyhow::Result<u64> {
    field(pid, "RssAnon:")
}

/// The most bytes that were resident at once since it began, mapped files included.
///
/// # Errors
/// There is no such process.
pub fn peak_bytes(pid: u32) -> anyhow::Result<u64> {
    field(pid, "VmHWM:")
}

fn field(pid: u32, name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kibibytes.with_context(|| format!("no {name} in the status of process {pid}"))? * 1024)
}
