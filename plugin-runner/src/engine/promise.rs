//! Promises and jobs.
#![allow(unsafe_code, reason = "every operation is a call into the engine")]

use super::value::{Js, Thrown, Value};
use super::{context, runtime};
use crate::modules;
use crate::session::session;
use rquickjs::qjs;
use std::ptr;

/// A new promise with what settles it.
pub(crate) struct Deferred {
    /// The promise.
    pub(crate) promise: Value,
    /// What settles it.
    pub(crate) settle: Settle,
}

/// The two functions that settle a promise.
pub(crate) struct Settle {
    resolve: Value,
    reject: Value,
}

/// How far a promise is.
pub(crate) enum Progress {
    /// Not settled.
    Pending,
    /// Settled with a value or with what was thrown.
    Settled(Js),
}

impl Deferred {
    /// A pending promise.
    pub(crate) fn new() -> Js<Deferred> {
        let mut functions = [qjs::JS_UNDEFINED; 2];
        // SAFETY: the engine writes two functions, whose counts belong to us unless it throws.
        unsafe {
            let promise =
                Value::from_result(qjs::JS_NewPromiseCapability(context(), functions.as_mut_ptr()))?;
            let [resolve, reject] = functions;
            let settle = Settle { resolve: Value::from_raw(resolve), reject: Value::from_raw(reject) };
            Ok(Deferred { promise, settle })
        }
    }
}

impl Settle {
    /// The two functions: what fulfils the promise, and what rejects it.
    pub(crate) fn into_functions(self) -> (Value, Value) {
        (self.resolve, self.reject)
    }

    /// Settles the promise. What waits for it runs as a job. The error is a lack of memory: the promise stays pending.
    pub(crate) fn settle(&self, outcome: Js) -> Js<()> {
        let (function, value) = match outcome {
            Ok(value) => (&self.resolve, value),
            Err(Thrown(value)) => (&self.reject, value),
        };
        let arguments = [value];
        match function.call(&Value::UNDEFINED, &arguments) {
            // The host's stop can hit before the function runs, and not twice in a row.
            Err(thrown) if thrown.is_interrupt() => function.call(&Value::UNDEFINED, &arguments)?,
            result => result?,
        };
        Ok(())
    }
}

impl Value {
    /// A promise that is rejected already.
    pub(crate) fn rejected(thrown: &Thrown) -> Js {
        // SAFETY: the value is alive.
        unsafe { Value::from_result(qjs::JS_NewSettledPromise(context(), true, thrown.0.raw())) }
    }

    /// Whether it is a real promise.
    #[inline]
    pub(crate) fn is_promise(&self) -> bool {
        // SAFETY: `self` is alive.
        unsafe { qjs::JS_IsPromise(self.raw()) }
    }

    /// How far a promise is; what is not a promise is settled with itself. Taking a rejection here handles it.
    pub(crate) fn progress(&self) -> Progress {
        // SAFETY: `self` is alive; the result's count belongs to us.
        unsafe {
            match qjs::JS_PromiseState(context(), self.raw()) {
                qjs::JSPromiseStateEnum_JS_PROMISE_PENDING => Progress::Pending,
                qjs::JSPromiseStateEnum_JS_PROMISE_FULFILLED => {
                    Progress::Settled(Ok(Value::from_raw(qjs::JS_PromiseResult(context(), self.raw()))))
                }
                qjs::JSPromiseStateEnum_JS_PROMISE_REJECTED => {
                    qjs::JS_PromiseMarkAsHandled(context(), self.raw());
                    let reason = Value::from_raw(qjs::JS_PromiseResult(context(), self.raw()));
                    Progress::Settled(Err(Thrown(reason)))
                }
                _ => Progress::Settled(Ok(self.clone())),
            }
        }
    }

    /// A rejection of this promise is not worth a report. No effect on what is no promise.
    pub(crate) fn mark_handled(&self) {
        // SAFETY: `self` is alive; the engine looks whether it is a promise.
        unsafe { qjs::JS_PromiseMarkAsHandled(context(), self.raw()) };
    }

    /// Waits for a promise, without asking `Promise.prototype.then`, which a plugin may have replaced.
    pub(crate) fn when_settled(&self, fulfilled: &Value, rejected: &Value) -> Js<()> {
        // SAFETY: all are alive; the promise that results is dropped here.
        unsafe {
            Value::from_result(qjs::JS_PromiseThen(context(), self.raw(), fulfilled.raw(), rejected.raw()))?;
        }
        Ok(())
    }
}

/// Runs one job. None if there is none left, an error if it threw outside of any promise.
pub(crate) fn run_job() -> Option<Js<()>> {
    let mut job_context = ptr::null_mut();
    // SAFETY: the engine is alive and writes to a local.
    let run = || unsafe { qjs::JS_ExecutePendingJob(runtime(), &raw mut job_context) };
    match modules::within_job(session(), run) {
        0 => None,
        1 => Some(Ok(())),
        _ => Some(Err(Thrown::take())),
    }
}

/// Whether jobs wait.
pub(crate) fn has_jobs() -> bool {
    // SAFETY: the engine is alive.
    unsafe { qjs::JS_IsJobPending(runtime()) }
}
