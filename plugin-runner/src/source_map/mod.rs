//! Source maps: stacks that the host is told of name the files that their author wrote.
//!
//! A map is read when a stack of its file is reported for the first time, and not when an error is made: most errors are
//! caught. What the plugin itself sees of a stack names the code that runs. A map is hostile input: what is wrong in it,
//! too large or missing leaves the positions as they are.
//!
//! # Layout
//! - `comment`: where a script says which map is its own
//! - `json`: the few parts of a map, found without a tree
//! - `mappings`: positions, decoded as they are read
//! - `map`: what is kept of a map, and looking up in it
//! - `name`: from the map's sources to names of files

mod comment;
pub mod fuzzing;
mod json;
mod map;
mod mappings;
mod name;

use crate::session::Session;
use crate::stack::Spot;
use crate::{arena, modules, waiting};
use map::Map;
use plughold_protocol::limits;
use std::collections::HashMap;
use std::fmt::Write;

/// What maps may keep of the memory that a plugin has: the eighth part.
const SHARE: usize = 8;

/// Scripts that may have a map.
pub(crate) struct SourceMaps {
    /// By the name of the script.
    scripts: HashMap<String, State>,
    /// Bytes of the maps that are kept.
    bytes: usize,
}

enum State {
    /// The script has a comment, and nobody has asked for the map.
    Noted(Link),
    /// The map is there.
    Read(Map),
    /// There is no map, or it is being read, or it was left aside.
    Without,
}

/// Where a map is.
#[derive(Clone)]
enum Link {
    /// In the comment itself.
    Inline,
    /// In another file, by its specifier.
    File(String),
}

impl SourceMaps {
    /// None.
    pub(crate) fn new() -> SourceMaps {
        SourceMaps { scripts: HashMap::new(), bytes: 0 }
    }
}

/// Notes where the map of a script is that is about to be compiled.
pub(crate) fn note(session: &Session, script: &str, text: &str) {
    let Some(url) = comment::find(text) else { return };
    let link = if url.starts_with("data:") { Some(Link::Inline) } else { specifier_of(url).map(Link::File) };
    let mut maps = session.source_maps.borrow_mut();
    if let (Some(link), false) = (link, maps.scripts.contains_key(script)) {
        maps.scripts.insert(script.to_owned(), State::Noted(link));
    }
}

/// A stack with the positions of the author's files, for the host. Maps that were not read before are asked for.
pub(crate) fn rewritten(session: &Session, stack: String) -> String {
    if session.source_maps.borrow().scripts.is_empty() {
        return stack;
    }
    rewrite(&stack, |spot| {
        read(session, &spot.file);
        look_up(session, spot)
    })
}

/// The same with the maps that are there already: at a moment when nobody can wait.
pub(crate) fn rewritten_at_once(session: &Session, stack: String) -> String {
    match session.source_maps.try_borrow() {
        Ok(maps) if !maps.scripts.is_empty() => {}
        _ => return stack,
    }
    rewrite(&stack, |spot| look_up(session, spot))
}

/// The position of the author's file, if there is a map for it.
pub(crate) fn original(session: &Session, spot: Spot) -> Spot {
    read(session, &spot.file);
    look_up(session, &spot).unwrap_or(spot)
}

fn look_up(session: &Session, spot: &Spot) -> Option<Spot> {
    match session.source_maps.try_borrow_mut().ok()?.scripts.get_mut(&spot.file)? {
        State::Read(map) => map.look_up(spot.line, spot.column),
        State::Noted(_) | State::Without => None,
    }
}

/// Reads the map of a script, unless that was tried before.
fn read(session: &Session, script: &str) {
    // Asked first, because most lines have no map to be read, and whether there is room costs more than they do.
    let is_noted = matches!(session.source_maps.borrow().scripts.get(script), Some(State::Noted(_)));
    if !is_noted || !waiting::is_possible(session) || modules::longest_text(limits::SOURCE_MAP).is_none() {
        return;
    }
    let link = match session.source_maps.borrow_mut().scripts.get_mut(script) {
        Some(state @ State::Noted(_)) => std::mem::replace(state, State::Without),
        _ => return,
    };
    let State::Noted(link) = link else { return };
    // While the host is asked, other turns may run and report stacks: the maps are not borrowed here.
    let Some(map) = ask(session, script, &link) else { return };
    let mut maps = session.source_maps.borrow_mut();
    let most = arena::arena_capacity() / SHARE;
    if maps.bytes + map.bytes() <= most {
        maps.bytes += map.bytes();
        maps.scripts.insert(script.to_owned(), State::Read(map));
    }
}

fn ask(session: &Session, script: &str, link: &Link) -> Option<Map> {
    match link {
        Link::File(specifier) => {
            let longest = modules::longest_text(limits::SOURCE_MAP)?;
            let file = modules::request(session, specifier, script, Some(longest)).ok()?;
            Map::parse(file.text.as_bytes(), &file.name)
        }
        Link::Inline => {
            let longest = modules::longest_text(limits::LOAD)?;
            let file = modules::request_named(session, script, Some(longest)).ok()?;
            let text = comment::inline(comment::find(&file.text)?)?;
            Map::parse(&text, script)
        }
    }
}

/// What the runner asks for to get the file of a comment. Only the package is looked at.
fn specifier_of(url: &str) -> Option<String> {
    if limits::NAME / 2 < url.len() || url.contains(':') || url.starts_with("//") {
        return None;
    }
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.strip_prefix('/') {
        Some(name) => Some(format!("{}{name}", modules::ROOT)),
        None if url.starts_with("./") || url.starts_with("../") => Some(url.to_owned()),
        None => Some(format!("./{url}")),
    }
}

/// Every line with a position, with the one that `original` gives instead.
fn rewrite(stack: &str, mut original: impl FnMut(&Spot) -> Option<Spot>) -> String {
    let mut text = String::with_capacity(stack.len());
    for line in stack.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let place = place_in(line);
        match place.and_then(|place| original(&spot_of(place)?).map(|spot| (place, spot))) {
            Some((place, Spot { file, line: number, column })) => {
                let closing = if line.ends_with(')') { ")" } else { "" };
                text.push_str(
                    line.strip_suffix(closing).and_then(|line| line.strip_suffix(place)).unwrap_or(""),
                );
                // Writing to a string cannot fail.
                let _always_ok = write!(text, "{file}:{number}:{column}{closing}");
            }
            None => text.push_str(line),
        }
        text.push_str(end);
    }
    text.truncate(text.floor_char_boundary(limits::ERROR_TEXT));
    text
}

/// The part of a stack's line that says where the call stands.
fn place_in(line: &str) -> Option<&str> {
    match line.strip_suffix(')') {
        Some(line) => Some(line.split_once(" (")?.1),
        None => line.strip_prefix("    at "),
    }
}

/// The position in a stack's line.
pub(crate) fn spot_in(line: &str) -> Option<Spot> {
    spot_of(place_in(line)?)
}

fn spot_of(place: &str) -> Option<Spot> {
    let (place, column) = place.rsplit_once(':')?;
    let (file, line) = place.rsplit_once(':')?;
    Some(Spot { file: file.to_owned(), line: line.parse().ok()?, column: column.parse().ok()? })
}

#[cfg(test)]
mod tests;
