//! A process that dies at each of its operations in turn.

use super::*;

/// Does `work` on forks of `disk`, where it dies at its first operation, at its second, and so on until it succeeds; then power goes.
/// `heir` takes over what is left, and is told at which operation the work died. Returns how many operations the work needs.
pub(super) fn dying_anywhere<T, E>(
    disk: &Memory,
    work: impl Fn(&Memory) -> Result<T, E>,
    heir: impl Fn(&Memory, u32),
) -> u32 {
    let mut last = 0;
    for chance in 0..3_usize {
        for step in 0.. {
            let disk = disk.fork();
            disk.fail(Fault::Any, step);
            let ended = work(&disk).map(drop).is_ok();
            disk.heal();
            disk.crash(|bound| chance.min(bound - 1));
            heir(&disk, step);
            if ended {
                last = step;
                break;
            }
        }
    }
    last
}
