//! The plugin itself: its code, its prelude, and what is called when it begins and ends.

use crate::continuation::Continuation;
use crate::ending;
use crate::engine::object::Atom;
use crate::engine::script::Code;
use crate::engine::{Js, Thrown, Value};
use crate::session::Session;
use crate::{calls_in, serve, suspend, thrown};
use plughold_protocol::exit::Cause;
use plughold_protocol::record::{SourceKind, Stage};
use plughold_protocol::{Message, limits};
use std::time::Instant;

/// Functions that a plugin may export, and the bytes of their names.
const EXPORTS: usize = limits::EXPORTS;
const EXPORT_NAMES: usize = limits::EXPORT_NAMES;

/// What the host calls in the life of a plugin, and nobody else wants to.
const LIFE_CYCLE: [&str; 3] = ["activate", "deactivate", "suspend"];

/// Prototypes of what a script exports that are looked through.
const PROTOTYPES: usize = 64;

/// The message that brings the plugin, decoded.
pub(crate) struct Load {
    /// Which prelude prepares the globals.
    pub(crate) prelude: String,
    /// The entry.
    pub(crate) entry: Entry,
    /// What a plugin may know of itself.
    pub(crate) manifest: Js,
    /// Permissions that are granted.
    pub(crate) grants: Vec<String>,
    /// What the generation before left.
    pub(crate) state: Option<Js>,
}

/// The plugin's entry file.
pub(crate) struct Entry {
    /// The virtual name.
    pub(crate) name: String,
    /// How it is compiled.
    pub(crate) kind: SourceKind,
    /// The text.
    pub(crate) text: String,
}

/// How far the plugin is.
pub(crate) struct Plugin {
    phase: Phase,
    exports: Exports,
    context: Option<Value>,
    /// What the generation before left, until `activate` gets it.
    state: Option<Value>,
    /// When the stage that runs began.
    since: Instant,
    compile_us: u64,
    evaluate_us: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Evaluating,
    Activating,
    Running,
    Failed,
    Stopping,
}

/// Where the plugin's functions are found.
#[derive(Clone)]
enum Exports {
    Nowhere,
    /// A module's namespace.
    Namespace(Value),
    /// A function that gives the object, because a script may assign `module.exports` at any time.
    Script(Value),
}

impl Plugin {
    /// No plugin yet.
    pub(crate) fn new() -> Plugin {
        Plugin {
            phase: Phase::Waiting,
            exports: Exports::Nowhere,
            context: None,
            state: None,
            since: Instant::now(),
            compile_us: 0,
            evaluate_us: 0,
        }
    }

    /// Whether it is active, and nobody wants it to end.
    pub(crate) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Whether a plugin was brought already.
    pub(crate) fn is_loaded(&self) -> bool {
        self.phase != Phase::Waiting
    }

    fn lap_us(&mut self) -> u64 {
        let elapsed = self.since.elapsed().as_micros() as u64;
        self.since = Instant::now();
        elapsed
    }
}

/// Loads the plugin; `Ready` or `Failed` follows now or when its promises are settled.
pub(crate) fn load(session: &Session, load: Load) {
    let mut plugin = session.plugin.borrow_mut();
    plugin.phase = Phase::Evaluating;
    plugin.since = Instant::now();
    drop(plugin);

    let kind = load.entry.kind;
    let compiled = prepare(session, load).and_then(|entry| Code::compile(&entry.name, entry.text, kind));
    let code = match compiled {
        Ok(code) => code,
        Err(thrown) => return fail(session, Stage::Compile, &thrown),
    };
    let mut plugin = session.plugin.borrow_mut();
    plugin.compile_us = plugin.lap_us();
    drop(plugin);

    let run = match code.run() {
        Ok(run) => run,
        Err(thrown) => return fail(session, Stage::Evaluate, &thrown),
    };
    if kind == SourceKind::Module {
        session.plugin.borrow_mut().exports = Exports::Namespace(run.namespace);
    }
    let result = if kind == SourceKind::Module { run.result } else { Value::UNDEFINED };
    Continuation::Evaluated.go_on(session, 0, Ok(result));
}

