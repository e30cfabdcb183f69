//! QuickJS as safe Rust: the few things that a runner needs of it, each in a file of its own.
//!
//! A process has one engine, on one thread, until it ends; nothing of it is ever torn down. So a [`Value`] needs no
//! lifetime and no handle to its context: it belongs to the engine of its thread, and cannot leave that thread.
//!
//! # Layout
//! - [`value`]: owned values and what kind they are
//! - [`text`]: strings of the engine
//! - [`object`]: properties, arrays, calls
//! - [`symbol`]: properties whose names are symbols
//! - [`make`]: new values
//! - [`binary`]: buffers, typed arrays and big integers
//! - [`promise`]: promises and jobs
//! - [`function`]: Rust functions that JavaScript calls
//! - [`remote`]: what stands for functions and objects of the host
//! - [`lazy`]: globals that are made when they are first used
//! - [`script`]: compiling and running
//! - [`module`]: what `import` does
//! - [`hooks`]: what the engine calls by itself; [`backtrace`]: what it calls with each new error
#![allow(unsafe_code, reason = "the engine is made and its context kept for the thread")]

pub(crate) mod backtrace;
pub(crate) mod binary;
pub(crate) mod function;
pub(crate) mod hooks;
pub(crate) mod lazy;
pub(crate) mod make;
pub(crate) mod module;
pub(crate) mod object;
pub(crate) mod promise;
pub(crate) mod remote;
pub(crate) mod script;
pub(crate) mod symbol;
pub(crate) mod text;
pub(crate) mod value;

pub(crate) use text::Text;
pub(crate) use value::{Js, Kind, Thrown, Value};

use crate::arena::EngineAlloc;
use rquickjs::qjs;
use std::cell::Cell;
use std::ffi::CStr;
use std::ptr;

thread_local! {
    static CONTEXT: Cell<*mut qjs::JSContext> = const { Cell::new(ptr::null_mut()) };
    static STACK_SIZE: Cell<usize> = const { Cell::new(0) };
}

/// Makes the engine of this thread, with all built-in objects and `stack` bytes of stack.
pub(crate) fn start(stack: usize) -> Result<(), rquickjs::Error> {
    let runtime = rquickjs::Runtime::new_with_alloc(EngineAlloc)?;
    runtime.set_max_stack_size(stack);
    STACK_SIZE.set(stack);
    let context = rquickjs::Context::full(&runtime)?;
    CONTEXT.set(context.as_raw().as_ptr());
    // Both live until the process ends: values everywhere rely on it.
    std::mem::forget(context);
    std::mem::forget(runtime);
    Ok(())
}

/// The name and version of the engine.
pub(crate) fn version() -> String {
    // SAFETY: the engine returns a static C string.
    let version = unsafe { CStr::from_ptr(qjs::JS_GetVersion()) };
    format!("quickjs-ng {}", version.to_string_lossy())
}

/// Frees what is held in circles only.
pub(crate) fn collect() {
    // SAFETY: the engine is alive; finalizers run, and no JavaScript.
    unsafe { qjs::JS_RunGC(runtime()) };
}

/// Runs `work` with `bytes` of stack more than there are now: a turn on top of another one begins where that one is.
pub(crate) fn with_stack_on_top<R>(bytes: usize, work: impl FnOnce() -> R) -> R {
    let before = stack_size();
    set_stack_size(before + bytes);
    let result = work();
    set_stack_size(before);
    result
}

fn set_stack_size(stack: usize) {
    STACK_SIZE.set(stack);
    // SAFETY: the engine is alive; the native stack is much larger.
    unsafe { qjs::JS_SetMaxStackSize(runtime(), stack as qjs::size_t) };
}

/// The context of this thread's engine; null before [`start`].
#[inline]
fn context() -> *mut qjs::JSContext {
    CONTEXT.get()
}

/// Bytes of stack that this thread's engine has.
fn stack_size() -> usize {
    STACK_SIZE.get()
}

/// The runtime of this thread's engine.
fn runtime() -> *mut qjs::JSRuntime {
    // SAFETY: every caller runs after `start`, so the context is alive.
    unsafe { qjs::JS_GetRuntime(context()) }
}
