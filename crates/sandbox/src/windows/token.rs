//! The token: who the process is for the system, which is nobody.
#![allow(unsafe_code, reason = "the functions of the system have no safe form")]

use super::check_call;
use crate::{Error, Layer};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Security::{
    AdjustTokenPrivileges, CreateRestrictedToken, CreateWellKnownSid, DISABLE_MAX_PRIVILEGE,
    IsTokenRestricted, RevertToSelf, SANDBOX_INERT, SECURITY_MAX_SID_SIZE, SID_AND_ATTRIBUTES,
    SetTokenInformation, TOKEN_ADJUST_DEFAULT, TOKEN_ADJUST_PRIVILEGES, TOKEN_ASSIGN_PRIMARY,
    TOKEN_DUPLICATE, TOKEN_MANDATORY_LABEL, TOKEN_QUERY, TokenIntegrityLevel, WELL_KNOWN_SID_TYPE,
    WinNullSid, WinUntrustedLabelSid,
};
use windows_sys::Win32::System::SystemServices::SE_GROUP_INTEGRITY;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// A token for a runner's process: it has no privileges, and may open only what both its user and nobody at all may,
/// which is nothing.
///
/// # Errors
/// What the system says.
pub fn restricted_token() -> io::Result<OwnedHandle> {
    let own = own_token(TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY)?;
    let mut nobody = well_known(WinNullSid)?;
    let restricting = SID_AND_ATTRIBUTES { Sid: nobody.as_mut_ptr().cast(), Attributes: 0 };
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: one entry of restricting SIDs, which lives until the call returns; the place for the token is ours.
    let result = unsafe {
        CreateRestrictedToken(
            own.as_raw_handle(),
            DISABLE_MAX_PRIVILEGE | SANDBOX_INERT,
            0,
            ptr::null(),
            0,
            ptr::null(),
            1,
            &raw const restricting,
            &raw mut token,
        )
    };
    if result == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the token was just made, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

/// Gives the token of the start back, the last privileges and every integrity.
pub(super) fn give_up() -> Result<(), Error> {
    let failed = |step| move |source| Error::Layer { layer: Layer::Capabilities, step, source };
    // SAFETY: takes nothing.
    let reverted = unsafe { RevertToSelf() };
    check_call(Layer::Capabilities, "the token of the start cannot be given back", reverted)?;
    let access = TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES | TOKEN_ADJUST_DEFAULT;
    let token = own_token(access).map_err(failed("the token cannot be opened"))?;
    // SAFETY: the token is open.
    if unsafe { IsTokenRestricted(token.as_raw_handle()) } == 0 {
        let reason = "the process was not started with a restricted token";
        return Err(Error::Missing { layer: Layer::Capabilities, reason });
    }
    let nothing = ptr::null_mut();
    // SAFETY: all privileges are disabled, so no list of them is read, and none of the old ones is wanted.
    let result =
        unsafe { AdjustTokenPrivileges(token.as_raw_handle(), 1, ptr::null(), 0, nothing, ptr::null_mut()) };
    check_call(Layer::Capabilities, "the privileges cannot be removed", result)?;
    let mut untrusted =
        well_known(WinUntrustedLabelSid).map_err(failed("the lowest integrity is not known"))?;
    let label = TOKEN_MANDATORY_LABEL {
        Label: SID_AND_ATTRIBUTES {
            Sid: untrusted.as_mut_ptr().cast(),
            Attributes: SE_GROUP_INTEGRITY as u32,
        },
    };
    // SAFETY: the class and its structure belong together; both live until the call returns.
    let result = unsafe {
        SetTokenInformation(
            token.as_raw_handle(),
            TokenIntegrityLevel,
            (&raw const label).cast(),
            size_of::<TOKEN_MANDATORY_LABEL>() as u32,
        )
    };
    check_call(Layer::Capabilities, "the integrity cannot be lowered", result)
}

fn own_token(access: u32) -> io::Result<OwnedHandle> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the handle of this process is always valid; the place for the token is ours.
    let result = unsafe { OpenProcessToken(GetCurrentProcess(), access, &raw mut token) };
    if result == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just opened, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

/// A SID that every machine has. Words, since it has to be aligned to them.
fn well_known(kind: WELL_KNOWN_SID_TYPE) -> io::Result<[u32; SECURITY_MAX_SID_SIZE as usize / 4]> {
    let mut sid = [0_u32; SECURITY_MAX_SID_SIZE as usize / 4];
    let mut size = SECURITY_MAX_SID_SIZE;
    // SAFETY: the place has `size` bytes, as many as the longest SID.
    let result = unsafe { CreateWellKnownSid(kind, ptr::null_mut(), sid.as_mut_ptr().cast(), &raw mut size) };
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(sid) }
}
