//! What developers run: `cargo xtask test`, `soak`, `bench`.

fn main() {}
