//! Files of the package: the host says what stands behind a specifier, while the runner waits.
//!
//! The engine asks for a name first and for the text behind it afterwards, and so does `require`. What a specifier means
//! is remembered, because neither the package nor the rules change while a plugin runs.

mod graph;

use crate::engine::{Js, Thrown, Value};
use crate::session::Session;
use crate::{arena, builtins, stack, thrown, waiting};
use graph::Graph;
use plughold_protocol::record::SourceKind;
use plughold_protocol::{Message, limits};
use std::collections::{HashMap, HashSet};

/// What the names of files are below, in `import.meta.url` and in requests for a file by its name.
pub(crate) const ROOT: &str = "plughold:///";

/// Bytes of specifiers and names that are remembered: those of thousands of imports.
const MEANINGS: usize = 1 << 20;

/// The code of the error for a module that is not there: bundles look for it.
const NOT_FOUND: &str = "MODULE_NOT_FOUND";

/// A file of the package.
pub(crate) struct File {
    /// The name in the package.
    pub(crate) name: String,
    /// What kind of code it is.
    pub(crate) kind: SourceKind,
    /// The text.
    pub(crate) text: String,
}

/// The modules of the plugin.
pub(crate) struct Modules {
    /// Which import which.
    pub(crate) graph: Graph,
    asked: u64,
    /// The file that was asked for last, until somebody takes it.
    resolved: Option<File>,
    /// The names behind specifiers, by the specifier and the file that it stands in.
    meanings: HashMap<(String, String), String>,
    meaning_bytes: usize,
    /// The names of all files that were loaded.
    loaded: HashSet<String>,
    loaded_bytes: usize,
    /// ES modules that the engine has compiled.
    compiled: HashMap<String, Value>,
    /// What the JSON files hold that were imported.
    parsed: HashMap<String, Value>,
}

impl Modules {
    /// None.
    pub(crate) fn new() -> Modules {
        Modules {
            graph: Graph::new(),
            asked: 0,
            resolved: None,
            meanings: HashMap::new(),
            meaning_bytes: 0,
            loaded: HashSet::new(),
            loaded_bytes: 0,
            compiled: HashMap::new(),
            parsed: HashMap::new(),
        }
    }

    /// An ES module was compiled: keeps the engine's record of it, for those who require it.
    pub(crate) fn keep_compiled(&mut self, name: &str, module: Value) {
        self.graph.end_compile();
        self.compiled.insert(name.to_owned(), module);
    }

    /// An ES module could not be compiled: forgets those that point to it.
    pub(crate) fn fail_compile(&mut self, name: &str, why: &str) {
        for lost in self.graph.fail_compile(name, why, self.compiled.keys()) {
            // The engine has freed what it needs, so it stays as it is for ever.
            std::mem::forget(self.compiled.remove(&lost));
        }
    }

    /// The engine's record of an ES module.
    pub(crate) fn compiled(&self, name: &str) -> Option<Value> {
        self.compiled.get(name).cloned()
    }

    /// Keeps what a JSON file holds: all who import it see the same.
    pub(crate) fn keep_parsed(&mut self, name: &str, value: Value) {
        self.parsed.insert(name.to_owned(), value);
    }

    /// What a JSON file holds that was imported before.
    pub(crate) fn parsed(&self, name: &str) -> Option<Value> {
        self.parsed.get(name).cloned()
    }

    fn remember(&mut self, specifier: &str, referrer: &str, name: &str) {
        let bytes = specifier.len() + referrer.len() + name.len();
        if self.meaning_bytes + bytes <= MEANINGS {
            self.meaning_bytes += bytes;
            self.meanings.insert((specifier.to_owned(), referrer.to_owned()), name.to_owned());
        }
    }

    /// Counts a file that is loaded; one that was loaded before counts no more.
    fn count(&mut self, file: &File) -> Result<(), String> {
        if self.loaded.contains(&file.name) {
            return Ok(());
        }
        let bytes = self.loaded_bytes + file.text.len();
        if limits::MODULES == self.loaded.len() || limits::MODULE_BYTES < bytes {
            let (most, most_bytes) = (limits::MODULES, limits::MODULE_BYTES);
            let name = &file.name;
            return Err(format!(
                "cannot load {name:?}: the plugin loads more than {most} modules, or modules of more than {most_bytes} bytes"
            ));
        }
        self.loaded.insert(file.name.clone());
        self.loaded_bytes = bytes;
        Ok(())
    }
}

