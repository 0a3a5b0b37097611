//! The `kalends` command.

fn main() -> std::process::ExitCode {
    kalends::command::main()
}
