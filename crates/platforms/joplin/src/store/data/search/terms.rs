//! A search text as terms.

use super::super::error::DataError;
use crate::store::limits::{MAX_QUERY_BYTES, MAX_SEARCH_TERMS, MAX_SEARCH_WORDS};

/// A search text, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Search {
    pub(super) terms: Vec<Term>,
    /// Whether one term is enough.
    pub(super) any: bool,
}

/// A word, some quoted words, or a filter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) field: Field,
    pub(super) text: String,
    /// Whether the text is only the beginning of a word (`begin*`). Of fields that are no text of a note, `text` keeps its `*`.
    pub(super) prefix: bool,
    pub(super) negated: bool,
}

/// Where a term looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Words in the title or the body.
    Text,
    /// Words in the title.
    Title,
    /// Words in the body.
    Body,
    /// Characters in the title or the body, of words or not.
    Characters,
    Tag,
    Notebook,
    Type,
    IsCompleted,
    Created,
    Updated,
    Due,
    Id,
    SourceUrl,
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "title" => Self::Title,
            "body" => Self::Body,
            "tag" => Self::Tag,
            "notebook" => Self::Notebook,
            "type" => Self::Type,
            "iscompleted" => Self::IsCompleted,
            "created" => Self::Created,
            "updated" => Self::Updated,
            "due" => Self::Due,
            "id" => Self::Id,
            "sourceurl" => Self::SourceUrl,
            _ => return None,
        })
    }

    pub(super) fn is_words(self) -> bool {
        matches!(self, Self::Text | Self::Title | Self::Body)
    }
}

impl Search {
    /// Reads a search text; 400 if it is too long or of too many terms.
    pub(super) fn parse(text: &str) -> Result<Self, DataError> {
        if MAX_QUERY_BYTES < text.len() {
            return Err(DataError::bad_request(format!(
                "query: expected at most {MAX_QUERY_BYTES} bytes, found {}",
                text.len()
            )));
        }
        let mut search = Self { terms: Vec::new(), any: false };
        let text = text.trim();
        let (basic, mut rest) = match text.strip_prefix('/') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        while !rest.is_empty() {
            let term = if basic { characters(&mut rest) } else { search.term(&mut rest) };
            search.terms.extend(term);
            rest = rest.trim_start();
            if MAX_SEARCH_TERMS < search.terms.len() {
                return Err(DataError::bad_request(format!(
                    "query: expected at most {MAX_SEARCH_TERMS} words and filters"
                )));
            }
        }
        let words = search.terms.iter().filter(|term| term.field.is_words());
        if MAX_SEARCH_WORDS < words.map(|term| count_words(&term.text)).sum() {
            return Err(DataError::bad_request(format!(
                "query: expected at most {MAX_SEARCH_WORDS} words in all texts"
            )));
        }
        Ok(search)
    }

    /// Takes one term off the beginning of `rest`. There is none in what says nothing, such as a lone `*`.
    fn term(&mut self, rest: &mut &str) -> Option<Term> {
        let negated = match rest.strip_prefix('-') {
            Some(after) if !after.is_empty() && !after.starts_with(char::is_whitespace) => {
                *rest = after;
                true
            }
            _ => false,
        };
        let (field, after) = match rest.split_once(':') {
            Some(("any", after)) => {
                *rest = after;
                self.any = take(rest).0 == "1";
                return None;
            }
            Some((name, after)) => (Field::named(name).unwrap_or(Field::Text), after),
            None => (Field::Text, *rest),
        };
        if field != Field::Text {
            *rest = after;
        }
        let (text, quoted) = take(rest);
        let starred = text.strip_suffix('*').map(|text| text.trim_end_matches('*'));
        // Between quotes too, a last star stands for the rest of a word.
        let (text, prefix) = match starred {
            Some(text) if field.is_words() => (text, true),
            _ => (text, false),
        };
        if text.is_empty() && (field.is_words() || !quoted) {
            return None;
        }
        let field = if field == Field::Text && !is_found_as_words(text) { Field::Characters } else { field };
        Some(Term { field, text: text.to_string(), prefix, negated })
    }
}

/// Takes one word or quoted text off the beginning of `rest`, to be found as it is.
fn characters(rest: &mut &str) -> Option<Term> {
    let (text, _) = take(rest);
    let text = text.trim_end_matches('*').to_string();
    (!text.is_empty()).then_some(Term { field: Field::Characters, text, prefix: false, negated: false })
}

