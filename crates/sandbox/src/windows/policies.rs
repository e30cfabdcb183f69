//! Mitigation policies: what a process may forbid itself, for ever.
#![allow(unsafe_code, reason = "the function of the system has no safe form")]

use super::check_call;
use crate::{Error, Layer};
use windows_sys::Win32::System::Threading::{
    PROCESS_MITIGATION_POLICY, ProcessChildProcessPolicy, ProcessDynamicCodePolicy,
    ProcessExtensionPointDisablePolicy, ProcessFontDisablePolicy, ProcessImageLoadPolicy,
    ProcessSignaturePolicy, ProcessStrictHandleCheckPolicy, ProcessSystemCallDisablePolicy,
    SetProcessMitigationPolicy,
};

/// The flag of most policies: the thing is forbidden. Each is a structure of one word of flags.
const FORBIDDEN: u32 = 1;

/// `NoRemoteImages | NoLowMandatoryLabelImages | PreferSystem32Images`.
const LOCAL_IMAGES: u32 = 0b111;

/// `RaiseExceptionOnInvalidHandleReference | HandleExceptionsPermanentlyEnabled`.
const STRICT_HANDLES: u32 = 0b11;

/// No process is started.
pub(super) fn forbid_children() -> Result<(), Error> {
    set(Layer::NoNewPrivileges, ProcessChildProcessPolicy, FORBIDDEN)
}

/// No memory becomes executable, and no library is loaded that is not the system's own.
pub(super) fn forbid_new_code() -> Result<(), Error> {
    set(Layer::NoNewCode, ProcessDynamicCodePolicy, FORBIDDEN)?;
    set(Layer::NoNewCode, ProcessSignaturePolicy, FORBIDDEN)?;
    set(Layer::NoNewCode, ProcessImageLoadPolicy, LOCAL_IMAGES)
}

/// No system call of windows and graphics, no hooks, no fonts, no guessing of handles.
pub(super) fn forbid_the_rest() -> Result<(), Error> {
    set(Layer::Filter, ProcessExtensionPointDisablePolicy, FORBIDDEN)?;
    set(Layer::Filter, ProcessFontDisablePolicy, FORBIDDEN)?;
    set(Layer::Filter, ProcessStrictHandleCheckPolicy, STRICT_HANDLES)?;
    set(Layer::Filter, ProcessSystemCallDisablePolicy, FORBIDDEN)
}

fn set(layer: Layer, policy: PROCESS_MITIGATION_POLICY, flags: u32) -> Result<(), Error> {
    // SAFETY: each of these policies is one word of flags, which lives until the call returns.
    let result = unsafe { SetProcessMitigationPolicy(policy, (&raw const flags).cast(), size_of::<u32>()) };
    check_call(layer, "a policy cannot be set", result)
}
