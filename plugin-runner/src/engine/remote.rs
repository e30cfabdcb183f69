//! What stands for a function or object of the host: values of two classes of our own, each with a handle inside.
//!
//! The handle is the brand: no plugin can copy it, and it says when its value is gone.
#![allow(unsafe_code, reason = "the engine keeps a pointer to the handle inside of each value")]

use super::function::answer;
use super::value::{Js, Thrown, Value};
use super::{context, runtime};
use crate::imported;
use crate::session::session;
use plughold_protocol::limits;
use rquickjs::qjs;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr;
use std::rc::Rc;

thread_local! {
    static CLASSES: Cell<Classes> = const { Cell::new(Classes { function: 0, object: 0 }) };
}

/// The engine's numbers of the two classes.
#[derive(Clone, Copy)]
struct Classes {
    function: qjs::JSClassID,
    object: qjs::JSClassID,
}

/// What a value of the host's is known by. Shared by the value and whoever wants to find the value again.
#[derive(Debug)]
pub(crate) struct Handle {
    /// The event ID.
    pub(crate) id: u64,
    /// Whether its methods wait for their result instead of promising it.
    pub(crate) is_blocking: bool,
    /// Where the value lives; null before it is made and once it is gone.
    place: Cell<*mut c_void>,
}

/// What reading or calling a member of an object does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// Calls a method.
    Method,
    /// Reads what an accessor gives.
    Accessor,
}

/// Makes the classes.
pub(crate) fn install() -> Js<()> {
    let function = new_class(c"HostFunction", Some(call_function))?;
    let object = new_class(c"HostObject", None)?;
    CLASSES.set(Classes { function, object });
    Ok(())
}

fn new_class(name: &'static CStr, call: qjs::JSClassCall) -> Js<qjs::JSClassID> {
    let definition = qjs::JSClassDef {
        class_name: name.as_ptr(),
        finalizer: Some(finalize),
        gc_mark: None,
        call,
        exotic: ptr::null_mut(),
    };
    let mut class = 0;
    // SAFETY: the engine is alive, writes the new number to a local, and copies the definition.
    let status = unsafe {
        qjs::JS_NewClassID(runtime(), &raw mut class);
        qjs::JS_NewClass(runtime(), class, &raw const definition)
    };
    if status < 0 { Err(Thrown::take()) } else { Ok(class) }
}

impl Handle {
    /// A handle without a value yet.
    pub(crate) fn new(id: u64, is_blocking: bool) -> Rc<Handle> {
        Rc::new(Handle { id, is_blocking, place: Cell::new(ptr::null_mut()) })
    }

    /// Its value, while that lives.
    pub(crate) fn value(&self) -> Option<Value> {
        let place = self.place.get();
        if place.is_null() {
            return None;
        }
        // SAFETY: the object lives, because its finalizer would have cleared the place; the new count is ours.
        unsafe {
            let raw = qjs::JS_MKPTR(qjs::JS_TAG_OBJECT, place);
            Some(Value::from_raw(qjs::JS_DupValue(context(), raw)))
        }
    }
}

impl Value {
    /// A function that stands for the host's; `prototype` is that of functions.
    pub(crate) fn host_function(handle: &Rc<Handle>, prototype: &Value) -> Js {
        new_value(CLASSES.get().function, handle, prototype)
    }

    /// An object that stands for the host's; its members are those of `prototype`.
    pub(crate) fn host_object(handle: &Rc<Handle>, prototype: &Value) -> Js {
        new_value(CLASSES.get().object, handle, prototype)
    }

    /// The handle inside, if the value stands for something of the host.
    #[inline]
    pub(crate) fn handle(&self) -> Option<&Handle> {
        let Classes { function, object } = CLASSES.get();
        let class = self.class();
        if class == 0 || (class != function && class != object) {
            return None;
        }
        // SAFETY: what a value of these classes keeps is null or a handle, which lives as long as the value.
        unsafe { qjs::JS_GetOpaque(self.raw(), class).cast::<Handle>().as_ref() }
    }

    /// A function that calls or reads the member `name` of the host's object that is its `this`.
    pub(crate) fn member(member: Member, name: &str) -> Js {
        let text = Value::string(name)?;
        let c_name = CString::new(name).unwrap_or_default();
        let mut data = [text.raw()];
        // SAFETY: the engine copies the name and the value, which are alive.
        unsafe {
            Value::from_result(qjs::JS_NewCFunctionData2(
                context(),
                Some(call_member),
                c_name.as_ptr(),
                0,
                member as c_int,
                1,
                data.as_mut_ptr(),
            ))
        }
    }
}

fn new_value(class: qjs::JSClassID, handle: &Rc<Handle>, prototype: &Value) -> Js {
    // SAFETY: the class is registered and the prototype alive. The value takes over one count of the handle, which its
    // finalizer gives back.
    unsafe {
        let raw = qjs::JS_NewObjectProtoClass(context(), prototype.raw(), class);
        let value = Value::from_result(raw)?;
        qjs::JS_SetOpaque(raw, Rc::into_raw(Rc::clone(handle)).cast_mut().cast());
        handle.place.set(qjs::JS_VALUE_GET_PTR(raw));
        Ok(value)
    }
}

/// Called by the engine when a value is freed, possibly in the middle of a collection: nothing of the engine may be used.
unsafe extern "C" fn finalize(_runtime: *mut qjs::JSRuntime, value: qjs::JSValue) {
    let mut class = 0;
    // SAFETY: the engine passes the value that it frees; what it keeps is null or a count of a handle.
    let handle = unsafe {
        let kept = qjs::JS_GetAnyOpaque(value, &raw mut class).cast::<Handle>();
        if kept.is_null() {
            return;
        }
        Rc::from_raw(kept)
    };
    handle.place.set(ptr::null_mut());
    if let Some(session) = session() {
        imported::dropped(session, handle.id);
    }
}

unsafe extern "C" fn call_function(
    _context: *mut qjs::JSContext,
    function: qjs::JSValue,
    _this: qjs::JSValue,
    count: c_int,
    first: *mut qjs::JSValue,
    _flags: c_int,
) -> qjs::JSValue {
    // SAFETY: the engine passes the function and `count` values, which live during the call.
    let (function, arguments) =
        unsafe { (Value::borrowed(function), Value::borrowed_slice(first, count as usize)) };
    match (session(), function.handle()) {
        (Some(session), Some(handle)) => answer(imported::call(session, handle, arguments)),
        _ => qjs::JS_UNDEFINED,
    }
}

unsafe extern "C" fn call_member(
    _context: *mut qjs::JSContext,
    this: qjs::JSValue,
    count: c_int,
    first: *mut qjs::JSValue,
    member: c_int,
    data: *mut qjs::JSValue,
) -> qjs::JSValue {
    // SAFETY: the engine passes values that live during the call, and the one that the function was made with.
    let (this, arguments, data) = unsafe {
        (Value::borrowed(this), Value::borrowed_slice(first, count as usize), Value::borrowed_slice(data, 1))
    };
    let name = data.first().and_then(|name| name.as_string(limits::NAME)).unwrap_or_default();
    let member = if member == Member::Method as c_int { Member::Method } else { Member::Accessor };
    match session() {
        Some(session) => answer(imported::call_member(session, &this, member, &name, arguments)),
        None => qjs::JS_UNDEFINED,
    }
}
