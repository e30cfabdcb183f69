//! Stacks that a plugin cannot forge.
//!
//! They are made from the engine's call sites when an error is made. Functions may be named as their plugin likes, so
//! names are written without the characters that have a meaning in a stack. The text is kept where JavaScript cannot
//! write: assigning `error.stack` makes another property, and a plugin's own `Error.prepareStackTrace` changes only what
//! the plugin sees. Calls of our own files are in no stack, and a plugin is not shown their call sites.

use crate::engine::backtrace::with_more_stack;
use crate::engine::make::ErrorClass;
use crate::engine::{Js, Kind, Text, Value};
use crate::session::Session;
use crate::{source_map, suggest};
use plughold_protocol::limits;
use plughold_proxy_js::OWN;
use std::cell::{Cell, RefCell};
use std::fmt::Write;

/// Bytes of a function's name that are written.
const FUNCTION_NAME: usize = 200;

/// What stands around the part of a stack that came from the host: no stack of ours holds it.
const FOREIGN: char = '\0';

/// Calls that are looked at first for the plugin's innermost: the native one and the plugin's.
const FEW: u32 = 2;

/// Calls that the engine records at most.
const ALL: u32 = 64;

/// What a line of a stack begins with.
const AT: &str = "    at ";

/// What it begins with where the line is not known exactly.
const AT_OR_AFTER: &str = "    at or after ";

/// The engine's word for a line that it does not know.
const UNKNOWN: &str = "(missing)";

/// How stacks are made at this moment.
pub(crate) struct Stacks {
    purpose: Cell<Purpose>,
    /// Whether the plugin has an `Error.prepareStackTrace` of its own.
    is_plugins: Cell<bool>,
    /// What was made for [`Purpose::Sites`].
    sites: RefCell<Option<Value>>,
}

/// Why an error is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The plugin makes or meets it.
    Error,
    /// The runner makes it, at a moment when no code of the plugin may run.
    Own,
    /// The runner wants to know which line of the plugin runs, and throws the error away.
    Sites,
}

/// Where the plugin made a call, as the engine keeps it: text is made of it only when somebody asks.
#[derive(Clone)]
pub(crate) struct CallSite(Value);

/// A line of the plugin's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The virtual file name.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: u32,
    /// From 1; 0 when unknown.
    pub(crate) column: u32,
}

/// A call of the plugin.
struct Frame {
    site: Value,
    /// The line of a stack, without a line's end.
    text: String,
    is_native: bool,
}

impl Stacks {
    /// The plugin has no preparation of its own.
    pub(crate) fn new() -> Stacks {
        Stacks { purpose: Cell::new(Purpose::Error), is_plugins: Cell::new(false), sites: RefCell::new(None) }
    }

    /// The plugin has, or no longer has, a preparation of its own.
    pub(crate) fn set_plugins(&self, is_plugins: bool) {
        self.is_plugins.set(is_plugins);
    }

    fn during<R>(&self, purpose: Purpose, work: impl FnOnce() -> R) -> R {
        let before = self.purpose.replace(purpose);
        let result = work();
        self.purpose.set(before);
        result
    }
}

/// The stack of an error, one line for each call, as it was made or as the host sent it; empty if it has none. It names
/// the code that runs.
pub(crate) fn of(session: &Session, error: &Value) -> String {
    marked(session, error).replace(FOREIGN, "")
}

/// The stack of an error for the host: it names the files that the plugin's author wrote.
pub(crate) fn reported(session: &Session, error: &Value) -> String {
    let stack = marked(session, error);
    if !stack.contains(FOREIGN) {
        return source_map::rewritten(session, stack);
    }
    let parts = stack.split(FOREIGN).enumerate().map(|(part, text)| match part {
        1 => text.to_owned(),
        _ => source_map::rewritten(session, text.to_owned()),
    });
    parts.collect()
}

/// Keeps the stack of an error of the host: it is not about the plugin's files.
pub(crate) fn keep_foreign(session: &Session, error: &Value, stack: &str) -> Js<()> {
    session.kit.record_stack(error, &format!("{FOREIGN}{}{FOREIGN}", stack.replace(FOREIGN, "")))
}

