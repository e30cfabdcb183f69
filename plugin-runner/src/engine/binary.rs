//! Buffers, typed arrays and big integers: what JavaScript keeps as bytes.
#![allow(unsafe_code, reason = "the engine lends the bytes of its buffers")]

use super::context;
use super::value::{Js, Thrown, Value};
use crate::session::session;
use plughold_protocol::value::ARRAY_TYPES;
use rquickjs::qjs;
use std::ptr;

/// The engine's number of each type in [`ARRAY_TYPES`]; the last of them, `DataView` and `ArrayBuffer`, are no typed arrays.
const ENGINE_TYPES: [qjs::JSTypedArrayEnum; 12] = [
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT8,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8C,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT16,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT16,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT32,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT32,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_BIG_INT64,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_BIG_UINT64,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_FLOAT16,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_FLOAT32,
    qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_FLOAT64,
];

const _: () = assert!(ENGINE_TYPES.len() + 2 == ARRAY_TYPES.len());

impl Value {
    /// A `Uint8Array` over a new buffer with a copy of `bytes`.
    pub(crate) fn bytes(bytes: &[u8]) -> Js {
        // SAFETY: the engine copies the bytes.
        unsafe {
            Value::from_result(qjs::JS_NewUint8ArrayCopy(
                context(),
                bytes.as_ptr(),
                bytes.len() as qjs::size_t,
            ))
        }
    }

    /// A new `ArrayBuffer` with a copy of `bytes`.
    pub(crate) fn array_buffer(bytes: &[u8]) -> Js {
        // SAFETY: the engine copies the bytes.
        unsafe {
            Value::from_result(qjs::JS_NewArrayBufferCopy(
                context(),
                bytes.as_ptr(),
                bytes.len() as qjs::size_t,
            ))
        }
    }

    /// A typed array of the type with this number in [`ARRAY_TYPES`], or none if there is no such type or the bytes
    /// are not whole elements.
    pub(crate) fn typed_array(number: u8, bytes: &[u8]) -> Option<Js> {
        let engine_type = *ENGINE_TYPES.get(usize::from(number))?;
        let element = match number {
            0..=2 => 1,
            3 | 4 | 9 => 2,
            5 | 6 | 10 => 4,
            _ => 8,
        };
        if !bytes.len().is_multiple_of(element) {
            return None;
        }
        Some(Value::array_buffer(bytes).and_then(|buffer| {
            let mut arguments = [buffer.raw()];
            // SAFETY: the array refers to the buffer, which is alive during the call.
            unsafe {
                Value::from_result(qjs::JS_NewTypedArray(context(), 1, arguments.as_mut_ptr(), engine_type))
            }
        }))
    }

    /// The number of a typed array's type in [`ARRAY_TYPES`].
    #[inline]
    pub(crate) fn array_type(&self) -> Option<u8> {
        // SAFETY: `self` is alive.
        let engine_type = unsafe { qjs::JS_GetTypedArrayType(self.raw()) };
        let engine_type = qjs::JSTypedArrayEnum::try_from(engine_type).ok()?;
        ENGINE_TYPES.iter().position(|known| *known == engine_type).map(|number| number as u8)
    }

    /// Whether it is an `ArrayBuffer` (a shared one is not).
    pub(crate) fn is_array_buffer(&self) -> bool {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_IsArrayBuffer(self.raw()) }
    }

    /// Shows `read` the bytes of a typed array or an `ArrayBuffer`. A detached buffer throws.
    pub(crate) fn with_bytes<R>(&self, read: impl FnOnce(&[u8]) -> R) -> Js<R> {
        let (mut offset, mut length) = (0, None);
        let buffer = if self.is_array_buffer() {
            self.clone()
        } else {
            // SAFETY: `self` is alive, the engine writes to locals, and the buffer's count belongs to us.
            let buffer = unsafe {
                Value::from_result(qjs::JS_GetTypedArrayBuffer(
                    context(),
                    self.raw(),
                    &raw mut offset,
                    ptr::null_mut(),
                    ptr::null_mut(),
                ))
            }?;
            // The function above knows the length at the time when the array was made.
            length = session().map(|session| session.kit.byte_length(self)).transpose()?;
            buffer
        };
        let mut size = 0;
        // SAFETY: the buffer is alive.
        let first = unsafe { qjs::JS_GetArrayBuffer(context(), &raw mut size, buffer.raw()) };
        if size == 0 {
            let thrown = Thrown::take();
            // An empty buffer may have no place; a detached one has thrown.
            return if thrown.0.is_object() { Err(thrown) } else { Ok(read(&[])) };
        }
        // SAFETY: the engine lends `size` bytes until JavaScript runs again, and `read` runs none.
        let whole = unsafe { std::slice::from_raw_parts(first, size as usize) };
        let offset = offset as usize;
        let end = length.map_or(whole.len(), |length| offset.saturating_add(length));
        Ok(read(whole.get(offset..end).unwrap_or_default()))
    }

    /// A BigInt that fits in 64 bits.
    pub(crate) fn small_bigint(magnitude: u64) -> Js {
        // SAFETY: the engine is alive.
        unsafe { Value::from_result(qjs::JS_NewBigUint64(context(), magnitude)) }
    }

    /// The low 64 bits of a BigInt.
    pub(crate) fn bigint_bits(&self) -> Js<u64> {
        let mut bits = 0;
        // SAFETY: `self` is alive, and the bits are written to a local.
        match unsafe { qjs::JS_ToBigUint64(context(), &raw mut bits, self.raw()) } {
            0 => Ok(bits),
            _ => Err(Thrown::take()),
        }
    }
}