/// Runs the prelude, and gives the entry back.
fn prepare(session: &Session, load: Load) -> Js<Entry> {
    let Some(prelude) = plughold_proxy_js::prelude(&load.prelude) else {
        let known: Vec<&str> = plughold_proxy_js::preludes().collect();
        let words = format!("there is no prelude {:?}; there are {}", load.prelude, known.join(", "));
        return Err(thrown::error(&words));
    };
    let facts = Value::object()?;
    let grants = load.grants.iter().map(|grant| Value::string(grant)).collect::<Js<Vec<_>>>()?;
    facts.define("manifest", load.manifest?)?;
    facts.define("permissions", Value::array(grants)?)?;
    let state = load.state.transpose()?;
    if let Some(state) = &state {
        facts.define("state", state.clone())?;
    }
    facts.define("file", Value::string(&load.entry.name)?)?;
    facts.define("isModule", Value::bool(load.entry.kind == SourceKind::Module))?;
    let prepared = session.kit.run_prelude(prelude, facts)?;
    let (exports, context) = (prepared.get("exports")?, prepared.get("context")?);
    let mut plugin = session.plugin.borrow_mut();
    plugin.exports = Exports::Script(exports);
    plugin.context = Some(context);
    plugin.state = state;
    Ok(load.entry)
}

/// The top level ran.
pub(crate) fn evaluated(session: &Session, outcome: Js) {
    let mut plugin = session.plugin.borrow_mut();
    if plugin.phase != Phase::Evaluating {
        return;
    }
    plugin.evaluate_us = plugin.lap_us();
    plugin.phase = Phase::Activating;
    let arguments = [plugin.context.take(), plugin.state.take()];
    drop(plugin);
    if let Err(thrown) = outcome {
        return fail(session, Stage::Evaluate, &thrown);
    }
    let activated = export(session, "activate").and_then(|activate| match activate {
        None => Ok(Value::UNDEFINED),
        Some((this, activate)) => activate.call(&this, &Vec::from_iter(arguments.into_iter().flatten())),
    });
    Continuation::Activated.go_on(session, 0, activated);
}

/// `activate` is done, or there is none.
pub(crate) fn activated(session: &Session, outcome: Js) {
    let mut plugin = session.plugin.borrow_mut();
    if plugin.phase != Phase::Activating {
        return;
    }
    let activate_us = plugin.lap_us();
    let (compile_us, evaluate_us) = (plugin.compile_us, plugin.evaluate_us);
    drop(plugin);
    let names = match outcome.and_then(|_| export_names(session)) {
        Ok(names) => names,
        Err(thrown) => return fail(session, Stage::Activate, &thrown),
    };
    session.plugin.borrow_mut().phase = Phase::Running;
    let exports = names.iter().map(String::as_str).collect();
    session.send(&Message::Ready { exports, compile_us, evaluate_us, activate_us });
}

/// The host stopped a turn of the loading: what it waited for never comes.
pub(crate) fn stopped(session: &Session) {
    let phase = session.plugin.borrow().phase;
    let stage = match phase {
        Phase::Evaluating => Stage::Evaluate,
        Phase::Activating => Stage::Activate,
        _ => return,
    };
    session.plugin.borrow_mut().phase = Phase::Failed;
    session.send(&Message::Failed { stage, error: &session.turn.interruption(session) });
}

fn fail(session: &Session, stage: Stage, thrown: &Thrown) {
    session.plugin.borrow_mut().phase = Phase::Failed;
    let error = calls_in::encode_thrown(session, thrown);
    session.send(&Message::Failed { stage, error: &error });
}

