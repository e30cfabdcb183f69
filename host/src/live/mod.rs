//! What the application gives to plugins by reference: functions and objects as values.
//!
//! - [`function`]: an `async fn` as a value
//! - [`object`]: an object with methods and accessors
//! - [`disposable`]: an object with one method, `dispose`
//! - [`thing`]: all that a plugin can hold of the host

mod disposable;
mod function;
mod object;
mod thing;

pub use disposable::Disposable;
pub(crate) use disposable::Disposal;
pub use function::Function;
pub use object::{Object, ObjectBuilder};
pub(crate) use thing::{Key, Thing};

use std::sync::atomic::{AtomicU64, Ordering};

/// A number for a function or object of the application, never used again.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
