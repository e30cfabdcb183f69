//! Nothing is open but the socket.

use super::call;

/// The first descriptor that is not the socket, which is 0.
const FIRST: i32 = 1;

/// Closes whatever the process has inherited or opened: the control page, which stays mapped, standard error, and
/// what the host's process leaked.
pub(super) fn close_all_but_the_socket() {
    call::close_from(FIRST);
}