/// What `specifier` means in the file `referrer`: the module's own name. The error is the host's, or says that a name is
/// too long to be asked for.
pub(crate) fn resolve(session: &Session, specifier: &str, referrer: &str) -> Js<String> {
    check_length(specifier.len().max(referrer.len()))?;
    if let Some(name) = builtins::resolve(specifier)? {
        return Ok(name);
    }
    if !session.has_modules {
        return Err(thrown::error("this application serves no modules"));
    }
    let key = (specifier.to_owned(), referrer.to_owned());
    if let Some(name) = session.modules.borrow().meanings.get(&key) {
        return Ok(name.clone());
    }
    let file = request(session, specifier, referrer, None)
        .map_err(|words| thrown::coded(NOT_FOUND, &builtins::with_suggestion(words, specifier)))?;
    let mut modules = session.modules.borrow_mut();
    modules.remember(specifier, referrer, &file.name);
    let name = file.name.clone();
    let is_loaded = modules.compiled.contains_key(&name) || modules.parsed.contains_key(&name);
    // Nobody takes a text that was loaded before.
    modules.resolved = (!is_loaded).then_some(file);
    Ok(name)
}

/// Fails if a specifier, or the name of the file that it stands in, has too many bytes.
pub(crate) fn check_length(length: usize) -> Js<()> {
    if length <= limits::NAME {
        return Ok(());
    }
    let most = limits::NAME;
    Err(thrown::type_error(&format!("a specifier of {length} bytes; at most {most} are allowed")))
}

/// The file of this name, to be loaded: the one that was just resolved, or the host is asked once more.
pub(crate) fn take(session: &Session, name: &str) -> Js<File> {
    let resolved = session.modules.borrow_mut().resolved.take();
    let file = match resolved.filter(|file| file.name == name) {
        Some(file) => file,
        None => request_named(session, name, None).map_err(|words| thrown::error(&words))?,
    };
    session.modules.borrow_mut().count(&file).map_err(|words| thrown::range_error(&words))?;
    Ok(file)
}

/// Asks the host for the file `name`, of at most `longest` bytes. The error is the host's, in words.
pub(crate) fn request_named(session: &Session, name: &str, longest: Option<usize>) -> Result<File, String> {
    request(session, &url(name), name, longest)
}

/// Runs `work`, in which the engine evaluates modules.
pub(crate) fn evaluate<R>(session: &Session, work: impl FnOnce() -> R) -> R {
    let evaluations = session.modules.borrow().graph.evaluations();
    session.modules.borrow_mut().graph.set_evaluations(evaluations + 1);
    let result = work();
    session.modules.borrow_mut().graph.set_evaluations(evaluations);
    result
}

/// Notes what an `import` means. One that belongs to no module that is compiled begins an evaluation of its own, which
/// ends with its job.
pub(crate) fn note_import(session: &Session, referrer: &str, name: &str) -> Js<()> {
    if let Some(why) = session.modules.borrow().graph.loss(name) {
        return Err(thrown::coded(NOT_FOUND, why));
    }
    let is_static = session.modules.borrow_mut().graph.note_import(referrer, name);
    if is_static {
        return Ok(());
    }
    check_idle(session, name)?;
    let graph = &mut session.modules.borrow_mut().graph;
    graph.set_evaluations(graph.evaluations() + 1);
    Ok(())
}

/// Runs a promise job: what it evaluates ends with it.
pub(crate) fn within_job<R>(session: Option<&Session>, job: impl FnOnce() -> R) -> R {
    let evaluations = session.map_or(0, |session| session.modules.borrow().graph.evaluations());
    let result = job();
    if let Some(session) = session {
        session.modules.borrow_mut().graph.set_evaluations(evaluations);
    }
    result
}

/// Fails if a module may be in the middle of its evaluation: the engine can neither link nor run it now.
pub(crate) fn check_idle(session: &Session, name: &str) -> Js<()> {
    if session.modules.borrow().graph.evaluations() == 0 {
        return Ok(());
    }
    let on_stack = stack::files(session);
    if !session.modules.borrow().graph.is_evaluating(name, &on_stack) {
        return Ok(());
    }
    Err(thrown::coded(
        "ERR_REQUIRE_CYCLE_MODULE",
        &format!("cannot load {name:?} now: it imports a module that is running"),
    ))
}

/// The same for a module that was just compiled and that `import()` asks for.
pub(crate) fn check_compiled(session: &Session, name: &str) -> Js<()> {
    let is_outermost = session.modules.borrow().graph.is_compiling_nothing();
    if is_outermost { check_idle(session, name) } else { Ok(()) }
}

