//! What kind of code a file holds, told without parsing it.
//!
//! Only a runner parses JavaScript. This reader knows comments, strings, templates, regular expressions and brackets;
//! if it is mistaken, the plugin fails to parse in its runner, and its author writes the `type` down or names the file
//! `.mjs` or `.cjs`.

use crate::limits;
use crate::package::Package;

/// What kind of code a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Syntax {
    /// Code without a sign: it runs as a module where it is imported, and as CommonJS where it is required.
    Plain,
    /// An ECMAScript module: it imports, exports or awaits at its top level.
    Module,
    /// A CommonJS module: it speaks of `require`, `exports` or `module.exports`.
    CommonJs,
    /// JSON.
    Json,
}

impl Package {
    /// What kind of code the file `name` holds, by its ending and, if that does not say, by its `text`.
    pub fn syntax(&self, name: &str, text: &str) -> Syntax {
        let last = name.rsplit('/').next().unwrap_or_default();
        match last.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("json") => Syntax::Json,
            Some("mjs") => Syntax::Module,
            Some("cjs") => Syntax::CommonJs,
            _ => of(text),
        }
    }
}

/// Tells what kind of code a text is.
///
/// It is a module if, outside of comments, strings, templates, regular expressions and brackets of every kind, it holds
/// the word `export`, or the word `import` with neither `(` nor `.` behind it: both words are reserved, so no script
/// that could run has them there. It is one as well if, outside of functions, it holds the word `await` with something
/// behind it that it can wait for.
pub(crate) fn of(text: &str) -> Syntax {
    let start = if text.starts_with("#!") { text.find('\n').unwrap_or(text.len()) } else { 0 };
    Lexer {
        bytes: text.as_bytes(),
        at: start,
        open: Vec::new(),
        brackets: 0,
        functions: 0,
        holes: 0,
        before: Before::Start,
        is_new_line: true,
        is_common_js: false,
    }
    .read()
}

/// What stood before the place of reading: it decides whether a slash divides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing yet.
    Start,
    /// A dot: the next word is a property.
    Dot,
    /// A value: a slash divides it.
    Value,
    /// The `)` behind a function's parameters, or behind the arguments of a call: also a value.
    Arguments,
    /// A word behind which a bracket holds a condition, as `if`.
    Condition,
    /// `=>`
    Arrow,
    /// An operator, a bracket that opens or a word such as `return`: a slash starts a regular expression.
    Operator,
}

impl Before {
    fn is_value(self) -> bool {
        matches!(self, Before::Value | Before::Arguments)
    }
}

/// Something that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A bracket with a condition in it: what follows is a statement.
    Condition,
    /// The body of a function.
    Body,
    /// Another bracket.
    Bracket,
    /// The `${` of a template.
    Hole,
    /// The expression behind `=>`, which ends with what encloses it.
    Arrow,
}

/// Words behind which a value starts.
const BEFORE_A_VALUE: [&[u8]; 14] = [
    b"return",
    b"typeof",
    b"case",
    b"in",
    b"of",
    b"delete",
    b"void",
    b"throw",
    b"new",
    b"instanceof",
    b"do",
    b"else",
    b"yield",
    b"await",
];

/// Words behind which a bracket holds a condition; `await` is here for `for await (…)`.
const BEFORE_A_CONDITION: [&[u8]; 7] = [b"if", b"for", b"while", b"switch", b"catch", b"with", b"await"];

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
    open: Vec<Open>,
    /// How many of those are brackets of the text, holes of templates included.
    brackets: usize,
    /// How many of those are functions.
    functions: usize,
    /// How many of those are holes of templates.
    holes: usize,
    before: Before,
    /// Whether a line began since the last word or sign.
    is_new_line: bool,
    /// Whether a sign of CommonJS was seen.
    is_common_js: bool,
}

