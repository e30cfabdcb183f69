//! The application's own executable as a runner.

/// What a process gets as its first argument when it is to be a runner.
#[cfg(feature = "self-runner")]
pub(crate) const ARGUMENT: &str = plughold_runner::ARGUMENT;
#[cfg(not(feature = "self-runner"))]
pub(crate) const ARGUMENT: &str = "__plughold-runner";

/// What it gets as its second argument when it is only to try how far it can be locked down.
#[cfg(feature = "self-runner")]
pub(crate) const TRIAL: &str = plughold_runner::TRIAL;
#[cfg(not(feature = "self-runner"))]
pub(crate) const TRIAL: &str = "trial";

/// Becomes a runner if this process was started as one, and then never returns; otherwise returns at once.
///
/// Call it first thing in `main`, before threads, windows or files are opened. Then the application needs no other
/// program beside it: a host executes the application again for each plugin.
///
/// ```no_run
/// plughold::runner::run_if_asked();
/// // … the rest of `main`
/// ```
#[cfg(feature = "self-runner")]
pub fn run_if_asked() {
    CAN_RUN.store(true, std::sync::atomic::Ordering::Relaxed);
    plughold_runner::run_if_asked();
}

#[cfg(feature = "self-runner")]
static CAN_RUN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Whether this process would become a runner if it were executed again.
#[cfg(feature = "self-runner")]
pub(crate) fn can_run() -> bool {
    CAN_RUN.load(std::sync::atomic::Ordering::Relaxed)
}

#[cfg(not(feature = "self-runner"))]
pub(crate) fn can_run() -> bool {
    false
}

#[cfg(feature = "self-runner")]
#[doc(inline)]
pub use plughold_runner::install_arena;
