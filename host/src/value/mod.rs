//! Values that cross the socket, on the host's side of it.
//!
//! What comes in was written by another process: it is [scanned](plughold_wire::scan()) first, the references that it
//! introduces become counted handles, and only then serde decodes it, with nothing but these handles to give out.
//!
//! # Layout
//!
//! - [`encode`] and [`serializer`]: from types to bytes; [`decode`] and [`deserializer`]: back
//! - [`extension`]: how values that plain data cannot express pass through serde
//! - [`forward`]: from one plugin's bytes to another's
//! - the other modules: one kind of value each

mod bigint;
mod bytes;
mod collections;
mod date;
mod decode;
mod deserializer;
mod dynamic;
mod encode;
pub(crate) mod extension;
pub(crate) mod forward;
mod json;
mod serializer;
mod special;
mod thrown;
mod typed_array;

pub use bigint::{BigInt, TooBig};
pub use bytes::Bytes;
pub use collections::{Map, Set};
pub use date::Date;
pub use dynamic::Value;
pub use json::Json;
pub use special::{AbortSignal, RegExp, Undefined};
pub use thrown::Thrown;
pub use typed_array::{ArrayKind, TypedArray};

pub(crate) use decode::{Incoming, Scope, received, received_accessor, received_stream};
pub(crate) use encode::{
    EncodeError, Encoded, add_stream, encode, encode_arguments, encode_data, is_call, place,
};
pub(crate) use forward::readdress;
pub(crate) use json::json_of;