fn marked(session: &Session, error: &Value) -> String {
    let kit = &session.kit;
    let recorded = kit.recorded_stack(error).and_then(|stack| stack.as_string(limits::ERROR_TEXT));
    let engines = || kit.engine_stack.call(error, &[]).ok()?.as_string(limits::ERROR_TEXT);
    recorded.or_else(engines).unwrap_or_default()
}

/// Gives an error a stack that it does not have.
pub(crate) fn give(session: &Session, error: &Value, stack: &str) {
    if !error.is_error() {
        return;
    }
    // Without memory for it, the error still says what happened.
    let _is_an_extra = session.kit.record_stack(error, stack);
    if let Ok(text) = Value::string(stack) {
        let _is_an_extra = error.define_hidden("stack", text);
    }
}

/// The plugin's stack at this moment.
pub(crate) fn here(session: &Session) -> String {
    own_error(session, ErrorClass::Plain).map(|error| of(session, &error)).unwrap_or_default()
}

/// The files of the calls that run at this moment.
pub(crate) fn files(session: &Session) -> Vec<String> {
    let stack = here(session);
    stack.lines().filter_map(|line| Some(source_map::spot_in(line)?.file)).collect()
}

/// The plugin's stack when the engine interrupts it. The engine notes a place only where something can throw, such as a
/// call: a loop that does nothing of the kind may run anywhere after the place that was noted last, or, if there is none,
/// after the beginning of its function. The innermost line says so.
pub(crate) fn at_interrupt(session: &Session) -> String {
    let Some(sites) = sites(session, ALL) else { return String::new() };
    let engines = session.kit.engines_own_stack().and_then(|stack| stack.as_string(limits::NAME));
    let is_noted = engines.is_none_or(|stack| !stack.lines().next().unwrap_or_default().ends_with(UNKNOWN));
    with_more_stack(|| {
        let mut frames = frames(session, &sites);
        let innermost = each(&sites).next().and_then(|site| match is_noted {
            true => frame(session, site),
            false => frame_at(session, beginning(session, &site), site),
        });
        if let (Some(first), Some(innermost)) =
            (frames.first_mut(), innermost.filter(|frame| !frame.is_native))
        {
            first.text = innermost.text.replacen(AT, AT_OR_AFTER, 1);
        }
        text_of(&frames)
    })
}

/// Where the function of a call begins.
fn beginning(session: &Session, site: &Value) -> Option<(u32, u32)> {
    let methods = &session.kit.site;
    let function = ask(&methods.function, site).filter(Value::is_function)?;
    Some((ask_number(&methods.function_line, &function), ask_number(&methods.function_column, &function)))
}

/// An error without a message, with the stack of this moment. No code of the plugin runs.
pub(crate) fn own_error(session: &Session, class: ErrorClass) -> Js {
    session.stacks.during(Purpose::Own, || Value::error(class))
}

/// The line of the plugin that called into our JavaScript.
pub(crate) fn spot(session: &Session) -> Option<Spot> {
    let site = call_site(session)?;
    with_more_stack(|| spot_of(session, &site.0))
}

/// The innermost call of the plugin's own code at this moment. It is cheap enough to be taken with each call.
pub(crate) fn call_site(session: &Session) -> Option<CallSite> {
    let is_plugins = |site: &Value| {
        let file = ask_text(&session.kit.site.file, site);
        file.is_some_and(|file| !file.cut(limits::NAME).starts_with(OWN))
    };
    let innermost = |most: u32| -> Option<Result<Value, u32>> {
        let sites = sites(session, most)?;
        let found = each(&sites).find(is_plugins);
        Some(found.ok_or_else(|| sites.length().unwrap_or(0) as u32))
    };
    with_more_stack(|| {
        let found = match innermost(FEW)? {
            Err(FEW) => innermost(ALL)?,
            found => found,
        };
        found.ok().map(CallSite)
    })
}

/// The call sites of this moment, the `most` innermost ones.
fn sites(session: &Session, most: u32) -> Option<Value> {
    let (stacks, kit) = (&session.stacks, &session.kit);
    let limit = |most: u32| ask_with(&kit.limit_stacks, &kit.limit_stacks, &[Value::number(f64::from(most))]);
    limit(most)?;
    let _thrown_away = stacks.during(Purpose::Sites, Value::bare_error);
    limit(ALL);
    stacks.sites.take()
}

