//! kalends with one kind of sink more.

use kalends_sink::SinkKinds;

const KINDS: SinkKinds = &[&kalends_sink_files::Files, &kalends_toy_sink::Toy];

fn main() -> std::process::ExitCode {
    kalends::commands::main(KINDS)
}
