//! Small values that plain data cannot express: regular expressions, `undefined`, the signal of a call.

use crate::value::decode::decode_payload;
use crate::value::{extension, is_call};
use plughold_protocol::value;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A regular expression, as JavaScript writes it: `/source/flags`. It is not compiled here.
///
/// ```
/// use plughold::RegExp;
///
/// let words = RegExp { source: r"\w+".into(), flags: "gu".into() };
/// # let _ = words;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RegExp {
    /// The pattern.
    pub source: String,
    /// The flags, such as `gi`.
    pub flags: String,
}

impl Serialize for RegExp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        extension::serialize_container(to, extension::REGEXP, &(&self.source, &self.flags))
    }
}

impl<'de> Deserialize<'de> for RegExp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RegExp, D::Error> {
        let (_, payload) = extension::take(from, &[value::REGEXP], "a regular expression")?;
        let (source, flags) = decode_payload(value::REGEXP, &payload)?;
        Ok(RegExp { source, flags })
    }
}

/// `undefined`. `None` and `()` are sent as `null`; every one of them takes both.
///
/// ```
/// use plughold::{Cx, Thrown, Undefined};
///
/// async fn forget(_: Cx<()>) -> Result<Undefined, Thrown> {
///     Ok(Undefined)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Undefined;

impl Serialize for Undefined {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return to.serialize_unit();
        }
        extension::serialize(to, value::UNDEFINED, &[0])
    }
}

impl<'de> Deserialize<'de> for Undefined {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Undefined, D::Error> {
        <()>::deserialize(from).map(|()| Undefined)
    }
}

/// The abort signal of the call in whose arguments it stands.
///
/// Among the arguments of a call to a plugin it becomes an `AbortSignal`, which is aborted when the
/// [`Call`](crate::Call) is dropped or its deadline has passed. Among the arguments of a plugin's call it says that the
/// plugin has passed a signal, whose abortion is [`Cx::cancelled`](crate::Cx::cancelled).
///
/// ```
/// use plughold::{AbortSignal, CallError, Callback};
///
/// async fn search(find: &Callback<(String, AbortSignal), Vec<String>>) -> Result<Vec<String>, CallError> {
///     find.call(("ship".to_owned(), AbortSignal)).await // in the plugin: (text, signal) => fetch(text, { signal })
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AbortSignal;

impl Serialize for AbortSignal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !is_call() {
            return Err(S::Error::custom(
                "an AbortSignal stands in the arguments of a call and nowhere else",
            ));
        }
        extension::serialize(to, value::SIGNAL, &[0])
    }
}

impl<'de> Deserialize<'de> for AbortSignal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<AbortSignal, D::Error> {
        extension::take(from, &[value::SIGNAL], "an AbortSignal").map(|_| AbortSignal)
    }
}
