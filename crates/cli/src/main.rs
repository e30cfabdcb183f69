//! The binary `plughold`. It is also the runner of its plugins: for each of them it is executed again.

// Without an arena of its own a runner would have to ask the system for memory after its lockdown.
plughold::runner::install_arena!();

fn main() -> std::process::ExitCode {
    plughold::runner::run_if_asked();
    plughold_cli::run(std::env::args_os())
}
