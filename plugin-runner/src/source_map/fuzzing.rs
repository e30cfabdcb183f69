//! Source maps without a session, for the fuzz targets and nobody else.

use super::{comment, map};
use crate::stack::Spot;

/// A file, a line and a column, both from 1.
pub type Position = (String, u32, u32);

/// What is kept of a source map.
pub struct Map(map::Map);

impl Map {
    /// The map that stands in the file `name`; none if it is no map.
    pub fn parse(text: &[u8], name: &str) -> Option<Map> {
        map::Map::parse(text, name).map(Map)
    }

    /// Bytes of memory that it takes.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Where a position of the code comes from.
    pub fn look_up(&mut self, line: u32, column: u32) -> Option<Position> {
        self.0.look_up(line, column).map(|Spot { file, line, column }| (file, line, column))
    }
}

/// The URL that a script gives for its map.
pub fn map_url(script: &str) -> Option<&str> {
    comment::find(script)
}

/// The map in a URL that holds it.
pub fn inline_map(url: &str) -> Option<Vec<u8>> {
    comment::inline(url)
}

/// A stack with the positions that `original` gives for those in it.
pub fn rewritten_stack(stack: &str, mut original: impl FnMut(Position) -> Option<Position>) -> String {
    super::rewrite(stack, |Spot { file, line, column }| {
        let (file, line, column) = original((file.clone(), *line, *column))?;
        Some(Spot { file, line, column })
    })
}
