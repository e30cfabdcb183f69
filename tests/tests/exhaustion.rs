//! A machine that has nothing left: no descriptors, no processes, no threads.
//!
//! Whoever loads a plugin then gets an error that says so, what runs goes on, nothing is lost or left, and as soon as
//! there is room again everything works.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Backoff, BuildError, Event, Host, LoadError, Package, Plugin, Restart};
use plughold_tests::ordinary::is_root;
use plughold_tests::{Baseline, TestHost, also_as_an_ordinary_user, patiently, program, run_alone};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::time::Duration;

also_as_an_ordinary_user!();

const WORKING: &str = "export const work = () => 'done';";

async fn works(plugin: &Plugin) {
    assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok("done".to_owned()));
}

/// A limit of this process that is lower for a while.
struct Lowered {
    resource: Resource,
    before: Rlimit,
}

impl Lowered {
    fn to(resource: Resource, current: u64) -> Lowered {
        let before = getrlimit(resource);
        setrlimit(resource, Rlimit { current: Some(current), ..before }).unwrap();
        Lowered { resource, before }
    }
}

impl Drop for Lowered {
    fn drop(&mut self) {
        setrlimit(self.resource, self.before).unwrap();
    }
}

/// The number that the next descriptor will have.
fn next_descriptor() -> u64 {
    File::open("/dev/null").unwrap().as_raw_fd() as u64
}

/// Not by [`TestHost`], which looks at processes and so needs descriptors itself.
async fn load(host: &TestHost, package: &Package) -> Result<Plugin, LoadError> {
    patiently("the end of loading", host.host.load(package.clone())).await
}

/// A host looks after each plugin that it knows, also when that is stopped: what a start leaves is counted on top.
async fn make_known(host: &TestHost, package: &Package) {
    works(&load(host, package).await.unwrap()).await;
    host.host.plugin(package.id.as_str()).unwrap().stop().await;
}

/// The limit goes up by one descriptor at a time, through every step of a start, until there are enough.
#[test]
fn without_descriptors_a_start_fails_and_says_so() {
    run_alone(async || {
        let mut host = TestHost::new(Api::new(()));
        let good = host.load("good", WORKING).await;
        let package = host.script("hungry", WORKING);
        make_known(&host, &package).await;
        let before = Baseline::take();
        let mut refused = Vec::new();
        let loaded = loop {
            let lowered = Lowered::to(Resource::Nofile, next_descriptor() + refused.len() as u64);
            let loaded = load(&host, &package).await;
            works(&good).await;
            drop(lowered);
            match loaded {
                Ok(plugin) => break plugin,
                Err(LoadError::Spawn { reason, .. }) => refused.push(reason),
                Err(LoadError::Package(reason)) => refused.push(reason),
                Err(error) => panic!("after {refused:?}: {error}"),
            }
            before.expect().await;
        };
        works(&loaded).await;
        // The plugin's file, both ends of the socket, the control page: none of them is there for nothing.
        assert!(4 <= refused.len(), "a start takes more than that: {refused:?}");
        for reason in &refused {
            assert!(reason.contains("Too many open files"), "{reason}");
        }
        host.finish().await;
    });
}

/// A start that fails for want of descriptors is tried again, as after a crash.
#[test]
fn a_start_without_descriptors_is_tried_again() {
    run_alone(async || {
        let first = Duration::from_millis(50);
        let restart =
            Restart::OnFailure(Backoff { first, max: first, give_up_after: 1_000, ..Backoff::default() });
        let mut host = TestHost::built(Api::new(()), |builder| builder.restart(restart));
        let good = host.load("good", WORKING).await;
        let package = host.script("patient", WORKING);
        make_known(&host, &package).await;
        let before = Baseline::take();
        // Enough to read the package, and not enough to start a process.
        let lowered = Lowered::to(Resource::Nofile, next_descriptor() + 3);
        let error = load(&host, &package).await.unwrap_err();
        works(&good).await;
        drop(lowered);
        assert!(error.to_string().contains("Too many open files"), "{error}");
        let is_started = |event: &Event| match event {
            Event::Started { plugin, generation, .. } if plugin.as_str() == "patient" && 1 < *generation => {
                Some(())
            }
            _ => None,
        };
        host.event("the next start", is_started).await;
        let plugin = host.host.plugin("patient").unwrap();
        works(&plugin).await;
        plugin.stop().await;
        drop(host.processes()); // Which forgets those that are gone, and their descriptors.
        before.expect().await;
        host.finish().await;
    });
}

/// Limits on processes hold ordinary users only: root's run is the one of [`also_as_an_ordinary_user!`].
#[test]
fn without_processes_a_start_fails_and_says_so() {
    if is_root() {
        return;
    }
    run_alone(async || {
        let mut host = TestHost::new(Api::new(()));
        let good = host.load("good", WORKING).await;
        let package = host.script("hungry", WORKING);
        make_known(&host, &package).await;
        let before = Baseline::take();
        let lowered = Lowered::to(Resource::Nproc, 1);
        let error = load(&host, &package).await.unwrap_err();
        works(&good).await;
        drop(lowered);
        before.expect().await;
        let is_told = matches!(&error, LoadError::Spawn { reason, .. } | LoadError::Package(reason)
            if reason.contains("Resource temporarily unavailable"));
        assert!(is_told, "{error}");
        works(&load(&host, &package).await.unwrap()).await;
        host.finish().await;
    });
}

/// A host has one thread of its own, for the starts of processes.
#[test]
fn without_threads_a_host_is_not_built_and_says_so() {
    if is_root() {
        return;
    }
    run_alone(async || {
        let before = Baseline::take();
        let lowered = Lowered::to(Resource::Nproc, 1);
        let built = Host::builder(Api::new(())).runner(program("test-runner")).build();
        drop(lowered);
        assert!(matches!(&built, Err(BuildError::Thread(_))), "{built:?}");
        before.expect().await;
    });
}
