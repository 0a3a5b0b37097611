//! The `kalends` command.

fn main() -> std::process::ExitCode {
    kalends::commands::main(kalends::sinks::KINDS)
}
