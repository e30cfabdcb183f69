//! What the runner uses of its own JavaScript, and of the language as it was before the plugin.

use crate::engine::make::ErrorClass;
use crate::engine::symbol::Symbol;
use crate::engine::{Js, Kind, Thrown, Value, backtrace, remote, script};
use crate::session::Api;
use crate::{natives, thrown};
use plughold_protocol::limits;
use plughold_proxy_js::{BOOT, Script};
use std::fmt::Write;

/// The largest magnitude that the engine can hold, in bytes: 2^20 bits.
const BIGINT: usize = 128 << 10;

/// Functions of our own JavaScript. A plugin cannot reach them.
pub(crate) struct Kit {
    /// The object that our files share.
    shared: Value,
    /// The functions behind globals that are made when they are first used, by number.
    pub(crate) accessors: Vec<Value>,
    access: Value,
    /// The engine's class of plain objects.
    pub(crate) object_class: u32,
    /// Where `Object.prototype` lives.
    pub(crate) object_prototype: usize,
    /// The prototype of functions.
    pub(crate) function_prototype: Value,
    /// `Symbol.asyncDispose` and `Symbol.dispose`.
    pub(crate) dispose_symbols: [Value; 2],
    /// `Symbol.asyncIterator`: what has a method of this name is a source of chunks.
    pub(crate) async_iterator: Symbol,
    /// Reads the stack that the engine keeps with an error; the error is `this`.
    pub(crate) engine_stack: Value,
    /// What the engine's call sites tell.
    pub(crate) site: SiteMethods,
    /// Sets how many calls the engine records with an error.
    pub(crate) limit_stacks: Value,
    set_backtrace: Value,
    /// What the engine calls with each new error.
    backtrace: Value,
    record_stack: Value,
    recorded_stack: Value,
    ask_preparation: Value,
    bigint_text: Value,
    bigint_of: Value,
    milliseconds_of: Value,
    parts_of: Value,
    whole_of: Value,
    is_array: Value,
    byte_length: Value,
    view_parts: Value,
    view_of: Value,
    unboxed: Value,
    error_prototypes: Value,
    exception_getters: Value,
    host_prototype: Value,
    is_abort_signal: Value,
    inspect: Value,
}

/// Methods of call sites, as the engine made them; the site is `this`.
pub(crate) struct SiteMethods {
    /// The name of the function that was called, or null.
    pub(crate) name: Value,
    /// The function that was called, or null where a text is no program.
    pub(crate) function: Value,
    /// The file that it is in; null for a native function.
    pub(crate) file: Value,
    /// The line, from 1, or null.
    pub(crate) line: Value,
    /// The column, from 1, or null.
    pub(crate) column: Value,
    /// The line in which a function begins; the function is `this`.
    pub(crate) function_line: Value,
    /// The column in which it begins.
    pub(crate) function_column: Value,
}

impl Kit {
    /// Evaluates our files and makes the global of the application's API.
    pub(crate) fn new(api: &Api) -> Js<Kit> {
        let shared = Value::object()?;
        let natives = natives::object()?;
        for script in BOOT {
            run(*script, &[shared.clone(), natives.clone()])?;
        }
        let accessors = natives::lazy::define_globals()?;
        let paths = api.paths.iter().map(|path| Value::string(path)).collect::<Js<Vec<_>>>()?;
        let functions = api.paths.iter().enumerate().map(|(index, path)| {
            let name = path.rsplit('.').next().unwrap_or_default();
            Value::api(index, name)
        });
        let functions = functions.collect::<Js<Vec<_>>>()?;
        let arguments = [Value::string(&api.global)?, Value::array(paths)?, Value::array(functions)?];
        shared.get("buildApi")?.call(&Value::UNDEFINED, &arguments)?;

        let (set_backtrace, backtrace) = (shared.get("setBacktrace")?, backtrace::hook()?);
        set_backtrace.call(&Value::UNDEFINED, std::slice::from_ref(&backtrace))?;
        remote::install()?;
        let plain = Value::object()?;
        let dispose_symbols = shared.get("disposeSymbols")?;
        Ok(Kit {
            accessors,
            access: shared.get("access")?,
            object_class: plain.class(),
            async_iterator: Symbol::of(&shared.get("primordials")?.get("asyncIteratorSymbol")?)?,
            object_prototype: plain.prototype()?.address(),
            function_prototype: set_backtrace.prototype()?,
            dispose_symbols: [dispose_symbols.get_index(0)?, dispose_symbols.get_index(1)?],
            engine_stack: shared.get("engineStack")?,
            site: SiteMethods::new(&shared.get("site")?)?,
            limit_stacks: shared.get("limitStacks")?,
            set_backtrace,
            backtrace,
            record_stack: shared.get("recordStack")?,
            recorded_stack: shared.get("recordedStack")?,
            ask_preparation: shared.get("askPreparation")?,
            bigint_text: shared.get("bigintText")?,
            bigint_of: shared.get("bigintOf")?,
            milliseconds_of: shared.get("millisecondsOf")?,
            parts_of: shared.get("partsOf")?,
            whole_of: shared.get("wholeOf")?,
            is_array: shared.get("isArray")?,
            byte_length: shared.get("byteLength")?,
            view_parts: shared.get("viewParts")?,
            view_of: shared.get("viewOf")?,
            unboxed: shared.get("unboxed")?,
            error_prototypes: shared.get("errorPrototypes")?,
            exception_getters: shared.get("exceptionGetters")?,
            host_prototype: shared.get("hostPrototype")?,
            is_abort_signal: shared.get("isAbortSignal")?,
            inspect: shared.get("inspect")?,
            shared,
        })
    }

