//! What can go wrong for a client.

use crate::answer::{Answer, Refusal};
use crate::codec::{CodecError, EncodeError};
use crate::request::Right;
use std::io;
use std::path::PathBuf;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nobody listens there, or the system does not let one.
    #[error("nobody answers at {}", socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Who listens belongs to another user.
    #[error("{} belongs to user {found} and not to user {expected}", socket.display())]
    Foreign {
        /// The socket.
        socket: PathBuf,
        /// Whose process listens.
        found: u32,
        /// Whose it should be.
        expected: u32,
    },
    /// Another process listens than the register says.
    #[error("another process than {expected} listens at {}", socket.display())]
    Impostor {
        /// The socket.
        socket: PathBuf,
        /// Which process listens; none when it cannot be seen from here.
        found: Option<u32>,
        /// Which one should.
        expected: u32,
    },
    /// The host does not allow it over any of its sockets.
    #[error("the host does not offer the right to {right}")]
    NotOffered {
        /// What was wished.
        right: Right,
    },
    /// The host refuses the connection.
    #[error("the host refuses: {0}")]
    Refused(Refusal),
    /// It did not answer in time.
    #[error("the host does not answer")]
    Silent,
    /// What it says is no message.
    #[error("what listens is no host of this version: {0}")]
    Broken(String),
}

/// Why a wish gave nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The host refuses or failed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The connection has ended: the host is gone, or one side broke the rules.
    #[error("the connection to the host has ended: {0}")]
    Lost(String),
    /// The wish cannot be said.
    #[error(transparent)]
    Unsendable(#[from] EncodeError),
    /// The host answers something else than what was asked.
    #[error("the host answers with {0}, which was not asked")]
    Unexpected(&'static str),
}

impl ClientError {
    pub(crate) fn unexpected(answer: &Answer) -> ClientError {
        ClientError::Unexpected(answer.name())
    }
}

impl From<CodecError> for ClientError {
    fn from(error: CodecError) -> ClientError {
        ClientError::Lost(error.to_string())
    }
}
