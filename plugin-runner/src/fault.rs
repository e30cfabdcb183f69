//! The ends that nobody asked for: a panic, no memory, a native stack that ran over. Each leaves its cause on the
//! control page; without that, the abort of a locked process would look like a violation of its sandbox.
#![allow(unsafe_code, reason = "a signal handler is installed and reads where the fault was")]

use crate::{arena, control, ending, system};
use plughold_protocol::exit::Cause;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Room for the handler, in bytes: it runs when the ordinary stack has none left.
const HANDLER_STACK: usize = 32 << 10;

/// A fault so far from the stack's lowest address still counts as an overflow, in bytes: the frame that did not fit.
const NEAR: usize = 1 << 20;

/// An address that is never mapped.
const NOWHERE: usize = 8;

/// The lowest address that the stack of this thread may grow to, or 0 if it is not known.
static LOWEST: AtomicUsize = AtomicUsize::new(0);

static mut HANDLER_ROOM: [u8; HANDLER_STACK] = [0; HANDLER_STACK];

/// Installs the hooks and the handler.
pub(crate) fn install() {
    install_panic_hook();
    arena::set_exhausted_hook(ending::end_for_arena);
    install_overflow_handler();
}

/// The hook never returns: unwound, the panic would become an exception that a plugin can catch.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a panic without a message");
        match panic.location() {
            Some(place) => ending::end(Cause::Panic, format_args!("{message} at {place}")),
            None => ending::end(Cause::Panic, format_args!("{message}")),
        }
    }));
}

fn install_overflow_handler() {
    LOWEST.store(lowest_stack_address(), Ordering::Relaxed);
    // SAFETY: the alternate stack is static, used by nobody else and given to the kernel once; the handler has the
    // signature that SA_SIGINFO asks for; both structures are filled before they are read.
    unsafe {
        let stack =
            libc::stack_t { ss_sp: (&raw mut HANDLER_ROOM).cast(), ss_flags: 0, ss_size: HANDLER_STACK };
        libc::sigaltstack(&raw const stack, ptr::null_mut());
        let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
        action.sa_sigaction = on_fault as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigaction(libc::SIGSEGV, &raw const action, ptr::null_mut());
        libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut());
    }
}

/// Where the stack of this thread ends, or 0 if the system does not say.
fn lowest_stack_address() -> usize {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut lowest, mut length) = (ptr::null_mut(), 0);
    // SAFETY: the attributes are filled before they are read, only if that worked, and are destroyed once.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) == 0 {
            libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut length);
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
    }
    lowest as usize
}

/// Another fault than an overflow kills, as if there were no handler: to return from here would be a system call, and the
/// end of a locked process would look like a violation. A second fault inside of the handler has no way but that.
extern "C" fn on_fault(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel gives a valid description of the signal to a handler with SA_SIGINFO.
    let address = unsafe { (*info).si_addr() } as usize;
    let lowest = LOWEST.load(Ordering::Relaxed);
    if lowest != 0 && address.abs_diff(lowest) < NEAR {
        if let Some(page) = control::page() {
            page.record_cause(Cause::StackOverflow, "the native stack ran over");
        }
        system::exit(Cause::StackOverflow.exit_code());
    }
    // SAFETY: it is no access that is valid, which is what it is for: the kernel ends the process, and nothing follows.
    unsafe { ptr::without_provenance::<u8>(NOWHERE).read_volatile() };
    system::exit(128 + signal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_protocol::page::{Page, SIZE};
    use std::process::{Command, Stdio};

    /// Says how a child of a test shall end.
    const FAULT: &str = "PLUGHOLD_TEST_FAULT";

    /// Runs the test `child` alone in a process that ends by `fault`; gives its exit code, cause and words.
    fn end_by(fault: &str) -> (Option<i32>, Cause, String) {
        let memory = rustix::fs::memfd_create("plughold", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        rustix::fs::ftruncate(&memory, SIZE as u64).unwrap();
        let page: &Page = system::map_page(std::os::fd::AsFd::as_fd(&memory)).unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "fault::tests::child", "--test-threads=1", "--quiet", "--nocapture"])
            .env(FAULT, fault)
            .stdout(Stdio::from(memory))
            .status()
            .unwrap();
        let (cause, words) = page.cause();
        (status.code(), cause, words)
    }

    #[allow(unconditional_recursion, reason = "it shall run over its stack")]
    fn recurse(depth: u64) -> u64 {
        let room = std::hint::black_box([depth; 64]);
        recurse(room[1]) ^ room[2]
    }

    /// Does nothing, except in the processes that [`end_by`] starts.
    #[test]
    fn child() {
        let Ok(fault) = std::env::var(FAULT) else { return };
        control::map().unwrap();
        install();
        match fault.as_str() {
            "panic" => panic!("the answer is {}", 42),
            "overflow" => drop(std::hint::black_box(recurse(1))),
            _ => ending::end_for_arena(),
        }
    }

    #[test]
    fn each_fault_leaves_its_cause() {
        let (code, cause, words) = end_by("panic");
        assert_eq!((code, cause), (Some(70), Cause::Panic));
        assert!(words.starts_with("the answer is 42 at ") && words.contains("fault.rs:"), "{words}");
        let overflow = (Some(72), Cause::StackOverflow, "the native stack ran over".to_owned());
        assert_eq!(end_by("overflow"), overflow);
        let memory = (Some(71), Cause::OutOfMemory, "the runner used all 0 MiB of its arena".to_owned());
        assert_eq!(end_by("memory"), memory);
    }
}
