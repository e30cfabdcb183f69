//! Rust functions that JavaScript calls.
//!
//! The engine keeps a C function and a small number with each. There are three C functions here; the number says which
//! Rust function, which function of the application, or which continuation is meant.
#![allow(unsafe_code, reason = "the engine calls C functions with raw arguments")]

use super::context;
use super::value::{Js, Thrown, Value};
use crate::calls_out;
use crate::continuation::Continuation;
use crate::natives;
use crate::session::{Session, session};
use rquickjs::qjs;
use std::ffi::{CString, c_int};

/// A function of the runner: what our own JavaScript can call.
pub(crate) struct Native {
    /// Its name, in stacks and as the key in the object of all of them.
    pub(crate) name: &'static str,
    /// The number of its parameters.
    pub(crate) length: i32,
    /// What it does.
    pub(crate) run: fn(&Session, &[Value]) -> Js,
}

impl Value {
    /// The native function that has the number `index` in [`natives`].
    pub(crate) fn native(index: usize, native: &Native) -> Js {
        let Ok(name) = CString::new(native.name) else { return Ok(Value::UNDEFINED) };
        new_function(run_native, &name, native.length, index)
    }

    /// The function of the application with this position in its table.
    pub(crate) fn api(index: usize, name: &str) -> Js {
        let name = CString::new(name).unwrap_or_default();
        new_function(call_api, &name, 0, index)
    }

    /// Runs `continuation` with `id` once a promise is settled.
    pub(crate) fn continue_with(&self, continuation: Continuation, id: u64) -> Js<()> {
        let fulfilled = new_continuation(continuation, id, false)?;
        let rejected = new_continuation(continuation, id, true)?;
        self.when_settled(&fulfilled, &rejected)
    }

    /// A function that runs `continuation` with `id` and what it is called with.
    pub(crate) fn continuation(continuation: Continuation, id: u64) -> Js {
        new_continuation(continuation, id, false)
    }
}

fn new_continuation(continuation: Continuation, id: u64, is_rejected: bool) -> Js {
    let id = Value::small_bigint(id)?;
    let mut data = [id.raw()];
    let number = continuation as c_int * 2 + c_int::from(is_rejected);
    // SAFETY: the engine copies the value, which is alive, and the function's count belongs to us.
    unsafe {
        let function =
            qjs::JS_NewCFunctionData(context(), Some(run_continuation), 1, number, 1, data.as_mut_ptr());
        Value::from_result(function)
    }
}

pub(super) type Magic =
    unsafe extern "C" fn(*mut qjs::JSContext, qjs::JSValue, c_int, *mut qjs::JSValue, c_int) -> qjs::JSValue;

/// A function of the engine that calls `function` with `number`.
pub(super) fn new_function(function: Magic, name: &CString, length: i32, number: usize) -> Js {
    // SAFETY: a function of the kind `generic_magic` is called with exactly the arguments of `Magic`; the table of C
    // functions has one type for all kinds, and the kind says which it really is. The name is copied.
    unsafe {
        let erased = std::mem::transmute::<
            Magic,
            unsafe extern "C" fn(*mut qjs::JSContext, qjs::JSValue, c_int, *mut qjs::JSValue) -> qjs::JSValue,
        >(function);
        let kind = qjs::JSCFunctionEnum_JS_CFUNC_generic_magic;
        Value::from_result(qjs::JS_NewCFunction2(
            context(),
            Some(erased),
            name.as_ptr(),
            length,
            kind,
            number as c_int,
        ))
    }
}

/// What a C function returns to the engine.
pub(super) fn answer(result: Js) -> qjs::JSValue {
    match result {
        Ok(value) => value.into_raw(),
        Err(thrown) => thrown.raise(),
    }
}

unsafe extern "C" fn run_native(
    _context: *mut qjs::JSContext,
    _this: qjs::JSValue,
    count: c_int,
    first: *mut qjs::JSValue,
    number: c_int,
) -> qjs::JSValue {
    // SAFETY: the engine passes `count` values that live during the call.
    let arguments = unsafe { Value::borrowed_slice(first, count as usize) };
    let Some(native) = natives::of_number(number as usize) else { return qjs::JS_UNDEFINED };
    answer(session().map_or(Ok(Value::UNDEFINED), |session| (native.run)(session, arguments)))
}

unsafe extern "C" fn call_api(
    _context: *mut qjs::JSContext,
    _this: qjs::JSValue,
    count: c_int,
    first: *mut qjs::JSValue,
    number: c_int,
) -> qjs::JSValue {
    // SAFETY: the engine passes `count` values that live during the call.
    let arguments = unsafe { Value::borrowed_slice(first, count as usize) };
    answer(
        session().map_or(Ok(Value::UNDEFINED), |session| calls_out::call(session, number as u32, arguments)),
    )
}

unsafe extern "C" fn run_continuation(
    _context: *mut qjs::JSContext,
    _this: qjs::JSValue,
    count: c_int,
    first: *mut qjs::JSValue,
    number: c_int,
    data: *mut qjs::JSValue,
) -> qjs::JSValue {
    // SAFETY: the engine passes `count` values, and the one that the function was made with.
    let (arguments, data) =
        unsafe { (Value::borrowed_slice(first, count as usize), Value::borrowed_slice(data, 1)) };
    let value = arguments.first().cloned().unwrap_or(Value::UNDEFINED);
    let outcome = if number & 1 == 0 { Ok(value) } else { Err(Thrown(value)) };
    let id = data.first().and_then(|id| id.bigint_bits().ok());
    if let (Some(id), Some(session), Some(continuation)) =
        (id, session(), Continuation::of_number(number / 2))
    {
        continuation.run(session, id, outcome);
    }
    qjs::JS_UNDEFINED
}
