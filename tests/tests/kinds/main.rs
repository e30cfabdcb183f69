//! The table of values in `docs/values.md`: every kind of value runs through real processes in each direction, and what
//! became of it is the table.
//!
//! What stands between `<!-- begin NAME -->` and `<!-- end NAME -->` is written when `UPDATE_DOCUMENTS` is set, and
//! compared otherwise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod document;
mod from_plugins;
mod from_rust;
mod told;

use plughold::{Api, CallError, Callback, Cx, Json, Plugin, Thrown, Value};
use plughold_tests::{TestHost, patiently};
use std::sync::{Arc, Mutex};

/// The function of the second plugin that tells what it sees.
type Teller = Arc<Mutex<Option<Callback<(Value,), String>>>>;

/// What both plugins tell of a value.
const SHOW: &str = include_str!("show.js");

async fn pass_on(cx: Cx<Teller>, value: Value) -> Result<String, CallError> {
    let teller = cx.state().lock().unwrap().clone().unwrap();
    cx.call(&teller, (value,)).await
}

async fn tell(cx: Cx<Teller>, teller: Callback<(Value,), String>) -> Result<(), Thrown> {
    *cx.state().lock().unwrap() = Some(teller);
    Ok(())
}

/// A host with the plugin `first`, and a `second` one to which the application passes things on.
async fn parties(first: &str) -> (TestHost, Plugin, Plugin, Teller) {
    let teller = Teller::default();
    let api = Api::new(teller.clone())
        .function("echo", async |_: Cx<Teller>, value: Value| Ok::<_, Thrown>(value))
        .function("told", async |_: Cx<Teller>, value: Value| Ok::<_, Thrown>(told::words(&value)))
        .function("json", async |_: Cx<Teller>, value: Json| Ok::<_, Thrown>(value.0.to_string()))
        .function("tell", tell)
        .function("passOn", pass_on);
    let mut host = TestHost::new(api);
    let source = format!("{SHOW}\nexport const activate = () => app.tell(show);\nexport const seen = show;");
    let second = host.load("second", &source).await;
    let first = host.load("first", first).await;
    (host, first, second, teller)
}

#[tokio::test]
async fn the_table_of_values_is_what_happens() {
    let (travelling, refused) = from_plugins::tables().await;
    let from_rust = from_rust::table().await;
    document::compare(&[("from plugins", travelling), ("refused", refused), ("from Rust", from_rust)]);
}

async fn finish(host: TestHost, teller: Teller) {
    *teller.lock().unwrap() = None;
    patiently("the end", host.finish()).await;
}