    /// Calls a prelude with `facts`, then freezes the API: nothing more is added to it.
    pub(crate) fn run_prelude(&self, prelude: Script, facts: Value) -> Js {
        let result = run(prelude, &[self.shared.clone(), facts])?;
        self.shared.get("freezeApi")?.call(&Value::UNDEFINED, &[])?;
        Ok(result)
    }

    /// Reads a global that is made when it is first used, or writes it if there is a value.
    pub(crate) fn access(&self, number: usize, this: &Value, value: Option<&Value>) -> Js {
        let Some((file, name)) = natives::lazy::globals().nth(number) else { return Ok(Value::UNDEFINED) };
        let mut arguments = vec![Value::string(file.short_name())?, Value::string(name)?];
        arguments.extend(value.cloned());
        self.access.call(this, &arguments)
    }

    /// Calls a function of our own files that is seldom needed.
    pub(crate) fn ask(&self, name: &str, arguments: &[Value]) -> Js {
        self.shared.get(name)?.call(&Value::UNDEFINED, arguments)
    }

    /// Keeps the stack of an error where the plugin cannot change it, whatever it had there.
    pub(crate) fn replace_stack(&self, error: &Value, stack: &str) -> Js<()> {
        self.ask("replaceStack", &[error.clone(), Value::string(stack)?])?;
        Ok(())
    }

    /// Makes `Date`, `performance` and `Math.random` those of a session that can be replayed.
    pub(crate) fn use_virtual_clock(&self) -> Js<()> {
        self.shared.get("useVirtualClock")?.call(&Value::UNDEFINED, &[])?;
        Ok(())
    }

    /// The stack of this moment as the engine itself writes it: good for what [`crate::stack`] cannot know, but names may
    /// pose as anything in it. To be called by the interrupt handler: the host's stop cannot hit here.
    pub(crate) fn engines_own_stack(&self) -> Option<Value> {
        self.set_backtrace.call(&Value::UNDEFINED, &[Value::UNDEFINED]).ok()?;
        let stack = Value::error(ErrorClass::Plain).and_then(|error| self.engine_stack.call(&error, &[]));
        self.set_backtrace.call(&Value::UNDEFINED, std::slice::from_ref(&self.backtrace)).ok()?;
        stack.ok()
    }

    /// Keeps the stack of an error where the plugin cannot change it, unless it has one there.
    pub(crate) fn record_stack(&self, error: &Value, stack: &str) -> Js<()> {
        self.record_stack.call(&Value::UNDEFINED, &[error.clone(), Value::string(stack)?])?;
        Ok(())
    }

    /// The stack that was recorded for an error.
    pub(crate) fn recorded_stack(&self, error: &Value) -> Option<Value> {
        self.recorded_stack.call(&Value::UNDEFINED, std::slice::from_ref(error)).ok()
    }

    /// Calls the plugin's own `prepareStackTrace` with an error and an array of call sites.
    pub(crate) fn ask_preparation(&self, error: &Value, sites: Value) -> Js {
        self.ask_preparation.call(&Value::UNDEFINED, &[error.clone(), sites])
    }

    /// A value as text for a person.
    pub(crate) fn inspect(&self, value: &Value) -> String {
        let text = self.inspect.call(&Value::UNDEFINED, std::slice::from_ref(value));
        text.ok()
            .and_then(|text| text.as_string(limits::ERROR_TEXT))
            .unwrap_or_else(|| "a value that cannot be shown".to_owned())
    }

    /// Whether it is an array, or a proxy of one.
    pub(crate) fn is_array(&self, value: &Value) -> Js<bool> {
        let is_array = self.is_array.call(&Value::UNDEFINED, std::slice::from_ref(value))?;
        Ok(is_array.kind() == Kind::Bool(true))
    }

    /// A date's milliseconds since 1970; not a number if it is invalid.
    pub(crate) fn milliseconds_of(&self, date: &Value) -> Js<f64> {
        let milliseconds = self.milliseconds_of.call(&Value::UNDEFINED, std::slice::from_ref(date))?;
        Ok(milliseconds.as_number().unwrap_or(f64::NAN))
    }

    /// The parts of a map, set or regular expression, as an array.
    pub(crate) fn parts_of(&self, value: &Value) -> Js {
        self.parts_of.call(&Value::UNDEFINED, std::slice::from_ref(value))
    }

