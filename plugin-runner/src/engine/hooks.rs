//! What the engine calls by itself: the interrupt handler and the tracker of rejections.
#![allow(unsafe_code, reason = "the engine calls C functions")]

use super::runtime;
use super::value::Value;
use crate::session::session;
use crate::{rejections, serve};
use rquickjs::qjs;
use std::ffi::{c_int, c_void};
use std::ptr;

/// Installs both.
pub(crate) fn install() {
    // SAFETY: the engine is alive; the functions are static and need no opaque pointer.
    unsafe {
        qjs::JS_SetInterruptHandler(runtime(), Some(on_interrupt), ptr::null_mut());
        qjs::JS_SetHostPromiseRejectionTracker(runtime(), Some(on_rejection), ptr::null_mut());
    }
}

/// Called every ten thousand or so steps of JavaScript. Not zero ends the turn.
unsafe extern "C" fn on_interrupt(_runtime: *mut qjs::JSRuntime, _opaque: *mut c_void) -> c_int {
    session().is_some_and(serve::beat).into()
}

unsafe extern "C" fn on_rejection(
    _context: *mut qjs::JSContext,
    promise: qjs::JSValue,
    reason: qjs::JSValue,
    is_handled: bool,
    _opaque: *mut c_void,
) {
    let Some(session) = session() else { return };
    // SAFETY: the engine passes values that live during the call.
    let (promise, reason) = unsafe { (Value::borrowed(promise), Value::borrowed(reason)) };
    if is_handled {
        rejections::handled(session, &promise);
    } else {
        rejections::rejected(session, &promise, &reason);
    }
}
