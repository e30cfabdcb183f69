//! docs/writing-plugins.md: what it shows of states and of plugins that come and go is what happens.

use crate::at_once;
use plughold::{Api, Grant, Package, Plugin};
use plughold_tests::{TestHost, patiently};

const PAGE: &str = include_str!("../../../docs/writing-plugins.md");

/// Writes those files of the page whose names begin so, and opens them as a package.
fn package(host: &TestHost, name: &str) -> Package {
    let blocks = PAGE.split("\n```").skip(1).step_by(2);
    let mut is_there = false;
    for block in blocks {
        let Some((head, code)) = block.split_once('\n') else { continue };
        let file = head.split_once(" file=").map(|(_, file)| file).filter(|file| file.starts_with(name));
        if let Some(file) = file {
            is_there = true;
            host.write(file, code);
        }
    }
    assert!(is_there, "the page has no {name}");
    Package::open(host.folder().join(name)).unwrap()
}

async fn call<R: serde::de::DeserializeOwned>(plugin: &Plugin, export: &str) -> R {
    patiently(export, plugin.call(export, ())).await.unwrap()
}

#[tokio::test]
async fn a_state_outlives_the_process() {
    let mut host = TestHost::new(Api::new(()));
    let visits = package(&host, "visits");
    let plugin = host.load_package(visits).await.unwrap();
    assert_eq!(call::<u32>(&plugin, "visit").await, 1);
    patiently("the reload", plugin.reload()).await.unwrap();
    assert_eq!((call::<u32>(&plugin, "visit").await, plugin.info().generation), (2, 2));
    host.finish().await;
}

#[tokio::test]
async fn a_plugin_follows_another() {
    let mut host =
        TestHost::built(Api::new(()), |builder| builder.grants(|_, _| Grant::Allow).restart(at_once()));
    let (counter, follower) = (package(&host, "counter"), package(&host, "follower.js"));
    let counter = host.load_package(counter).await.unwrap();
    let follower = host.load_package(follower).await.unwrap();
    assert_eq!(call::<String>(&follower, "count").await, "The count is 1");
    patiently("the stop", counter.stop()).await;
    // The notification may come after the call.
    while call::<String>(&follower, "count").await != "There is nobody who counts" {}
    patiently("the start", counter.start()).await.unwrap();
    while call::<String>(&follower, "count").await != "The count is 1" {}
    patiently("the stop", follower.stop()).await;
    host.finish().await;
}
