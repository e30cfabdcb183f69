//! `plugins.onChange`: hearing of a plugin that goes or comes.

use crate::at_once;
use plughold::{Api, CallError, Grant, Plugin};
use plughold_tests::{TestHost, patiently};

fn host() -> TestHost {
    TestHost::built(Api::new(()), |builder| {
        let builder = builder.grants(|_, permission| match permission.name.as_str() {
            "plugins.secret" => Grant::Deny,
            _ => Grant::Allow,
        });
        builder.restart(at_once())
    })
}

const WORD: &str = "export const word = () => 'one';";

const LISTENER: &str = "/* plughold: { \"dependencies\": { \"word\": \"*\" } } */
const heard = [];
let waiting = () => {};
let word = plugins.get('word');
const listening = plugins.onChange('word', ({ id, isActive, generation }) => {
    word = isActive ? plugins.get(id) : undefined;
    heard.push(`${id} ${isActive ? 'comes' : 'goes'} ${generation}`);
    waiting();
});
export const ask = async () => word === undefined ? 'nobody' : word.word();
/** What was heard, once it is so much. */
export const hear = async (count) => {
    while (heard.length < count) await new Promise((resolve) => { waiting = resolve; });
    return heard.join(', ');
};
export const end = () => listening.dispose();
";

async fn text(plugin: &Plugin, export: &str, args: impl serde::Serialize) -> String {
    patiently(export, plugin.call(export, args)).await.unwrap_or_else(|error: CallError| error.to_string())
}

#[tokio::test]
async fn a_plugin_hears_of_one_that_ends_and_starts_again() {
    let mut host = host();
    let word = host.load("word", WORD).await;
    let listener = host.load("listener", LISTENER).await;
    assert!(host.process(&word).signal(rustix::process::Signal::KILL));
    assert_eq!(text(&listener, "hear", (2,)).await, "word goes 1, word comes 2");
    assert_eq!(text(&listener, "ask", ()).await, "one");
    patiently("the stop", word.stop()).await;
    assert_eq!(text(&listener, "hear", (3,)).await, "word goes 1, word comes 2, word goes 2");
    assert_eq!(text(&listener, "ask", ()).await, "nobody");
    patiently("the stop", listener.stop()).await;
    host.finish().await;
}

#[tokio::test]
async fn a_plugin_hears_of_another_process_that_takes_over() {
    let mut host = host();
    let word = host.load("word", WORD).await;
    let listener = host.load("listener", LISTENER).await;
    host.write("word.js", WORD.replace("one", "two"));
    patiently("the reload", word.reload()).await.unwrap();
    assert_eq!(text(&listener, "hear", (1,)).await, "word comes 2");
    assert_eq!(text(&listener, "ask", ()).await, "two");
    host.write("word.js", "throw new Error('no')");
    patiently("the reload", word.reload()).await.unwrap_err();
    assert_eq!(text(&listener, "ask", ()).await, "two");
    text(&listener, "end", ()).await;
    patiently("the stop", word.stop()).await;
    assert_eq!(text(&listener, "hear", (1,)).await, "word comes 2", "it listens no more");
    host.finish().await;
}

#[tokio::test]
async fn one_that_does_not_fit_any_more_is_as_good_as_gone() {
    let mut host = host();
    let version = |version: &str| format!("/* plughold: {{ \"version\": \"{version}\" }} */ {WORD}");
    let word = host.load("word", &version("1.2.0")).await;
    let listener = host.load("listener", &LISTENER.replace("\"*\"", "\"^1\"")).await;
    host.write("word.js", version("2.0.0"));
    patiently("the reload", word.reload()).await.unwrap();
    assert_eq!(text(&listener, "hear", (1,)).await, "word goes 2");
    assert_eq!(text(&listener, "ask", ()).await, "nobody");
    host.write("word.js", version("1.3.0"));
    patiently("the reload", word.reload()).await.unwrap();
    assert_eq!(text(&listener, "hear", (2,)).await, "word goes 2, word comes 3");
    assert_eq!(text(&listener, "ask", ()).await, "one");
    patiently("the stop", listener.stop()).await;
    host.finish().await;
}

#[tokio::test]
async fn only_what_is_declared_and_granted_is_told() {
    let mut host = host();
    host.load("word", WORD).await;
    host.load("secret", WORD).await;
    let asking = "
        const said = (work) => { try { work(); return 'listens'; } catch (error) { return `${error.name} ${error.code ?? ''}`; } };
        export const to = (id) => said(() => plugins.onChange(id, () => {}));
        export const nothing = () => said(() => plugins.onChange('word', 'no function'));";
    let declared = "/* plughold: { \"dependencies\": { \"word\": \"*\", \"secret\": \"*\" } } */";
    let plugin = host.load("asking", &format!("{declared}{asking}")).await;
    assert_eq!(text(&plugin, "to", ("word",)).await, "listens");
    assert_eq!(text(&plugin, "to", ("secret",)).await, "PermissionDenied E_DENIED");
    assert_eq!(text(&plugin, "to", ("other",)).await, "PermissionDenied E_DENIED");
    assert_eq!(text(&plugin, "nothing", ()).await, "TypeError ");
    patiently("the stop", plugin.stop()).await;
    host.finish().await;
}