/// Gives the error that answers a call the place where the plugin made the call, below the calls that the host told.
pub(crate) fn answered_at(session: &Session, error: &Value, site: &CallSite) {
    if error.is_error()
        && let Some(frame) = with_more_stack(|| frame(session, site.0.clone()))
    {
        answered(session, error, &frame.text);
    }
}

/// Gives the error that answers a call that blocks the calls that wait for it.
pub(crate) fn answered_here(session: &Session, error: &Value) {
    if error.is_error() {
        answered(session, error, &here(session));
    }
}

fn answered(session: &Session, error: &Value, calls: &str) {
    let told = session.kit.recorded_stack(error).and_then(|told| told.as_string(limits::ERROR_TEXT));
    let told = told.filter(|told| told.contains(|char| char != FOREIGN));
    let mut stack = match told {
        Some(told) => format!("{told}\n{calls}"),
        None => calls.to_owned(),
    };
    stack.truncate(stack.floor_char_boundary(limits::ERROR_TEXT));
    // Without memory for it, the error still says what happened.
    let _is_an_extra = session.kit.replace_stack(error, &stack);
    if let Ok(text) = Value::string(&stack.replace(FOREIGN, "")) {
        let _is_an_extra = error.define_hidden("stack", text);
    }
}

/// Called by the engine with a new error and the call sites where it is made, and with anything that is thrown; gives
/// what `error.stack` shows.
pub(crate) fn prepare(session: &Session, error: &Value, sites: &Value) -> Js {
    let (stacks, kit) = (&session.stacks, &session.kit);
    let purpose = stacks.purpose.get();
    if purpose == Purpose::Sites {
        stacks.sites.replace(Some(sites.clone()));
        return Ok(Value::NULL);
    }
    if !error.is_object() {
        return Ok(Value::NULL);
    }
    if purpose == Purpose::Error {
        // A plugin that makes errors all the time spends its time here, and seldom gets to the engine's own check.
        session.page.beat();
        if session.page.must_stop(session.turn.number()) {
            return Ok(Value::NULL);
        }
    }
    let frames = with_more_stack(|| frames(session, sites));
    let text = text_of(&frames);
    if purpose == Purpose::Error {
        with_more_stack(|| suggest::tell(session, error, &text));
    }
    let asks_plugin = purpose == Purpose::Error && stacks.is_plugins.get();
    let is_kept_by_engine = error.is_error() || error.class() == kit.object_class;
    let mut is_kept = true;
    if asks_plugin || !is_kept_by_engine {
        is_kept = has_stack(session, error) || with_more_stack(|| kit.record_stack(error, &text)).is_ok();
    }
    if !asks_plugin || !is_kept {
        return Value::string(&text);
    }
    let seen = Value::array(frames.into_iter().map(|frame| frame.site).collect())?;
    kit.ask_preparation(error, seen)
}

/// Whether an error was given its stack before: it is thrown once more, or captured.
fn has_stack(session: &Session, error: &Value) -> bool {
    let has_stack = |stack: Value| !stack.is_undefined();
    error.is_error() && session.kit.engine_stack.call(error, &[]).is_ok_and(has_stack)
}

fn each(sites: &Value) -> impl Iterator<Item = Value> {
    let length = sites.length().unwrap_or(0) as u32;
    (0..length).filter_map(|index| sites.get_index(index).ok())
}

/// The plugin's calls, without our own and without the native ones that were made by ours.
fn frames(session: &Session, sites: &Value) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for site in each(sites) {
        match frame(session, site) {
            Some(frame) => frames.push(frame),
            None => {
                let kept = frames.iter().rposition(|frame| !frame.is_native);
                frames.truncate(kept.map_or(0, |at| at + 1));
            }
        }
    }
    frames
}

/// A call as the engine itself writes it; none if it is our own.
fn frame(session: &Session, site: Value) -> Option<Frame> {
    frame_at(session, None, site)
}

