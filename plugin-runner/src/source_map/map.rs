//! What is kept of a map: its text, without what nobody asks for. Nothing is decoded into more than that.

use super::json;
use super::mappings::{Broken, Original, Reader, State};
use super::name;
use crate::arena;
use crate::stack::Spot;
use plughold_protocol::limits;

/// Bytes of mappings between two places from which reading can go on. One look reads as many at most, in a hundredth of a
/// millisecond.
const SPACING: usize = 8 << 10;

/// Answers that are kept: a line that is reported again and again is looked up once.
const ANSWERS: usize = 32;

/// A map.
pub(super) struct Map {
    /// The name of the file that it stands in.
    name: String,
    root: String,
    mappings: Box<[u8]>,
    /// The array of sources, as it stands in the map.
    sources: Box<[u8]>,
    places: Vec<Place>,
    answers: Vec<((u32, u32), Option<Spot>)>,
    next_answer: usize,
}

/// A place in the mappings from which reading can go on.
struct Place {
    state: State,
    /// Line and column of the first segment that is read from here.
    first: (u32, i64),
}

impl Map {
    /// What is to be kept of the map that stands in the file `name`; none if it is no map, if it is one of maps, or if
    /// there is no room for it.
    pub(super) fn parse(text: &[u8], name: &str) -> Option<Map> {
        let (mut mappings, mut sources, mut root) = (None, None, String::new());
        for (key, value) in json::members(without_guard(text)) {
            match key {
                b"mappings" => mappings = json::contents(value),
                b"sources" => sources = Some(value),
                b"sourceRoot" => root = json::string(value, limits::NAME).unwrap_or_default(),
                _ => {}
            }
        }
        let (mappings, sources) = (mappings?, sources?);
        if !arena::has_room(mappings.len() + sources.len()) {
            return None;
        }
        let mappings = Box::from(mappings);
        let places = places(&mappings).ok()?;
        Some(Map {
            name: name.to_owned(),
            root,
            mappings,
            sources: Box::from(sources),
            places,
            answers: Vec::new(),
            next_answer: 0,
        })
    }

    /// Bytes of memory, without the few answers that are kept.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.name.len() + self.root.len() + self.mappings.len() + self.sources.len();
        texts + self.places.len() * size_of::<Place>()
    }

    /// Where a position of the code comes from. All numbers are from 1.
    pub(super) fn look_up(&mut self, line: u32, column: u32) -> Option<Spot> {
        let key = (line, column);
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| *known == key) {
            return answer.clone();
        }
        let answer = self.find(line.checked_sub(1)?, column.saturating_sub(1));
        match self.answers.get_mut(self.next_answer) {
            Some(oldest) => *oldest = (key, answer.clone()),
            None => self.answers.push((key, answer.clone())),
        }
        self.next_answer = (self.next_answer + 1) % ANSWERS;
        answer
    }

    fn find(&self, line: u32, column: u32) -> Option<Spot> {
        let target = (line, i64::from(column));
        let place = self.places.partition_point(|place| place.first <= target).checked_sub(1)?;
        let mut reader = Reader::new(&self.mappings, self.places.get(place)?.state);
        let mut found = None;
        while let Ok(Some(segment)) = reader.next() {
            if target < (segment.line, segment.column) {
                break;
            }
            found = Some(segment);
        }
        let segment = found.filter(|segment| segment.line == line)?;
        let Original { source, line, column } = segment.original?;
        let raw = json::elements(&self.sources).nth(usize::try_from(source).ok()?)?;
        let file = name::clean(&json::string(raw, 4 * limits::NAME)?, &self.root, &self.name)?;
        Some(Spot { file, line: u32::try_from(line).ok()? + 1, column: u32::try_from(column).ok()? + 1 })
    }
}

/// Reads all mappings once. An error if something is wrong anywhere, or if the segments of a line are not in order.
fn places(mappings: &[u8]) -> Result<Vec<Place>, Broken> {
    let mut reader = Reader::new(mappings, State::default());
    let mut places = Vec::new();
    let mut next = 0;
    let mut before = (0, 0);
    loop {
        let state = reader.state();
        let Some(segment) = reader.next()? else { return Ok(places) };
        let first = (segment.line, segment.column);
        if first < before {
            return Err(Broken);
        }
        before = first;
        if next <= state.at() {
            places.push(Place { state, first });
            next = state.at() + SPACING;
        }
    }
}

/// Servers put `)]}'` and a line's end before JSON that nobody shall run as a script.
fn without_guard(text: &[u8]) -> &[u8] {
    if !text.starts_with(b")]}") {
        return text;
    }
    text.iter().position(|byte| *byte == b'\n').and_then(|end| text.get(end..)).unwrap_or_default()
}
