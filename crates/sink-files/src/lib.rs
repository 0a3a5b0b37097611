//! Delivers records as Avro object container files; one manifest rename is one commit.
//!
//! # What lies in the directory
//!
//! ```text
//! <directory>/<topic>/date=YYYY-MM-DD/<first>-<last>.avro   published: complete, fsynced, never touched again
//! <directory>/.kalends/                                     locked by the process that delivers here
//! <directory>/.kalends/lock                                 locked as well, and says which process that is
//! <directory>/.kalends/manifest.json                        checkpoints, and the files of the last commit
//! <directory>/.kalends/*.part                               files that are being written, or wait to be published
//! <directory>/.kalends/*.set-aside-*                        a manifest that could not be used, and the parts beside it
//! ```
//!
//! The day is the UTC day of receipt; first and last are the journal positions in that file, 20 digits each. The journal
//! that used the directory first has these names; files of any other journal end in `-<journal identity>.avro`,
//! since its positions begin at 1 again.
//!
//! # The order that makes a commit atomic
//!
//! 1. parts are complete and fsynced, then their directory is;
//! 2. the names are checked: `.kalends` and `lock` still are what was locked, the manifest has the bytes that were
//!    stored last, and each part is the file that was written, as long as it was;
//! 3. the next manifest is written and fsynced, the names are checked again, it is renamed over the old one, and the
//!    directory is fsynced: **the commit**;
//! 4. the folders that are missing are made and fsynced, the parts are renamed into them, and the folders are fsynced.
//!
//! Step 2 guards against people and programs that delete, put back or copy what is under `.kalends` meanwhile. What it
//! finds is a retry: nothing was committed, and the next connect starts from what is on disk. When a part has vanished
//! by step 4, before any was renamed, the manifest before this commit is put back; only a connect takes a part that is
//! gone for published.
//!
//! Connecting makes what it finds durable again, published names first, then the manifest; does step 4 for every part
//! that is still there, and removes all other parts. A part of the manifest that is gone was published; whether the
//! published file is still there is nobody's business, since loaders move files away. Names of parts are never used
//! twice.
//!
//! This crate never builds or decodes a datum.

mod container;
mod day;
mod disk;
mod disk_op;
mod error;
mod kind;
mod layout;
mod lock;
mod manifest;
mod part_writer;
mod publish;
mod session;
mod set_aside;
mod settings;
mod sink;
#[cfg(test)]
mod tests;

pub use kind::Files;
pub use settings::{Codec, FilesSettings, Settings};
pub use sink::{FileSink, committed};
