//! A disk in memory that fails on demand and, at a crash, forgets what was not synced.

mod crash;
mod disk;
mod fault;
mod file;
mod gate;
#[cfg(test)]
mod look;
mod state;

pub use disk::Memory;
pub use fault::Fault;
