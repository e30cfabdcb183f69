//! A small application with plugins, for tests that kill it: it runs every plugin of the folder that it is given, calls
//! `spin` of each and tells on standard output what has become of it.
//!
//! It executes itself as the runner of its plugins, as applications of one file do.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "it talks to a test, and fails by panicking")]

use plughold::{Api, Event, Host, Limits, RunnerProgram};
use std::time::Duration;

plughold::runner::install_arena!();

fn main() {
    plughold::runner::run_if_asked();
    let folder = std::env::args().nth(1).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&folder));
}

/// Never returns: the test kills it.
async fn run(folder: &str) {
    let mut limits = Limits::default();
    // Spinning plugins are to spin until the host is dead.
    limits.turn = Duration::from_secs(3_600);
    limits.call = Duration::from_secs(3_600);
    limits.unresponsive = Duration::from_millis(100);
    let host = Host::builder(Api::new(())).runner(RunnerProgram::Itself).limits(limits).build().unwrap();
    let mut events = host.events();
    for (id, loaded) in host.load_all(host.discover(folder)).await {
        let plugin = loaded.unwrap();
        println!("runs {id} {}", plugin.info().pid.unwrap());
        if plugin.info().exports.iter().any(|export| export == "spin") {
            tokio::spawn(plugin.call::<(), ()>("spin", ()));
        }
    }
    while let Some(event) = events.next().await {
        if let Event::Unresponsive { plugin, .. } = event {
            println!("spins {plugin}");
        }
    }
}
