//! Mappings: segments of numbers in base 64, relative to those before them.
//!
//! Lines are separated by `;`, segments by `,`. A segment is one number, the column of the code that runs; or four, with
//! a source, its line and its column; or five, with a name, which is of no use here.

/// The largest number that a position may have: what the format allows.
const LARGEST: i64 = (1 << 31) - 1;

/// Where the reading is. All numbers are from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    at: usize,
    line: u32,
    column: i64,
    original: Original,
    name: i64,
}

/// A position in a source, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Original {
    /// The index of the source.
    pub(super) source: i64,
    /// The line.
    pub(super) line: i64,
    /// The column.
    pub(super) column: i64,
}

/// From this position of the code on, up to the next segment of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The line of the code that runs, from 0.
    pub(super) line: u32,
    /// Its column, from 0.
    pub(super) column: i64,
    /// Where it comes from; none for code that a tool has added.
    pub(super) original: Option<Original>,
}

/// The mappings are no mappings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Reads mappings.
pub(super) struct Reader<'m> {
    text: &'m [u8],
    state: State,
}

impl State {
    /// How many bytes were read.
    pub(super) fn at(self) -> usize {
        self.at
    }
}

impl<'m> Reader<'m> {
    /// Begins to read `text` in this state.
    pub(super) fn new(text: &'m [u8], state: State) -> Reader<'m> {
        Reader { text, state }
    }

    /// Where the reading is: before the next segment and what separates it from the one before.
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// The next segment; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Segment>, Broken> {
        loop {
            match self.text.get(self.state.at) {
                None => return Ok(None),
                Some(b';') => {
                    self.state.at += 1;
                    self.state.line = self.state.line.checked_add(1).ok_or(Broken)?;
                    self.state.column = 0;
                }
                Some(b',') => self.state.at += 1,
                Some(_) => return self.segment().map(Some),
            }
        }
    }

    fn segment(&mut self) -> Result<Segment, Broken> {
        let State { line, column, original, name, .. } = self.state;
        let column = self.number(column)?;
        if self.is_at_end() {
            self.state.column = column;
            return Ok(Segment { line, column, original: None });
        }
        let original = Original {
            source: self.number(original.source)?,
            line: self.number(original.line)?,
            column: self.number(original.column)?,
        };
        let name = if self.is_at_end() { name } else { self.number(name)? };
        if !self.is_at_end() {
            return Err(Broken);
        }
        self.state = State { at: self.state.at, line, column, original, name };
        Ok(Segment { line, column, original: Some(original) })
    }

    fn is_at_end(&self) -> bool {
        matches!(self.text.get(self.state.at), None | Some(b',' | b';'))
    }

    /// A number relative to the one before: digits of five bits each, the lowest first, of which the very lowest bit is
    /// the sign.
    fn number(&mut self, before: i64) -> Result<i64, Broken> {
        let mut bits: i64 = 0;
        let mut shift = 0;
        loop {
            let digit = self.text.get(self.state.at).and_then(|byte| digit(*byte)).ok_or(Broken)?;
            self.state.at += 1;
            bits |= i64::from(digit & 31) << shift;
            shift += 5;
            if digit & 32 == 0 {
                break;
            }
            if 35 <= shift {
                return Err(Broken);
            }
        }
        let number = before + if bits & 1 == 0 { bits >> 1 } else { -(bits >> 1) };
        if (0..=LARGEST).contains(&number) { Ok(number) } else { Err(Broken) }
    }
}

/// The value of a digit in base 64.
#[inline]
pub(super) fn digit(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line, column, and source, line and column of the original.
    type Row = (u32, i64, Option<(i64, i64, i64)>);

    fn all(text: &str) -> Result<Vec<Row>, Broken> {
        let mut reader = Reader::new(text.as_bytes(), State::default());
        let mut found = Vec::new();
        while let Some(Segment { line, column, original }) = reader.next()? {
            found.push((
                line,
                column,
                original.map(|Original { source, line, column }| (source, line, column)),
            ));
        }
        Ok(found)
    }

    #[test]
    fn segments_are_relative_to_those_before() {
        assert_eq!(all(""), Ok(vec![]));
        assert_eq!(all(";;,,;"), Ok(vec![]));
        assert_eq!(all("AAAA"), Ok(vec![(0, 0, Some((0, 0, 0)))]));
        assert_eq!(
            all("AAAA,IAEKA;E;CCDLC"),
            Ok(vec![(0, 0, Some((0, 0, 0))), (0, 4, Some((0, 2, 5))), (1, 2, None), (2, 1, Some((1, 1, 0)))])
        );
        assert_eq!(all("gggggC"), Ok(vec![(0, 1 << 25, None)]));
        assert_eq!(all("+/////D"), Ok(vec![(0, LARGEST, None)]));
    }

    #[test]
    fn what_is_wrong_is_broken() {
        for text in [
            "D",
            "AADA",
            "!",
            "A!",
            "AA",
            "AAA",
            "AAAAAA",
            "g",
            "Ag",
            "+/////H",
            "ggggggggA",
            "Ä",
            "A A",
            "AAAAg",
        ] {
            assert_eq!(all(text), Err(Broken), "{text}");
        }
    }
}
