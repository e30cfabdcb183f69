//! Memory, stack and code, and what a manifest asks for.

use super::*;
use plughold::{Event, Package};
use std::fs::File;

/// Fills the memory, and tells in how many mebibytes that was.
const FILLING: &str = "
export const fill = () => {
    const all = [];
    try { for (;;) all.push(new Uint8Array(1 << 20)) } catch (error) { return [all.length, String(error)] }
};
export const recurse = () => {
    let depth = 0;
    const down = () => { depth += 1; down() };
    try { down() } catch (error) { return [depth, String(error)] }
};";

async fn fills(neighbour: &Plugin, plugin: &Plugin, export: &str) -> (u32, String) {
    beside(neighbour, plugin.call(export, ())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_and_stack() {
    let adjust = |limits: &mut Limits| (limits.memory, limits.stack) = (16 << 20, 64 << 10);
    let (mut host, neighbour) = host(adjust).await;
    let plugin = host.load("limited", FILLING).await;
    let (filled, words) = fills(&neighbour, &plugin, "fill").await;
    assert!((4..16).contains(&filled) && words == "InternalError: out of memory", "{filled} MiB: {words}");
    let (depth, words) = fills(&neighbour, &plugin, "recurse").await;
    assert_eq!(words, "RangeError: Maximum call stack size exceeded");
    let deeper = host.package_with("deeper", r#""limits": { "stack": "512 KiB" }"#, &[("main.mjs", FILLING)]);
    let deeper = host.load_package(deeper).await.unwrap();
    let (further, _) = fills(&neighbour, &deeper, "recurse").await;
    assert!(3 * depth < further, "{depth} and {further} calls");
    assert_eq!(fills(&neighbour, &plugin, "fill").await.0, filled, "nothing is lost");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_manifest_asks_for_is_capped_and_told() {
    let adjust = |limits: &mut Limits| (limits.memory_cap, limits.stack_cap) = (100 << 20, 300 << 10);
    let (mut host, neighbour) = host(adjust).await;
    let asks = |memory: &str| format!(r#""limits": {{ "memory": "{memory}", "stack": "1 MiB" }}"#);
    let package = host.package_with("limited", &asks("2 GiB"), &[("main.mjs", FILLING)]);
    let plugin = host.load_package(package).await.unwrap();
    for words in [
        "the manifest asks for 2 GiB of memory, and the plugin gets 100 MiB",
        "the manifest asks for 1 MiB of stack, and the plugin gets 300 KiB",
    ] {
        let capped = |event: &Event| match event {
            Event::Capped { plugin, capped } => Some((plugin.to_string(), capped.to_string())),
            _ => None,
        };
        let told = host.event("what it does not get", capped).await;
        assert_eq!(told, ("limited".to_owned(), words.to_owned()));
    }
    let (filled, _) = fills(&neighbour, &plugin, "fill").await;
    assert!((70..100).contains(&filled), "{filled} MiB");
    let package = host.package_with("modest", &asks("32 MiB"), &[("main.mjs", FILLING)]);
    let modest = host.load_package(package).await.unwrap();
    let (filled, _) = fills(&neighbour, &modest, "fill").await;
    assert!((20..32).contains(&filled), "{filled} MiB");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exports() {
    let (mut host, neighbour) = host(|_| {}).await;
    let words = "the plugin exports more than 10000 functions, or names of more than 262144 bytes";
    let many = |count: usize, name: &str| {
        format!("for (let number = 0; number < {count}; number++) exports['{name}' + number] = () => {{}};")
    };
    for (id, source) in [("many", many(10_001, "f")), ("long", many(300, &"x".repeat(1_000)))] {
        let package = host.package(id, &[("main.js", &source)]);
        let error = beside(&neighbour, host.load_package(package)).await.unwrap_err();
        assert_eq!(error.thrown().map(|thrown| thrown.message.as_str()), Some(words), "{error}");
    }
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entry_file() {
    let (host, neighbour) = host(|_| {}).await;
    let file = host.write("large.js", "");
    File::options().write(true).open(&file).unwrap().set_len((64 << 20) + 1).unwrap();
    let problems = beside(&neighbour, async { Package::open(&file).unwrap_err() }).await;
    assert!(problems.to_string().contains("the file \"large.js\" is longer than 64 MiB"), "{problems}");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_of_a_file_at_once() {
    let data = tempfile::tempdir().unwrap();
    let mut host = TestHost::built(api(), |builder| builder.data(data.path().join("data")));
    let neighbour = host.load("neighbour", WORKING).await;
    let source = format!(
        "{TOLD} exports.run = async () => {{
            const fs = require('fs');
            fs.writeFileSync('large', '');
            fs.truncateSync('large', (16 << 20) + 1);
            return told(() => fs.readFileSync('large').length);
        }}"
    );
    let package = host.package("limited", &[("main.js", &source)]);
    let plugin = host.load_package(package).await.unwrap();
    let told = beside(&neighbour, plugin.call::<_, String>("run", ())).await;
    assert_eq!(
        told.as_deref(),
        Ok(
            "Error EFBIG: EFBIG: file too large, read 'large': at most 16 MiB are read at once, expected to be read in parts"
        )
    );
    host.finish().await;
}
