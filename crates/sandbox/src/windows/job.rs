//! The job object: one process, so much memory, and an end when the host ends.
#![allow(unsafe_code, reason = "the functions of the system have no safe form")]

use super::check_call;
use crate::{Error, Layer};
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOB_OBJECT_UILIMIT_DESKTOP, JOB_OBJECT_UILIMIT_DISPLAYSETTINGS,
    JOB_OBJECT_UILIMIT_EXITWINDOWS, JOB_OBJECT_UILIMIT_GLOBALATOMS, JOB_OBJECT_UILIMIT_HANDLES,
    JOB_OBJECT_UILIMIT_READCLIPBOARD, JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS, JOB_OBJECT_UILIMIT_WRITECLIPBOARD,
    JOBOBJECT_BASIC_UI_RESTRICTIONS, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectBasicUIRestrictions,
    JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// A job for one runner. When it is dropped, also by the end of the host, the runner is killed.
#[derive(Debug)]
pub struct Job {
    handle: OwnedHandle,
}

impl Job {
    /// A job whose one process may use `memory` bytes and see nothing of the desktop.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(memory: usize) -> io::Result<Job> {
        // SAFETY: without attributes and without a name; the handle is owned from here on.
        let handle = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just made, and nobody else has it.
        let job = Job { handle: unsafe { OwnedHandle::from_raw_handle(handle) } };
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_ACTIVE_PROCESS
            | JOB_OBJECT_LIMIT_PROCESS_MEMORY
            | JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
            | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
        limits.BasicLimitInformation.ActiveProcessLimit = 1;
        limits.ProcessMemoryLimit = memory;
        job.set(JobObjectExtendedLimitInformation, &limits)?;
        let desktop = JOBOBJECT_BASIC_UI_RESTRICTIONS {
            UIRestrictionsClass: JOB_OBJECT_UILIMIT_DESKTOP
                | JOB_OBJECT_UILIMIT_DISPLAYSETTINGS
                | JOB_OBJECT_UILIMIT_EXITWINDOWS
                | JOB_OBJECT_UILIMIT_GLOBALATOMS
                | JOB_OBJECT_UILIMIT_HANDLES
                | JOB_OBJECT_UILIMIT_READCLIPBOARD
                | JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS
                | JOB_OBJECT_UILIMIT_WRITECLIPBOARD,
        };
        job.set(JobObjectBasicUIRestrictions, &desktop)?;
        Ok(job)
    }

    /// Puts a process into it, before its first thread runs.
    ///
    /// # Errors
    /// What the system says.
    pub fn assign(&self, process: BorrowedHandle<'_>) -> io::Result<()> {
        // SAFETY: both handles are valid while they are borrowed.
        let result =
            unsafe { AssignProcessToJobObject(self.handle.as_raw_handle(), process.as_raw_handle()) };
        if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn set<T>(&self, class: i32, value: &T) -> io::Result<()> {
        // SAFETY: the callers pair each class with its structure, of which the system reads as many bytes as it has.
        let result = unsafe {
            SetInformationJobObject(
                self.handle.as_raw_handle(),
                class,
                ptr::from_ref(value).cast(),
                size_of::<T>() as u32,
            )
        };
        if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// Whether this process is in a job. Which limits that has, its host knows.
pub(super) fn check() -> Result<(), Error> {
    let mut is_in_job = 0;
    // SAFETY: the handle of this process is always valid; the place for the answer is ours.
    let result = unsafe { IsProcessInJob(GetCurrentProcess(), ptr::null_mut(), &raw mut is_in_job) };
    check_call(Layer::Limits, "the system does not tell", result)?;
    if is_in_job == 0 {
        return Err(Error::Missing { layer: Layer::Limits, reason: "the process was not put into a job" });
    }
    Ok(())
}
