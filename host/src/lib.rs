//! A plugin host.
//!
//! Each plugin runs in a process of its own, in QuickJS, with no rights but one socket to the host. It may loop, leak,
//! crash or be malicious: the application goes on, and says which plugin, which call and which line.
//!
//! ```no_run
//! use plughold::{Api, Cx, Host, Thrown};
//!
//! async fn greet(cx: Cx<()>, name: String) -> Result<String, Thrown> {
//!     Ok(format!("Hello {name}, I heard you through {}", cx.plugin()))
//! }
//!
//! #[tokio::main]
//! async fn run() -> Result<(), Box<dyn std::error::Error>> {
//!     let host = Host::builder(Api::new(()).function("greet", greet)).build()?;
//!     host.load_all(host.discover("plugins")).await;
//!     if let Some(plugin) = host.plugin("hello") {
//!         let reply: String = plugin.call("answer", (42,)).await?;
//!         println!("{reply}");
//!     }
//!     let _report = host.shutdown().await;
//!     Ok(())
//! }
//!
//! fn main() {
//!     plughold::runner::run_if_asked(); // each plugin's process is this program, executed again
//!     run().unwrap();
//! }
//! ```
//!
//! # The words
//!
//! - An [`Api`] is what the application offers: plain `async` functions by path. A function learns who calls from its
//!   [`Cx`].
//! - A [`Host`] discovers, loads, supervises and stops plugins; a [`Plugin`] is one of them, through all its processes.
//! - A [`Callback`] is a plugin's function, anywhere in the arguments of an API function. It is called like any `async`
//!   function, and released when its last clone is dropped. A [`Remote`] is the same for an object.
//! - A [`Function`], [`Object`] or [`Disposable`] is the application's own, given to a plugin as a value. A [`Value`] is any
//!   value, for whoever does not know the types.
//! - [`Registrations`] keep what plugins register, by key, for as long as their processes stand for them.
//! - A [`Stream`] is what a plugin sends chunk by chunk, a [`Source`] what it is sent that way.
//! - A [`Watch`] is a folder of plugins of which each change counts at once; [`Host::watch`] begins it.
//! - A [`Permission`] is what a manifest asks for and a function of an [`Api`] needs; [`Grant`] says whether a plugin gets it,
//!   and [`Plugin::revoke`] takes it back.
//! - An [`Event`] tells what happens to plugins; [`Limits`] and [`Restart`] say what may happen.
//!
//! The library prints nothing, exits nothing and installs no handlers; the one exception is
//! [`runner::run_if_asked`], which is there to do so.

mod api;
mod aside;
mod blackbox;
mod callback;
mod clock;
#[cfg(feature = "control")]
mod control;
mod error;
mod events;
mod exit;
mod figures;
#[doc(hidden)]
pub mod fuzzing;
mod launch;
mod limits;
mod live;
mod permissions;
mod registrations;
pub mod runner;
mod service;
mod services;
mod session;
#[cfg(test)]
mod simulator;
mod stream;
mod supervise;
mod text;
mod value;
mod watch;

pub use api::{ActivationHold, Api, Cx, Handler};
pub use blackbox::{
    Direction, OpenCalls, PendingCall, Report, ReportedExit, ReportedLine, ReportedMemory, ReportedMessage,
    ReportedVersions,
};
pub use callback::{Call, Callback, Property, Remote};
#[cfg(feature = "control")]
pub use control::{CommandError, Control};
pub use error::{BuildError, CallError, LoadError};
pub use events::{Event, Events, Level, Place};
pub use exit::{Exit, KillReason};
pub use figures::{
    CallDirection, CallFigures, CallInFlight, CallParent, CpuBudget, CpuFigures, Figures, FunctionFigures,
    FunctionKind, Holder, Latency, OverBudget, Queues, ReferenceInfo, ReferenceKind, Traffic,
};
pub use launch::{RunnerProgram, Sandbox};
pub use limits::{Capped, Limit, Limits, SetBy, Unit};
pub use live::{Disposable, Function, Object, ObjectBuilder};
pub use plughold_package::order;

pub use permissions::{Broker, Decision, PermissionError, PermissionInfo, PermissionState, Use};
pub use plughold_package::{
    Activation, Application, Beacon, ContentError, ContentHash, Dependency, Discovery, Entry, EntryKind,
    Format, HaploPlugin, IdError, JoplinManifest, LimitsRequest, NotRunnable, Numbers, Package,
    PackageId as PluginId, Permission, Problem, Problems, ReadError, ResolveError, Scope, ScopeError,
    Setting, SettingError, SettingKind, Severity, Unmet, UnpackError, VersionReq,
};
pub use plughold_package::{haplo, hitchy, joplin};
pub use plughold_protocol::record::Stage;
pub use plughold_sandbox::Level as SandboxLevel;
pub use registrations::{RegisterError, Registered, Registration, Registrations};
pub use service::{
    Activity, ErrorInfo, Grant, Host, HostBuilder, OpenStreams, Plugin, PluginInfo, References, SafeMode,
    ShutdownReport, State, Timing,
};
#[cfg(feature = "storage")]
pub use services::storage::{Storage, StorageError};
pub use session::chain::{Chain, Step};
pub use session::circles::{Circle, CircleStep};
pub use stream::{ByteStream, Source, Stream};
pub use supervise::{Backoff, Restart};
pub use value::{
    AbortSignal, ArrayKind, BigInt, Bytes, Date, Json, Map, RegExp, Set, Thrown, TooBig, TypedArray,
    Undefined, Value,
};
pub use watch::WatchError;
#[cfg(feature = "watch")]
pub use watch::{Watch, Watching};
