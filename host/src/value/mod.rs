//! Values that cross the socket, on the host's side of it.
//!
//! What comes in was written by another process: it is [scanned](plughold_wire::scan()) first, the references that it
//! introduces become counted handles, and only then serde decodes it, with nothing but these handles to give out.

mod bytes;
mod decode;
mod deserializer;
mod encode;
mod json;
mod thrown;

pub use bytes::Bytes;
pub use json::Json;
pub use thrown::Thrown;

pub(crate) use decode::{Incoming, Scope, with_reference};
pub(crate) use deserializer::{ExtensionVisitor, Kind};
pub(crate) use encode::{Encoded, encode, encode_arguments, note_home};
pub(crate) use json::json_of;
