//! A small application that does everything once, for tests in which the system says no: it loads every plugin of the
//! folder that it is given, calls each some times, shuts down, and tells what became of each step on standard output.
//!
//! Whatever fails, it comes to its end and exits with code 0.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "it talks to a test, and fails by panicking")]

use plughold::{Api, Bytes, Cx, Host, Limits, Restart, RunnerProgram, Thrown};
use std::path::PathBuf;
use std::time::Duration;

/// How long a start or a call may take.
const LIMIT: Duration = Duration::from_secs(1);

/// Calls to each plugin.
const CALLS: usize = 5;

/// Bytes in each call: more than a socket takes at once.
const BYTES: usize = 400_000;

async fn echo(_: Cx<()>, bytes: Bytes) -> Result<Bytes, Thrown> {
    Ok(bytes)
}

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (folder, runner) = (arguments.next().unwrap(), arguments.next().unwrap());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return println!("no runtime: {error}"),
    };
    println!("begins");
    runtime.block_on(run(folder, runner));
    println!("ends");
}

async fn run(folder: PathBuf, runner: PathBuf) {
    let api = Api::new(()).function("echo", echo);
    let mut limits = Limits::default();
    // Whatever fails is to be over before the test gives up.
    (limits.start, limits.activate, limits.call) = (LIMIT, LIMIT, LIMIT);
    let builder = Host::builder(api).runner(RunnerProgram::File(runner)).restart(Restart::Never);
    let host = builder.limits(limits).build();
    let host = match host {
        Ok(host) => host,
        Err(error) => return println!("no host: {error}"),
    };
    let found = host.discover(folder);
    for problem in &found.problems {
        println!("a problem: {problem:?}");
    }
    for (id, loaded) in host.load_all(found).await {
        let plugin = match loaded {
            Ok(plugin) => plugin,
            Err(error) => {
                println!("{id} is not loaded: {error}");
                continue;
            }
        };
        println!("{id} is loaded");
        for number in 0..CALLS {
            let bytes = Bytes(vec![number as u8; BYTES]);
            match plugin.call::<_, Bytes>("echo", (bytes.clone(),)).await {
                Ok(answer) => println!("{id} answers: {}", if answer == bytes { "right" } else { "WRONG" }),
                Err(error) => println!("{id} fails: {error}"),
            }
        }
    }
    let report = host.shutdown().await;
    println!(
        "stopped {}, killed {}, crashed {}",
        report.stopped.len(),
        report.killed.len(),
        report.crashed.len()
    );
}
