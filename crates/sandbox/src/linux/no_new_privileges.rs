//! No program that is executed brings rights with it. The filter and Landlock are allowed to everybody who has said so.

use super::{call, failed};
use crate::{Error, Layer};

/// Rules them out, for ever.
pub(super) fn set() -> Result<(), Error> {
    let result = call::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0);
    failed(Layer::NoNewPrivileges, "they cannot be ruled out", result)
}
