//! The binary `plughold-runner`: one plugin's process, started by a host and useless without one.

plughold_runner::install_arena!();

fn main() -> std::process::ExitCode {
    plughold_runner::run_if_asked();
    #[allow(
        clippy::print_stderr,
        reason = "this is the command line of a person who started the wrong program"
    )]
    {
        eprintln!("plughold-runner is started by applications that host plugins; try the command `plughold`");
    }
    std::process::ExitCode::from(2)
}