/// Takes one word, or what is between quotes (the last may be missing), off the beginning of `rest`.
fn take<'a>(rest: &mut &'a str) -> (&'a str, bool) {
    if let Some(inside) = rest.strip_prefix('"') {
        let (text, after) = inside.split_once('"').unwrap_or((inside, ""));
        *rest = after;
        return (text, true);
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (text, after) = rest.split_at(end);
    *rest = after;
    (text, false)
}

/// The most words that the full-text index may see in a text.
///
/// It knows only for the alphabets of Europe which letters are sure to stand in one word; any other letter may be one.
fn count_words(text: &str) -> usize {
    let is_joined = |letter: char| {
        let is_european = letter <= '\u{481}' && (letter.is_lowercase() || letter.is_uppercase());
        letter.is_ascii_alphanumeric() || (is_european && letter != '\u{345}')
    };
    let pieces = text.split(|letter| !is_joined(letter)).filter(|piece| !piece.is_empty()).count();
    pieces + text.chars().filter(|letter| !letter.is_ascii() && !is_joined(*letter)).count()
}

/// Whether the full-text index can find a text: it knows words of letters and digits, with space between them.
fn is_found_as_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric) && !text.chars().any(is_written_without_spaces)
}

/// Letters of the scripts that write no space between words: kana, Chinese characters, Hangul, Thai.
fn is_written_without_spaces(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{0e7f}' | '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terms written as `-field(text*)`.
    fn check(text: &str, expected: &str) {
        let search = Search::parse(text).unwrap();
        let mut shown: Vec<String> = search.terms.iter().map(show).collect();
        if search.any {
            shown.insert(0, "any".into());
        }
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    fn show(term: &Term) -> String {
        let (sign, star) = (if term.negated { "-" } else { "" }, if term.prefix { "*" } else { "" });
        format!("{sign}{:?}({}{star})", term.field, term.text)
    }

    #[test]
    fn words() {
        check("", "");
        check("  two words ", "Text(two) Text(words)");
        check("\"two words\" x", "Text(two words) Text(x)");
        check("\"open", "Text(open)");
        check("begin*", "Text(begin*)");
        check("\"and so*\"", "Text(and so*)");
        check("-no", "-Text(no)");
        check("-\"not this\"", "-Text(not this)");
        check("well-known - x", "Text(well-known) Characters(-) Text(x)");
        check("*", "");
        check("<!--", "Characters(<!--)");
        check("日本", "Characters(日本)");
        check("http://a.b", "Text(http://a.b)");
    }

    #[test]
    fn filters() {
        check("title:a body:\"b c\" -title:d*", "Title(a) Body(b c) -Title(d*)");
        check("tag:work -tag:* notebook:\"my home\"", "Tag(work) -Tag(*) Notebook(my home)");
        check("type:todo iscompleted:0 due:19700201 ", "Type(todo) IsCompleted(0) Due(19700201)");
        check("any:1 a b", "any Text(a) Text(b)");
        check("any:0 a", "Text(a)");
        check("tag: a", "Text(a)");
        check("colour:red", "Text(colour:red)");
    }

    #[test]
    fn plain_characters() {
        check("/\"<!-- note-overview-plugin\"", "Characters(<!-- note-overview-plugin)");
        check("/title:x -y", "Characters(title:x) Characters(-y)");
    }

    #[test]
    fn words_of_a_text() {
        let check = |text: &str, expected: usize| assert_eq!(count_words(text), expected, "{text}");
        check("", 0);
        check("one two-three 4", 4);
        check("l'été, naïve Straße", 4);
        check("привет мир", 2);
        check("שלום", 4);
    }

    #[test]
    fn bounds() {
        let message = |text: String| Search::parse(&text).unwrap_err().message;
        assert_eq!(Search::parse(&"a ".repeat(64)).unwrap().terms.len(), 64);
        assert_eq!(message("a ".repeat(65)), "query: expected at most 64 words and filters");
        let phrase = format!("\"{}\"", "a ".repeat(32));
        assert_eq!(Search::parse(&format!("{phrase} title:{phrase}")).unwrap().terms.len(), 2);
        let words = "query: expected at most 64 words in all texts";
        assert_eq!(message(format!("{phrase} title:{phrase} b")), words);
        for hostile in ["a-".repeat(65), "aⓐ".repeat(65), "की".repeat(65), "\u{e000} ".repeat(65)] {
            assert_eq!(message(format!("\"x{hostile}\"")), words, "{hostile}");
        }
        assert_eq!(message("a".repeat(4097)), "query: expected at most 4096 bytes, found 4097");
    }
}
