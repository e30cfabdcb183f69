//! `Map` and `Set`, which plain Rust collections do not say: those become objects and arrays.

use crate::value::decode::decode_payload;
use crate::value::extension;
use plughold_protocol::value;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A `Map`, in its order. Keys may be anything.
///
/// A `HashMap` or `BTreeMap` in a signature takes a `Map` or a plain object, and is sent as a plain object. This type
/// takes a `Map` only, and is sent as one.
///
/// ```
/// use plughold::Map;
///
/// let ages: Map<u32, &str> = [(7, "seven")].into_iter().collect();
/// assert_eq!(ages.0, [(7, "seven")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Map<K, V>(pub Vec<(K, V)>);

/// A `Set`, in its order.
///
/// A `HashSet`, `BTreeSet` or `Vec` in a signature takes a `Set` or an array, and is sent as an array. This type takes a
/// `Set` only, and is sent as one.
///
/// ```
/// use plughold::Set;
///
/// let tags: Set<&str> = ["a", "b"].into_iter().collect();
/// assert_eq!(tags.0, ["a", "b"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Set<T>(pub Vec<T>);

/// The keys and values of a `Map` in turn.
struct InTurn<'m, K, V>(&'m [(K, V)]);

impl<K: Serialize, V: Serialize> Serialize for InTurn<'_, K, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut list = to.serialize_seq(Some(2 * self.0.len()))?;
        for (key, value) in self.0 {
            list.serialize_element(key)?;
            list.serialize_element(value)?;
        }
        list.end()
    }
}

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        extension::serialize_container(to, extension::MAP, &InTurn(&self.0))
    }
}

impl<'de, K: DeserializeOwned, V: DeserializeOwned> Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Map<K, V>, D::Error> {
        let (kind, payload) = extension::take(from, &[value::MAP], "a Map")?;
        decode_payload(kind, &payload).map(Map)
    }
}

impl<T: Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        extension::serialize_container(to, extension::SET, &self.0)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Set<T>, D::Error> {
        let (kind, payload) = extension::take(from, &[value::SET], "a Set")?;
        decode_payload(kind, &payload).map(Set)
    }
}

impl<K, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Map<K, V> {
        Map(pairs.into_iter().collect())
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Set<T> {
        Set(elements.into_iter().collect())
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
