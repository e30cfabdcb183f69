//! Backtraces: with each new error the engine calls a hook of ours and hands over the call sites.
#![allow(unsafe_code, reason = "the hook is an object of a class of its own")]

use super::function::answer;
use super::value::{Js, Thrown, Value};
use super::{context, runtime, stack_size};
use crate::session::session;
use crate::stack;
use rquickjs::qjs;
use std::ffi::c_int;
use std::ptr;

/// Stack beyond the plugin's, in bytes: the error that says that there is none left has a backtrace as well.
const ROOM: usize = 64 << 10;

/// The hook. It is no function but can be called like one: calling a function needs stack.
pub(crate) fn hook() -> Js {
    let definition = qjs::JSClassDef {
        class_name: c"Backtrace".as_ptr(),
        finalizer: None,
        gc_mark: None,
        call: Some(on_error),
        exotic: ptr::null_mut(),
    };
    let mut class = 0;
    // SAFETY: the engine is alive, writes the new number to a local, and copies the definition.
    unsafe {
        qjs::JS_NewClassID(runtime(), &raw mut class);
        if qjs::JS_NewClass(runtime(), class, &raw const definition) < 0 {
            return Err(Thrown::take());
        }
        Value::from_result(qjs::JS_NewObjectClass(context(), class))
    }
}

/// Runs `work`, which runs no code of the plugin, with more stack than the plugin has.
pub(crate) fn with_more_stack<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: the engine is alive; the native stack is much larger than both sizes.
    unsafe { qjs::JS_SetMaxStackSize(runtime(), (stack_size() + ROOM) as qjs::size_t) };
    let result = work();
    // SAFETY: as above.
    unsafe { qjs::JS_SetMaxStackSize(runtime(), stack_size() as qjs::size_t) };
    result
}

unsafe extern "C" fn on_error(
    _context: *mut qjs::JSContext,
    _hook: qjs::JSValue,
    _this: qjs::JSValue,
    count: c_int,
    first: *mut qjs::JSValue,
    _flags: c_int,
) -> qjs::JSValue {
    // SAFETY: the engine passes `count` values that live during the call.
    let arguments = unsafe { Value::borrowed_slice(first, count as usize) };
    match (arguments, session()) {
        ([error, sites], Some(session)) => answer(stack::prepare(session, error, sites)),
        _ => qjs::JS_NULL,
    }
}
