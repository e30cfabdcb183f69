//! Objects with methods where functions are expected.

use super::*;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding matters")]
struct Handlers {
    on_start: Function,
    on_end: Option<Function>,
    #[serde(default)]
    version: plughold::Property<Option<u32>>,
}

/// Calls both of them and tells what the plugin said, and whether it is its own function.
async fn start(cx: Cx<Registered>, handlers: Handlers) -> Result<Vec<Json>, CallError> {
    let mut said = Vec::new();
    for function in [Some(&handlers.on_start), handlers.on_end.as_ref()].into_iter().flatten() {
        said.push(cx.call(function, (Json("now".into()),)).await?);
    }
    if let Some(version) = handlers.version.read(&cx).await? {
        said.push(Json(version.into()));
    }
    cx.state().lock().unwrap().extend([Some(handlers.on_start), handlers.on_end].into_iter().flatten());
    Ok(said)
}

/// The names of what can be called.
async fn names(_: Cx<Registered>, map: BTreeMap<String, Function>) -> Result<Vec<String>, Thrown> {
    Ok(map.into_keys().collect())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding matters")]
struct Titled {
    on_start: Function,
    title: Option<String>,
}

async fn titled(_: Cx<Registered>, titled: Titled) -> Result<Option<String>, Thrown> {
    Ok(titled.title)
}

/// Gives a function of one of its methods back to the plugin.
async fn same(_: Cx<Registered>, handlers: Handlers) -> Result<Function, Thrown> {
    Ok(handlers.on_start)
}

const CLASSES: &str = "
class Base { get title() { return 'T' } onEnd() { return ['ended', this.count] } _hidden() {} }
class Handlers extends Base {
    version = 3;
    count = 0;
    onStart(when) { this.count += 1; return [when, this.count] }
}
const one = new Handlers(), other = new Handlers();
const tell = (error) => error.message;
export const plain = () => app.start({ onStart: (when) => [when, 'plain'], version: 7 });
export const instance = () => app.start(one);
export const again = () => app.start(one);
export const another = () => app.start(other);
export const bare = () => app.start(new (class { onStart() { return 'bare' } })());
export const names = () => app.names(one);
export const property = () => app.titled(one).catch(tell);
export const notAFunction = () => app.start(new (class { onStart = 1 })()).catch(tell);
export const nothing = () => app.start(new (class { onEnd() {} })()).catch(tell);
export const wrong = () => app.start(new (class { version = 'x'; onStart() {} })()).catch(tell);
export const home = async () => {
    const bound = await app.same(one);
    return [typeof bound, bound === await app.same(one), await bound('home')];
};
";

#[tokio::test]
async fn an_instance_of_a_class_is_a_struct_of_functions() {
    let registered = Registered::default();
    let api = Api::new(registered.clone())
        .function("start", start)
        .function("names", names)
        .function("same", same)
        .function("titled", titled);
    let mut host = TestHost::new(api);
    let plugin = host.load("classes", CLASSES).await;
    let mut told = String::new();
    let exports = [
        "plain",
        "instance",
        "again",
        "another",
        "bare",
        "names",
        "property",
        "notAFunction",
        "nothing",
        "wrong",
        "home",
    ];
    let mut kept = Vec::new();
    for export in exports {
        match run(&plugin, export).await {
            Ok(Json(value)) => writeln!(told, "{export} -> {value}").unwrap(),
            Err(error) => writeln!(told, "{export} -> {error}").unwrap(),
        }
        kept.push(take(&registered));
    }
    expect![[r#"
        plain -> [["now","plain"],7]
        instance -> [["now",1],["ended",1],3]
        again -> [["now",2],["ended",2],3]
        another -> [["now",1],["ended",1],3]
        bare -> ["bare"]
        names -> ["onEnd","onStart"]
        property -> "titled: argument 1: title: expected a string, found a property of an instance: pass a plain object"
        notAFunction -> "start: argument 1: onStart: expected a function, found a property of an instance: pass a plain object"
        nothing -> "start: argument 1: onStart is missing"
        wrong -> "the result has another type: version: expected a whole number (u32), found the string \"x\""
        home -> ["function",true,["home",3]]
    "#]].assert_eq(&told);
    let [_, instance, again, another, ..] = &kept[..] else { panic!("{kept:?}") };
    assert!(instance == again, "the same methods of the same object");
    assert!(instance[0] != instance[1] && instance[0] != another[0], "{kept:?}");
    drop(kept);
    holds(&plugin, 0).await;
    host.finish().await;
}