/// The same with another line and column than those of the call, if there are any.
fn frame_at(session: &Session, place: Option<(u32, u32)>, site: Value) -> Option<Frame> {
    let methods = &session.kit.site;
    let file = ask_text(&methods.file, &site);
    let file = file.as_ref().map(|file| file.cut(limits::NAME));
    if file.as_ref().is_some_and(|file| file.starts_with(OWN)) {
        return None;
    }
    let name = ask_text(&methods.name, &site);
    let name = name.as_ref().map(|name| name.cut(FUNCTION_NAME)).unwrap_or_default();
    let is_call = || ask(&methods.function, &site).is_some_and(|function| function.is_object());

    let mut text = String::from(AT);
    push_harmless(&mut text, &name, &['(', ')']);
    let has_name = text.len() != AT.len();
    let is_native = file.is_none();
    // Without a call it is the place where a text that is no program ends to be one.
    let is_bare = !has_name && !is_native && !is_call();
    if !has_name && !is_bare {
        text.push_str("<anonymous>");
    }
    text.push_str(if is_bare { "" } else { " (" });
    match file {
        None => text.push_str("native"),
        Some(file) => {
            let of_call = || (ask_number(&methods.line, &site), ask_number(&methods.column, &site));
            let (line, column) = place.unwrap_or_else(of_call);
            push_harmless(&mut text, &file, &[]);
            // Writing to a string cannot fail.
            let _always_ok = write!(text, ":{line}:{column}");
        }
    }
    text.push_str(if is_bare { "" } else { ")" });
    Some(Frame { site, text, is_native })
}

/// Where a call stands; none if it is native.
fn spot_of(session: &Session, site: &Value) -> Option<Spot> {
    let methods = &session.kit.site;
    let file = ask_text(&methods.file, site)?.cut(limits::NAME).into_owned();
    Some(Spot { file, line: ask_number(&methods.line, site), column: ask_number(&methods.column, site) })
}

/// Calls a method of a call site. The host's stop can hit before it runs, and not twice in a row.
fn ask(method: &Value, site: &Value) -> Option<Value> {
    ask_with(method, site, &[])
}

fn ask_with(method: &Value, this: &Value, arguments: &[Value]) -> Option<Value> {
    method.call(this, arguments).or_else(|_| method.call(this, arguments)).ok()
}

fn ask_text(method: &Value, site: &Value) -> Option<Text> {
    ask(method, site).filter(|text| text.kind() == Kind::String)?.text().ok()
}

fn ask_number(method: &Value, site: &Value) -> u32 {
    ask(method, site).and_then(|number| number.as_number()).unwrap_or(0.0) as u32
}

/// Appends `text` without what could be taken for the end of a line, and without `others`.
pub(crate) fn push_harmless(out: &mut String, text: &str, others: &[char]) {
    let is_harmless = |char: &char| {
        !char.is_control() && !matches!(char, '\u{2028}' | '\u{2029}') && !others.contains(char)
    };
    if text.chars().all(|char| is_harmless(&char)) {
        out.push_str(text);
    } else {
        out.extend(text.chars().filter(is_harmless));
    }
}

fn text_of(frames: &[Frame]) -> String {
    let mut text = String::new();
    for frame in frames {
        text.push_str(if text.is_empty() { "" } else { "\n" });
        text.push_str(&frame.text);
    }
    text.truncate(text.floor_char_boundary(limits::ERROR_TEXT));
    text
}

/// The first place in a stack.
pub(crate) fn first_spot(stack: &str) -> Option<Spot> {
    stack.lines().find_map(source_map::spot_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_meaning_in_a_stack() {
        let check = |name: &str, expected: &str| {
            let mut text = String::new();
            push_harmless(&mut text, name, &['(', ')']);
            assert_eq!(text, expected);
        };
        check("get size", "get size");
        check("größe$1", "größe$1");
        check("x (a.js:1:1)\n    at y", "x a.js:1:1    at y");
        check("\u{1b}[2J\u{2028}\u{85}\r", "[2J");
    }

    #[test]
    fn the_first_place_is_the_first_with_a_line() {
        let stack = "    at map (native)\n    at go (lib/a:b (1).js:7:9)\n    at <eval> (main.js:1:1)";
        assert_eq!(first_spot(stack), Some(Spot { file: "lib/a:b (1).js".to_owned(), line: 7, column: 9 }));
        assert_eq!(first_spot("    at go (missing)"), None);
    }
}