/// Ends the plugin: `suspend` if its state is wanted within a grace, `deactivate`, then `Stopped`, then the process.
pub(crate) fn stop(session: &Session, state_within_us: Option<u64>) {
    let mut plugin = session.plugin.borrow_mut();
    let phase = std::mem::replace(&mut plugin.phase, Phase::Stopping);
    drop(plugin);
    match (phase, state_within_us) {
        (Phase::Stopping, _) => {}
        (Phase::Running, None) => deactivate(session),
        (Phase::Running, Some(grace_us)) => suspend::part(session, grace_us),
        _ => deactivated(session, Ok(Value::UNDEFINED)),
    }
}

/// Calls `deactivate`, if there is one.
pub(crate) fn deactivate(session: &Session) {
    Continuation::Deactivated.go_on(session, 0, call_export(session, "deactivate"));
}

/// Calls an exported function without arguments; one that is not there gives nothing.
pub(crate) fn call_export(session: &Session, name: &str) -> Js {
    match export(session, name)? {
        None => Ok(Value::UNDEFINED),
        Some((this, function)) => function.call(&this, &[]),
    }
}

/// `deactivate` is done, or there is none.
pub(crate) fn deactivated(session: &Session, outcome: Js) {
    if let Err(thrown) = outcome {
        serve::report_uncaught(session, &thrown, false);
    }
    let leaked = session.exported.borrow().len() as u32;
    let kept = session.parting.take_kept();
    session.send(&Message::Stopped { state: kept.state(), leaked, error: kept.error() });
    serve::flush(session);
    ending::end(Cause::Stopped, format_args!(""))
}

/// An exported function and its `this`, or none if the plugin exports no function of this name.
pub(crate) fn export(session: &Session, name: &str) -> Js<Option<(Value, Value)>> {
    let Some(exports) = exports(session)? else { return Ok(None) };
    if !is_exported(session, &exports, name)? {
        return Ok(None);
    }
    let function = exports.get(name)?;
    Ok(function.is_function().then_some((exports, function)))
}

/// Whether a property is the plugin's: what every object or function inherits is no export.
fn is_exported(session: &Session, exports: &Value, name: &str) -> Js<bool> {
    let key = Atom::new(name)?;
    let is_of_all = |object: &Value| {
        let address = object.address();
        address == session.kit.object_prototype || address == session.kit.function_prototype.address()
    };
    let mut object = exports.clone();
    for _ in 0..PROTOTYPES {
        if !object.is_object() || is_of_all(&object) {
            return Ok(false);
        }
        // A proxy has what it says when it is asked.
        if object.is_proxy() || object.own_property(&key)?.is_some() {
            return Ok(true);
        }
        object = object.prototype()?;
    }
    Ok(false)
}

fn exports(session: &Session) -> Js<Option<Value>> {
    let exports = session.plugin.borrow().exports.clone();
    let exports = match exports {
        Exports::Nowhere => return Ok(None),
        Exports::Namespace(namespace) => namespace,
        Exports::Script(script) => script.call(&Value::UNDEFINED, &[])?,
    };
    Ok(exports.is_object().then_some(exports))
}

/// The names of the exported functions that others may want to call, without those that are too long for a name.
fn export_names(session: &Session) -> Js<Vec<String>> {
    let Some(exports) = exports(session)? else { return Ok(Vec::new()) };
    let keys = exports.keys()?;
    let mut names = Vec::new();
    let mut bytes = 0;
    for key in keys.iter() {
        if !exports.get_key(&key)?.is_function() {
            continue;
        }
        let name = key.text()?;
        if LIFE_CYCLE.iter().any(|of_life| *of_life == name.to_str()) {
            continue;
        }
        if limits::NAME < name.len() {
            continue;
        }
        bytes += name.len();
        if EXPORT_NAMES < bytes || EXPORTS == names.len() {
            let words = format!(
                "the plugin exports more than {EXPORTS} functions, or names of more than {EXPORT_NAMES} bytes"
            );
            return Err(thrown::range_error(&words));
        }
        names.push(name.to_str().into_owned());
    }
    Ok(names)
}
