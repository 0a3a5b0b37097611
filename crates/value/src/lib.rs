//! Values of the configuration, as every crate with settings of its own needs them.
//!
//! A [`Node`] is a value with the place where it was written. [`read`] makes settings of a node by their `Deserialize`, and lists
//! every value that does not fit, each with its [`Path`] from that node. Where a text is wanted, it is the text that was
//! written: `0012` and `no` stay what they are.
//!
//! The types [`Size`], [`Start`], [`Secret`], [`Text`], [`ClientTls`], the module [`duration`] and the macro [`words!`] are how
//! settings are written. This crate knows nobody.

mod client_tls;
mod deserializer;
pub mod duration;
mod error;
pub mod hints;
mod nearest;
mod node;
mod path;
mod read;
mod secret;
mod size;
mod start;
mod text;
mod words;

pub use client_tls::ClientTls;
pub use nearest::nearest;
pub use node::{Content, Entry, Node, Number, Origin};
pub use path::{Misfit, Path, Step};
pub use read::{read, read_beside};
pub use secret::{NEVER_PLAIN, Reference, Secret};
pub use size::Size;
pub use start::Start;
pub use text::Text;

/// Names that the code of [`words!`] refers to.
#[doc(hidden)]
pub mod macro_support {
    pub use schemars;
    pub use serde;
}
