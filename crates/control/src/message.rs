//! What goes over the socket, in both directions.

use crate::answer::{Answer, Item, Refusal};
use crate::record::HostInfo;
use crate::request::{Request, Right};
use serde::{Deserialize, Serialize};

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientMessage {
    /// The first message, within [`GREETING`](crate::limits::GREETING). The host answers by
    /// [`Welcome`](HostMessage::Welcome) or [`Refused`](HostMessage::Refused).
    Hello {
        /// The version that the client speaks.
        version: u32,
        /// What the client is, for whoever looks who is connected.
        client: String,
    },
    /// A wish. The host answers by one [`Answer`](HostMessage::Answer), and a wish for a stream besides by
    /// [`Item`](HostMessage::Item)s and one [`End`](HostMessage::End).
    Ask {
        /// The client's number for it: none that is in flight.
        id: u64,
        /// What is wished.
        request: Request,
    },
    /// The client has lost interest. What is in flight under that number is dropped and not answered any more; of an
    /// unknown number nothing happens, because the answer may have been on its way.
    Cancel {
        /// The number of the [`Ask`](ClientMessage::Ask).
        id: u64,
    },
}

/// What is left of an [`Ask`](ClientMessage::Ask) whose request the host does not know: the number under which it is
/// refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownAsk {
    /// The client wishes something.
    Ask {
        /// The client's number for it.
        id: u64,
    },
}

/// What a host says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostMessage {
    /// The answer to [`Hello`](ClientMessage::Hello).
    Welcome {
        /// The version that the host speaks.
        version: u32,
        /// What the socket allows.
        right: Right,
        /// Who it is.
        host: HostInfo,
    },
    /// The connection ends here, and why. Instead of a [`Welcome`](HostMessage::Welcome), or after a mistake of the
    /// client's.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// What came of a wish.
    Answer {
        /// The number of the [`Ask`](ClientMessage::Ask).
        id: u64,
        /// What came of it.
        outcome: Result<Answer, Refusal>,
    },
    /// One more of a stream that was wished.
    Item {
        /// The number of the [`Ask`](ClientMessage::Ask).
        id: u64,
        /// What it is.
        item: Item,
    },
    /// The stream is over: nothing with this number follows.
    End {
        /// The number of the [`Ask`](ClientMessage::Ask).
        id: u64,
    },
}