/// The URL of a file, as `import.meta.url` has it.
pub(crate) fn url(name: &str) -> String {
    let mut url = ROOT.to_owned();
    for char in name.chars() {
        match char {
            '%' | ' ' | '"' | '#' | '<' | '>' | '?' | '^' | '`' | '{' | '}' => {
                url.push_str(&format!("%{:02X}", u32::from(char)));
            }
            _ => url.push(char),
        }
    }
    url
}

/// Names the place of an import that failed while no code of the plugin runs: the first one of `specifier` in the file
/// that asked for it.
pub(crate) fn with_place(session: &Session, thrown: Thrown, specifier: &str, referrer: &str) -> Thrown {
    if !stack::of(session, &thrown.0).is_empty() {
        return thrown;
    }
    let place = longest_text(limits::MODULE_BYTES)
        .filter(|_| specifier.len() <= limits::NAME)
        .and_then(|longest| request_named(session, referrer, Some(longest)).ok())
        .and_then(|file| place_of(&file.text, specifier));
    let place = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
    stack::give(session, &thrown.0, &format!("    at {referrer}{place}"));
    thrown
}

/// The most bytes of text, at most `most`, that can arrive now without using up the memory: while it is taken out of its
/// message it is there twice.
pub(crate) fn longest_text(most: usize) -> Option<usize> {
    let halves =
        std::iter::successors(Some(most), |bytes| Some(bytes / 2)).take_while(|bytes| 4096 <= *bytes);
    halves.into_iter().find(|bytes| arena::has_room(bytes.saturating_mul(3)))
}

/// Line and column, from 1, of the first string in a text that is `specifier`.
fn place_of(text: &str, specifier: &str) -> Option<(usize, usize)> {
    let is_quote = |char: char| matches!(char, '"' | '\'' | '`');
    let (at, _) = text.match_indices(specifier).find(|(at, _)| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(at + specifier.len()..).and_then(|after| after.chars().next());
        before.is_some_and(is_quote) && before == after
    })?;
    let before = text.get(..at - 1)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    Some((line, before.get(start..)?.chars().count() + 1))
}

/// Asks the host for the file that `specifier` means in the file `referrer`, of at most `longest` bytes. The error is the
/// host's, in words.
pub(crate) fn request(
    session: &Session,
    specifier: &str,
    referrer: &str,
    longest: Option<usize>,
) -> Result<File, String> {
    if !session.has_modules {
        return Err("this application serves no modules".to_owned());
    }
    if !waiting::is_possible(session) {
        return Err("nothing can be imported while a message is read".to_owned());
    }
    let mut modules = session.modules.borrow_mut();
    modules.asked += 1;
    let id = modules.asked;
    drop(modules);
    let longest = longest.map(|bytes| bytes as u64);
    session.send(&Message::ModuleRequest { id, specifier, referrer, longest });
    let answer = waiting::for_module(session, id, |source| File {
        name: source.name.to_owned(),
        kind: source.kind,
        text: source.text.to_owned(),
    });
    answer.map_err(|words| words.unwrap_or_else(|| specifier.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_import_is_its_first_string() {
        let check = |text: &str, expected| assert_eq!(place_of(text, "./a.js"), expected, "{text}");
        check("import './a.js'", Some((1, 8)));
        check("// ./a.js\n  import a from \"./a.js\"", Some((2, 17)));
        check("ä = import(`./a.js`)", Some((1, 12)));
        check("import './a.js\"; import './b/a.js'", None);
        check("./a.js", None);
        check("", None);
        assert_eq!(place_of("''", ""), Some((1, 1)));
    }

    #[test]
    fn modules_are_counted_once_and_bounded() {
        let mut modules = Modules::new();
        let mut count = |name: String, bytes: usize| {
            modules.count(&File { name, kind: SourceKind::Script, text: " ".repeat(bytes) })
        };
        for number in 0..limits::MODULES {
            assert_eq!(count(format!("{number}.js"), 1), Ok(()));
        }
        assert_eq!(count("0.js".to_owned(), limits::MODULE_BYTES), Ok(()), "it was loaded before");
        let words = count("one more.js".to_owned(), 0).unwrap_err();
        assert!(
            words.starts_with("cannot load \"one more.js\": the plugin loads more than 10000 modules"),
            "{words}"
        );
        assert!(
            Modules::new()
                .count(&File {
                    name: "long.js".to_owned(),
                    kind: SourceKind::Json,
                    text: " ".repeat(limits::MODULE_BYTES + 1),
                })
                .is_err()
        );
    }

    #[test]
    fn urls_escape_what_has_a_meaning_in_them() {
        assert_eq!(url("lib/a b%20#?.js"), "plughold:///lib/a%20b%2520%23%3F.js");
        assert_eq!(url("größe.js"), "plughold:///größe.js");
    }
}
