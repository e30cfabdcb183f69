//! No memory that is written becomes executable.

use super::{call, failed};
use crate::{Error, Layer};

/// `PR_SET_MDWE` of `linux/prctl.h`, since Linux 6.3.
const PR_SET_MDWE: i32 = 65;

/// `PR_MDWE_REFUSE_EXEC_GAIN`.
const REFUSE_EXEC_GAIN: u64 = 1;

/// Rules it out, for ever.
pub(super) fn set() -> Result<(), Error> {
    failed(Layer::NoNewCode, "the kernel does not rule it out", call::prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0))
}
