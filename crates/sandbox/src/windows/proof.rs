//! What the system says about a locked process, to one that looks from outside.
#![allow(unsafe_code, reason = "the functions of the system have no safe form")]

use crate::{Layer, Mismatch, Plan};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::System::Threading::{
    GetProcessMitigationPolicy, OpenProcess, PROCESS_MITIGATION_POLICY, PROCESS_QUERY_INFORMATION,
    ProcessChildProcessPolicy, ProcessDynamicCodePolicy, ProcessSystemCallDisablePolicy,
};

/// Policies and the layers that they stand for.
const POLICIES: [(Layer, PROCESS_MITIGATION_POLICY, &str); 3] = [
    (Layer::NoNewPrivileges, ProcessChildProcessPolicy, "ChildProcessPolicy"),
    (Layer::NoNewCode, ProcessDynamicCodePolicy, "DynamicCodePolicy"),
    (Layer::Filter, ProcessSystemCallDisablePolicy, "SystemCallDisablePolicy"),
];

/// A process as the system shows it.
#[derive(Debug)]
pub(crate) struct Record {
    pid: u32,
}

impl Record {
    pub(crate) fn open(pid: u32) -> io::Result<Record> {
        Ok(Record { pid })
    }

    /// Looks at the policies of the process, which claims to have reached the plan.
    pub(crate) fn check(&self, plan: &Plan) -> Result<(), Mismatch> {
        let wanted = POLICIES.iter().filter(|(layer, ..)| plan.layers().contains(*layer));
        let unseen = || Mismatch::Unseen(io::Error::last_os_error().to_string());
        for (_, policy, field) in wanted {
            // SAFETY: takes numbers.
            let handle = unsafe { OpenProcess(PROCESS_QUERY_INFORMATION, 0, self.pid) };
            if handle.is_null() {
                return Err(unseen());
            }
            // SAFETY: the handle was just opened, and nobody else has it.
            let process = unsafe { OwnedHandle::from_raw_handle(handle) };
            let mut flags = 0_u32;
            // SAFETY: each of these policies is one word of flags, and the place for it is ours.
            let result = unsafe {
                GetProcessMitigationPolicy(
                    process.as_raw_handle(),
                    *policy,
                    (&raw mut flags).cast(),
                    size_of::<u32>(),
                )
            };
            if result == 0 {
                return Err(unseen());
            }
            if flags & 1 == 0 {
                let claimed = plan.outcome().level;
                return Err(Mismatch::Field { claimed, field, expected: "1", found: flags.to_string() });
            }
        }
        Ok(())
    }
}