    /// A map, set or regular expression from its parts; `kind` is the extension's.
    pub(crate) fn whole_of(&self, kind: i8, parts: Value) -> Js {
        self.whole_of.call(&Value::UNDEFINED, &[Value::number(f64::from(kind)), parts])
    }

    /// How many bytes a typed array has, which may change with its buffer.
    pub(crate) fn byte_length(&self, array: &Value) -> Js<usize> {
        Ok(self.byte_length.call(array, &[])?.as_number().unwrap_or_default() as usize)
    }

    /// A view's buffer, where it begins there, and how many bytes it has.
    pub(crate) fn view_parts(&self, view: &Value) -> Js<(Value, usize, usize)> {
        let parts = self.view_parts.call(&Value::UNDEFINED, std::slice::from_ref(view))?;
        let number = |index| Ok(parts.get_index(index)?.as_number().unwrap_or_default() as usize);
        Ok((parts.get_index(0)?, number(1)?, number(2)?))
    }

    /// A `DataView` over a whole buffer.
    pub(crate) fn view_of(&self, buffer: Value) -> Js {
        self.view_of.call(&Value::UNDEFINED, &[buffer])
    }

    /// The primitive in an object of the engine's kind `class`: `Boolean`, `Number`, `String` or `BigInt`.
    pub(crate) fn unboxed(&self, value: &Value, class: &str) -> Js {
        self.unboxed.call(&Value::UNDEFINED, &[value.clone(), Value::string(class)?])
    }

    /// The prototype of errors of this name, if the language has one that the engine has no function for.
    pub(crate) fn error_prototype(&self, name: &str) -> Option<Value> {
        self.error_prototypes.own(name)
    }

    /// The `name`, `message` or `code` that a `DOMException` has; none of any other name.
    pub(crate) fn exception_part(&self, exception: &Value, name: &str) -> Option<Value> {
        self.exception_getters.own(name)?.call(exception, &[]).ok()
    }

    /// What an object of the host inherits. Members are names and functions in turn.
    pub(crate) fn host_prototype(&self, class: &str, methods: Value, accessors: Value) -> Js {
        self.host_prototype.call(&Value::UNDEFINED, &[Value::string(class)?, methods, accessors])
    }

    /// Whether it is an `AbortSignal`.
    pub(crate) fn is_abort_signal(&self, value: &Value) -> Js<bool> {
        let is_signal = self.is_abort_signal.call(&Value::UNDEFINED, std::slice::from_ref(value))?;
        Ok(is_signal.kind() == Kind::Bool(true))
    }

    /// A BigInt as the payload of its extension: its sign, then its magnitude, little-endian.
    pub(crate) fn bigint_payload(&self, value: &Value) -> Js<Vec<u8>> {
        let text = self.bigint_text.call(&Value::UNDEFINED, std::slice::from_ref(value))?;
        let text = text.text()?;
        let text = text.to_str();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (1, digits),
            None => (0, &*text),
        };
        let mut payload = vec![sign];
        for pair in digits.as_bytes().rchunks(2) {
            let byte = pair.iter().fold(0, |byte, digit| byte << 4 | nibble(*digit));
            payload.push(byte);
        }
        Ok(payload)
    }

    /// A BigInt from its sign and magnitude. One that the engine cannot hold is refused before it is written down: the
    /// text would be twice as long as the message.
    pub(crate) fn bigint_of(&self, is_negative: bool, magnitude: &[u8]) -> Js {
        let length = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let magnitude = magnitude.get(..length).unwrap_or_default();
        if BIGINT < length {
            return Err(thrown::range_error(&format!("a BigInt of {length} bytes; at most {BIGINT} are possible")));
        }
        let mut digits = String::from("0");
        for byte in magnitude.iter().rev() {
            // Writing to a string cannot fail.
            let _always_ok = write!(digits, "{byte:02x}");
        }
        self.bigint_of.call(&Value::UNDEFINED, &[Value::bool(is_negative), Value::string(&digits)?])
    }
}

impl SiteMethods {
    fn new(methods: &Value) -> Js<SiteMethods> {
        Ok(SiteMethods {
            name: methods.get("name")?,
            function: methods.get("function")?,
            file: methods.get("file")?,
            line: methods.get("line")?,
            column: methods.get("column")?,
            function_line: methods.get("functionLine")?,
            function_column: methods.get("functionColumn")?,
        })
    }
}

fn nibble(digit: u8) -> u8 {
    (digit as char).to_digit(16).unwrap_or(0) as u8
}

/// Evaluates one of our files, which is a function, and calls it.
fn run(script: Script, arguments: &[Value]) -> Js {
    script::evaluate_own(script)?.call(&Value::UNDEFINED, arguments)
}

/// What our own JavaScript threw at the start, for the last words of the process.
pub(crate) fn words_of(thrown: &Thrown) -> String {
    let text_of = |name| thrown::text_of(&thrown.0, name, limits::NAME).unwrap_or_default();
    let (message, stack) = (text_of("message"), text_of("stack"));
    format!("{message}\n{stack}")
}
