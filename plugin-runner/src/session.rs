//! Everything that lives as long as the process, in one place.
//!
//! JavaScript calls into the runner at any moment, also while the runner calls JavaScript. So each part is in a cell of
//! its own, and is never borrowed while JavaScript may run.

use crate::calls_in::CallsIn;
use crate::calls_out::{CallsOut, How};
use crate::clock::Clock;
use crate::exported::Exported;
use crate::imported::Imported;
use crate::kit::Kit;
use crate::link::{Receiver, Sender};
use crate::load::Plugin;
use crate::modules::Modules;
use crate::rejections::Rejections;
use crate::sites::Sites;
use crate::source_map::SourceMaps;
use crate::stack::Stacks;
use crate::streams::Streams;
use crate::suggest::UnknownReads;
use crate::suspend::Parting;
use crate::timers::Timers;
use crate::turn::Turn;
use crate::waiting::Waits;
use plughold_protocol::Message;
use plughold_protocol::page::Page;
use plughold_protocol::record::{ApiTable, Limits};
use plughold_wire::Bounds;
use std::cell::{Cell, RefCell};

/// A buffer above this goes back to the arena after its use, in bytes.
const KEPT: usize = 256 << 10;

thread_local! {
    static SESSION: Cell<Option<&'static Session>> = const { Cell::new(None) };
}

/// The session of this thread, once there is one.
#[inline]
pub(crate) fn session() -> Option<&'static Session> {
    SESSION.get()
}

/// The state of the runner.
pub(crate) struct Session {
    /// The control page.
    pub(crate) page: &'static Page,
    /// The bounds of this session.
    pub(crate) limits: Limits,
    /// Whether the host answers imports.
    pub(crate) has_modules: bool,
    /// Whether the host answers calls that block.
    pub(crate) has_blocking: bool,
    /// Where the plugin makes its calls, if the host wants to know.
    pub(crate) sites: Option<Sites>,
    /// The application's functions.
    pub(crate) api: Api,
    /// Our own JavaScript.
    pub(crate) kit: Kit,
    /// Time and chance.
    pub(crate) clock: Clock,
    /// The turn that runs.
    pub(crate) turn: Turn,
    /// Messages on their way in.
    pub(crate) receiver: RefCell<Receiver>,
    /// Messages on their way out.
    pub(crate) sender: RefCell<Sender>,
    /// Functions of the plugin that the host holds.
    pub(crate) exported: RefCell<Exported>,
    /// Functions and objects of the host that the plugin holds.
    pub(crate) imported: RefCell<Imported>,
    /// Calls of the plugin.
    pub(crate) calls_out: RefCell<CallsOut>,
    /// Calls of the host.
    pub(crate) calls_in: RefCell<CallsIn>,
    /// Calls of the plugin that block.
    pub(crate) waits: RefCell<Waits>,
    /// Timers of the plugin.
    pub(crate) timers: RefCell<Timers>,
    /// Promises that were rejected and that nobody waits for so far.
    pub(crate) rejections: RefCell<Rejections>,
    /// Imports.
    pub(crate) modules: RefCell<Modules>,
    /// The plugin itself.
    pub(crate) plugin: RefCell<Plugin>,
    /// How far the plugin's last `suspend` is.
    pub(crate) parting: Parting,
    /// Streams of both directions.
    pub(crate) streams: Streams,
    /// Where the plugin's code comes from.
    pub(crate) source_maps: RefCell<SourceMaps>,
    /// How stacks are made.
    pub(crate) stacks: Stacks,
    /// Names that the plugin read and that the API does not have.
    pub(crate) unknown_reads: RefCell<UnknownReads>,
    /// Keeps its capacity between values.
    buffer: RefCell<Vec<u8>>,
}

/// What the host lays down for a session.
pub(crate) struct Terms {
    /// The bounds.
    pub(crate) limits: Limits,
    /// Whether the host answers imports.
    pub(crate) has_modules: bool,
    /// Whether the host answers calls that block.
    pub(crate) has_blocking: bool,
    /// Whether the host wants to know where the plugin makes its calls.
    pub(crate) has_sites: bool,
    /// The application's functions.
    pub(crate) api: Api,
    /// Time and chance.
    pub(crate) clock: Clock,
}

/// The application's functions, as the plugin sees them.
pub(crate) struct Api {
    /// The name of the global object.
    pub(crate) global: String,
    /// Dotted paths below it; a call names one by its position.
    pub(crate) paths: Vec<String>,
    /// For each, how the plugin gets the answer.
    pub(crate) hows: Vec<How>,
}

impl Api {
    /// A copy of the table in `Hello`.
    pub(crate) fn new(table: &ApiTable) -> Api {
        let paths = table.functions.iter().map(|function| function.path.to_owned()).collect();
        let how = |is_blocking| if is_blocking { How::Block } else { How::Promise };
        let hows = table.functions.iter().map(|function| how(function.blocking)).collect();
        Api { global: table.global.to_owned(), paths, hows }
    }

    /// How the plugin gets the answer of the function with this position.
    pub(crate) fn how(&self, function: u32) -> How {
        self.hows.get(function as usize).copied().unwrap_or(How::Promise)
    }
}

impl Session {
    /// Makes the session of this thread, for ever.
    pub(crate) fn install(
        page: &'static Page,
        terms: Terms,
        kit: Kit,
        receiver: Receiver,
        sender: Sender,
    ) -> &'static Session {
        let Terms { limits, has_modules, has_blocking, has_sites, api, clock } = terms;
        let session: &'static Session = Box::leak(Box::new(Session {
            page,
            has_modules,
            has_blocking,
            sites: has_sites.then(Sites::default),
            api,
            kit,
            clock,
            turn: Turn::new(),
            receiver: RefCell::new(receiver),
            sender: RefCell::new(sender),
            exported: RefCell::new(Exported::new()),
            imported: RefCell::new(Imported::new()),
            calls_out: RefCell::new(CallsOut::new(&limits)),
            calls_in: RefCell::new(CallsIn::new()),
            waits: RefCell::new(Waits::new()),
            timers: RefCell::new(Timers::new()),
            rejections: RefCell::new(Rejections::new()),
            modules: RefCell::new(Modules::new()),
            plugin: RefCell::new(Plugin::new()),
            parting: Parting::new(),
            streams: Streams::new(),
            source_maps: RefCell::new(SourceMaps::new()),
            stacks: Stacks::new(),
            unknown_reads: RefCell::new(UnknownReads::new()),
            buffer: RefCell::new(Vec::new()),
            limits,
        }));
        SESSION.set(Some(session));
        session
    }

    /// The bounds of one value. A value has no more references than nodes.
    pub(crate) fn bounds(&self) -> Bounds {
        let nodes = self.limits.nodes as usize;
        Bounds { depth: self.limits.depth as usize, nodes, references: nodes }
    }

    /// Adds a message to what is written at the end of the turn.
    pub(crate) fn send(&self, message: &Message) {
        self.sender.borrow_mut().send(message);
    }

    /// An empty buffer to encode into.
    pub(crate) fn take_buffer(&self) -> Vec<u8> {
        let mut buffer = self.buffer.take();
        buffer.clear();
        buffer
    }

    /// Gives a buffer back, to be used again.
    pub(crate) fn give_buffer(&self, buffer: Vec<u8>) {
        if buffer.capacity() <= KEPT {
            self.buffer.replace(buffer);
        }
    }
}