impl Lexer<'_> {
    fn read(mut self) -> Syntax {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'/' if self.peek(1) == Some(b'/') => self.skip_until(b"\n"),
                b'/' if self.peek(1) == Some(b'*') => {
                    self.at += 2;
                    self.skip_until(b"*/");
                }
                b'\n' => {
                    self.at += 1;
                    self.is_new_line = true;
                }
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ if is_word(byte) => {
                    if self.word_is_of_a_module() {
                        return Syntax::Module;
                    }
                }
                _ => self.sign(byte),
            }
            if limits::TEMPLATES < self.holes {
                break;
            }
        }
        if self.is_common_js { Syntax::CommonJs } else { Syntax::Plain }
    }

    fn sign(&mut self, byte: u8) {
        self.is_new_line = false;
        match byte {
            b'/' if !self.before.is_value() => self.regular_expression(),
            b'"' | b'\'' => {
                self.enter_arrow();
                self.string(byte);
            }
            b'`' => {
                self.enter_arrow();
                self.template();
            }
            b'(' | b'[' | b'{' => self.opens(byte),
            b')' | b']' | b'}' => self.closes(byte),
            b',' | b';' => {
                self.leave_arrows();
                self.operator();
            }
            b'=' if self.peek(1) == Some(b'>') => {
                self.at += 2;
                self.before = Before::Arrow;
            }
            b'.' => {
                self.at += 1;
                self.before = Before::Dot;
            }
            _ => self.operator(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn operator(&mut self) {
        self.at += 1;
        self.before = Before::Operator;
    }

    fn skip_until(&mut self, pattern: &[u8]) {
        let rest = self.rest();
        let found = rest.windows(pattern.len()).position(|window| window == pattern);
        let skipped = found.map_or(rest.len(), |found| found + pattern.len());
        self.is_new_line |= rest.get(..skipped).unwrap_or_default().contains(&b'\n');
        self.at += skipped;
    }

    fn push(&mut self, open: Open) {
        self.open.push(open);
        self.brackets += usize::from(open != Open::Arrow);
        self.functions += usize::from(matches!(open, Open::Body | Open::Arrow));
        self.holes += usize::from(open == Open::Hole);
    }

    fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.brackets -= usize::from(open != Open::Arrow);
        self.functions -= usize::from(matches!(open, Open::Body | Open::Arrow));
        self.holes -= usize::from(open == Open::Hole);
        Some(open)
    }

    /// Something starts that may be the expression behind `=>`.
    fn enter_arrow(&mut self) {
        if self.before == Before::Arrow {
            self.push(Open::Arrow);
        }
    }

    fn leave_arrows(&mut self) {
        while self.open.last() == Some(&Open::Arrow) {
            self.pop();
        }
    }

    fn opens(&mut self, byte: u8) {
        let open = match (byte, self.before) {
            (b'{', Before::Arrow | Before::Arguments) => Open::Body,
            (b'(', Before::Condition) => Open::Condition,
            _ => Open::Bracket,
        };
        if byte != b'{' {
            self.enter_arrow();
        }
        self.push(open);
        self.operator();
    }

    fn closes(&mut self, byte: u8) {
        self.leave_arrows();
        let closed = self.pop();
        if closed == Some(Open::Hole) && byte == b'}' {
            return self.template();
        }
        self.at += 1;
        self.before = match (byte, closed) {
            // A block ends where a statement starts.
            (b'}', _) | (b')', Some(Open::Condition)) => Before::Operator,
            (b')', _) => Before::Arguments,
            _ => Before::Value,
        };
    }

    fn word_is_of_a_module(&mut self) -> bool {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        let (before, is_new_line) = (self.before, std::mem::take(&mut self.is_new_line));
        if before == Before::Dot {
            self.before = Before::Value;
            return false;
        }
        self.enter_arrow();
        let is_operator = BEFORE_A_VALUE.contains(&word);
        if before.is_value() && is_new_line && !matches!(word, b"in" | b"of" | b"instanceof") {
            // A new statement, which needs no semicolon before it.
            self.leave_arrows();
        }
        self.before = match word {
            _ if BEFORE_A_CONDITION.contains(&word) => Before::Condition,
            _ if is_operator => Before::Operator,
            _ => Before::Value,
        };
        let next = self.next_sign();
        match word {
            b"export" => self.is_top_level(),
            b"import" => self.is_top_level() && !matches!(next, Some(b'(' | b'.') | None),
            b"await" => {
                let can_stand_here = !before.is_value() || is_new_line;
                self.functions == 0 && can_stand_here && self.can_be_waited_for()
            }
            b"require" => {
                self.is_common_js |= next == Some(b'(');
                false
            }
            b"exports" | b"module" => {
                self.is_common_js |= matches!(next, Some(b'.' | b'['));
                false
            }
            _ => false,
        }
    }

    fn is_top_level(&self) -> bool {
        self.brackets == 0
    }

    /// The first byte of what follows behind white space.
    fn next_sign(&self) -> Option<u8> {
        self.rest().trim_ascii_start().first().copied()
    }

    /// Whether what follows is an expression, so that `await` before it is no name.
    fn can_be_waited_for(&self) -> bool {
        let rest = self.rest().trim_ascii_start();
        let word = rest.split(|byte| !is_word(*byte)).next().unwrap_or_default();
        match rest.first() {
            Some(byte) if is_word(*byte) => !matches!(word, b"in" | b"of" | b"instanceof"),
            Some(byte) => matches!(byte, b'"' | b'\'' | b'`' | b'(' | b'[' | b'!' | b'~'),
            None => false,
        }
    }

    /// Reads a string; an unfinished one ends with its line, so that a mistake does not swallow the rest.
    fn string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.at += 1,
                b'\n' => break,
                _ if byte == quote => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        self.before = Before::Value;
    }

    /// Reads a template up to its end or to the next `${`, from its first backtick or from the `}` that goes on with it.
    fn template(&mut self) {
        self.at += 1;
        self.before = Before::Value;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'`' => return,
                b'$' if self.peek(0) == Some(b'{') => {
                    self.push(Open::Hole);
                    return self.operator();
                }
                _ => {}
            }
        }
    }

    /// Reads a regular expression with its flags; it ends with its line at the latest.
    fn regular_expression(&mut self) {
        self.enter_arrow();
        self.at += 1;
        let mut in_class = false;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'\n' => break,
                b'/' if !in_class => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        self.before = Before::Value;
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\' | 0x80..)
}

#[cfg(test)]
mod tests;
