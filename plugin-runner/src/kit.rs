//! What the runner uses of its own JavaScript, and of the language as it was before the plugin.

use crate::engine::{Js, Thrown, Value, script};
use crate::natives;
use crate::session::Api;
use plughold_proxy_js::{BOOT, Script};
use std::fmt::Write;

/// Functions of our own JavaScript. A plugin cannot reach them.
pub(crate) struct Kit {
    /// The object that our files share.
    shared: Value,
    /// The engine's class of plain objects.
    pub(crate) object_class: u32,
    /// Where `Object.prototype` lives.
    pub(crate) object_prototype: usize,
    /// Reads the stack that the engine keeps with an error; the error is `this`.
    pub(crate) engine_stack: Value,
    /// Reads the stack that was recorded while the plugin had a `prepareStackTrace` of its own.
    pub(crate) recorded_stack: Value,
    /// A preparation that gives the plugin's place instead of a text.
    pub(crate) place_collector: Value,
    preparation: Value,
    set_preparation: Value,
    bigint_text: Value,
    bigint_of: Value,
    milliseconds_of: Value,
    parts_of: Value,
    whole_of: Value,
    is_array: Value,
    inspect: Value,
}

impl Kit {
    /// Evaluates our files and makes the global of the application's API.
    pub(crate) fn new(api: &Api) -> Js<Kit> {
        let shared = Value::object()?;
        let natives = natives::object()?;
        for script in BOOT {
            run(*script, &[shared.clone(), natives.clone()])?;
        }
        let paths = api.paths.iter().map(|path| Value::string(path)).collect::<Js<Vec<_>>>()?;
        let functions = api.paths.iter().enumerate().map(|(index, path)| {
            let name = path.rsplit('.').next().unwrap_or_default();
            Value::api(index, name)
        });
        let functions = functions.collect::<Js<Vec<_>>>()?;
        let arguments = [Value::string(&api.global)?, Value::array(paths)?, Value::array(functions)?];
        shared.get("buildApi")?.call(&Value::UNDEFINED, &arguments)?;

        let plain = Value::object()?;
        Ok(Kit {
            object_class: plain.class(),
            object_prototype: plain.prototype()?.address(),
            engine_stack: shared.get("engineStack")?,
            recorded_stack: shared.get("recordedStack")?,
            place_collector: shared.get("placeCollector")?,
            preparation: shared.get("preparation")?.get("get")?,
            set_preparation: shared.get("preparation")?.get("set")?,
            bigint_text: shared.get("bigintText")?,
            bigint_of: shared.get("bigintOf")?,
            milliseconds_of: shared.get("millisecondsOf")?,
            parts_of: shared.get("partsOf")?,
            whole_of: shared.get("wholeOf")?,
            is_array: shared.get("isArray")?,
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

    /// Makes `Date`, `performance` and `Math.random` those of a session that can be replayed.
    pub(crate) fn use_virtual_clock(&self) -> Js<()> {
        self.shared.get("useVirtualClock")?.call(&Value::UNDEFINED, &[])?;
        Ok(())
    }

    /// Runs `work` while the engine prepares stacks by `preparation` (or, if it is undefined, as text by itself).
    pub(crate) fn with_preparation(&self, preparation: &Value, work: impl FnOnce() -> Js) -> Js {
        // The accessor is the engine's own and runs no JavaScript. What worked once at this depth works again.
        let before = self.preparation.call(&self.shared, &[])?;
        self.set_preparation.call(&self.shared, std::slice::from_ref(preparation))?;
        let result = work();
        self.set_preparation.call(&self.shared, &[before])?;
        result
    }

    /// A value as text for a person.
    pub(crate) fn inspect(&self, value: &Value) -> String {
        let text = self.inspect.call(&Value::UNDEFINED, std::slice::from_ref(value));
        text.ok()
            .and_then(|text| text.as_string())
            .unwrap_or_else(|| "a value that cannot be shown".to_owned())
    }

    /// Whether it is an array, or a proxy of one.
    pub(crate) fn is_array(&self, value: &Value) -> Js<bool> {
        let is_array = self.is_array.call(&Value::UNDEFINED, std::slice::from_ref(value))?;
        Ok(is_array.kind() == crate::engine::Kind::Bool(true))
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

    /// A BigInt from its sign and magnitude.
    pub(crate) fn bigint_of(&self, is_negative: bool, magnitude: &[u8]) -> Js {
        let mut digits = String::from("0");
        for byte in magnitude.iter().rev() {
            // Writing to a string cannot fail.
            let _always_ok = write!(digits, "{byte:02x}");
        }
        self.bigint_of.call(&Value::UNDEFINED, &[Value::bool(is_negative), Value::string(&digits)?])
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
    let message = crate::thrown::text_of(&thrown.0, "message").unwrap_or_default();
    let stack = crate::thrown::text_of(&thrown.0, "stack").unwrap_or_default();
    format!("{message}\n{stack}")
}
