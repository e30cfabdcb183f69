//! A runner by hand: it says what a behaviour wants it to say.

use crate::control;
use crate::mortal::Mortal;
use plughold_protocol::message::Message;
use plughold_protocol::page::Page;
use plughold_protocol::record::{Level, Outcome, Target};
use plughold_protocol::version;
use plughold_wire::frame::{HEAD, Head};
use plughold_wire::testing::{Fault, FaultyStream, ScriptedPeer};
use rustix::net::RecvFlags;
use rustix::process::{Signal, getpid, kill_process, set_parent_process_death_signal};
use std::fs::File;
use std::io::{stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

/// What `nil` is in MessagePack.
pub(crate) const NIL: &[u8] = &[0xc0];

/// One end of the conversation with a host.
pub(crate) struct Runner {
    /// Speaks in pieces of random lengths, so that every test is one of reassembly as well.
    pub(crate) peer: ScriptedPeer<FaultyStream<Mortal>>,
    pub(crate) socket: UnixStream,
    pub(crate) page: &'static Page,
    /// The page as a file, for those who write what no `Page` would.
    pub(crate) page_file: File,
    /// The body of the host's `Hello`, which was looked at and is still in the socket.
    hello: Vec<u8>,
    last_call: u64,
}

impl Runner {
    /// Takes over what a host gives to its runners: the socket as descriptor 0 and the control page as descriptor 1.
    pub(crate) fn inherit() -> Runner {
        // It may never outlive the test, whatever it does.
        set_parent_process_death_signal(Some(Signal::KILL)).unwrap();
        let socket = UnixStream::from(stdin().as_fd().try_clone_to_owned().unwrap());
        let hello = look_at_frame(&socket);
        let peer = peer(Mortal::immortal(&socket), Fault::Short);
        let page_file = File::from(stdout().as_fd().try_clone_to_owned().unwrap());
        let page = control::map(&page_file);
        Runner { peer, socket, page, page_file, hello, last_call: 0 }
    }

    /// From now on the socket fails after so many bytes were written.
    pub(crate) fn end_after(&mut self, bytes: usize) {
        self.peer = peer(Mortal::immortal(&self.socket), Fault::EndAfter(bytes));
    }

    /// From now on the process is killed when it has read so many bytes and wants more.
    pub(crate) fn end_after_reading(&mut self, bytes: usize) {
        self.peer = peer(Mortal::ends_after(&self.socket, bytes), Fault::Short);
    }

    /// The plugin's id, as `Hello` says.
    pub(crate) fn plugin(&self) -> &str {
        match self.hello() {
            Message::Hello { plugin, .. } => plugin,
            other => panic!("{} instead of Hello", other.name()),
        }
    }

    /// The calls that may be in flight.
    pub(crate) fn window(&self) -> u32 {
        match self.hello() {
            Message::Hello { limits, .. } => limits.in_flight,
            other => panic!("{} instead of Hello", other.name()),
        }
    }

    fn hello(&self) -> Message<'_> {
        Message::decode(&self.hello).unwrap()
    }

    /// Answers `Hello`, with lies as given.
    pub(crate) fn welcome(&mut self, protocol: u32, token: Option<&[u8]>) {
        let hello = self.receive();
        let Ok(Message::Hello { token: own, .. }) = Message::decode(&hello) else { panic!("no Hello") };
        let token = token.unwrap_or(own);
        let message =
            Message::Welcome { protocol, features: vec![], token, engine: "none", version: "0.0.0" };
        self.peer.send(&message).unwrap();
    }

    /// A proper greeting.
    pub(crate) fn greet(&mut self) {
        self.welcome(version::CURRENT, None);
        self.peer.send(&Message::Locked { level: Level::D, layers: vec![] }).unwrap();
    }

    /// A proper start of a plugin with the one export `work`. Returns the plugin's source.
    pub(crate) fn start(&mut self) -> String {
        let source = self.load();
        let ready = Message::Ready { exports: vec!["work"], compile_us: 0, evaluate_us: 0, activate_us: 0 };
        self.peer.send(&ready).unwrap();
        source
    }

    /// A proper start up to the plugin's source, which is returned.
    pub(crate) fn load(&mut self) -> String {
        self.greet();
        let load = self.receive();
        let Ok(Message::Load { source, .. }) = Message::decode(&load) else { panic!("no Load") };
        source.text.to_owned()
    }

    /// The next message, as bytes. Ends the process when there is none any more.
    pub(crate) fn receive(&mut self) -> Vec<u8> {
        // As an honest runner does: it sleeps until there is a message, and is busy with it from then on.
        self.page.end_turn();
        let Ok(Some(message)) = self.peer.receive() else { std::process::exit(0) };
        self.page.begin_turn(0);
        message
    }

    /// Waits for the next call of the host, and gives its id. Other messages are ignored.
    pub(crate) fn next_call(&mut self) -> u64 {
        loop {
            let message = self.receive();
            match Message::decode(&message).unwrap() {
                Message::Call { id, .. } => return id,
                // An honest end, for behaviours that are over.
                Message::Stop { .. } => std::process::exit(0),
                _ => {}
            }
        }
    }

    /// A proper start, and then the ids of the first three calls of the host: they are all in flight when things go
    /// wrong.
    pub(crate) fn three_calls(&mut self) -> [u64; 3] {
        self.start();
        [self.next_call(), self.next_call(), self.next_call()]
    }

    /// Answers a call of the host with `null`.
    pub(crate) fn answer(&mut self, id: u64) {
        let answer = Message::Return { id, outcome: Outcome::Returned(NIL), spent_us: 0 };
        self.peer.send(&answer).unwrap();
    }

    /// Calls a function of the application, and does not wait for the answer.
    pub(crate) fn call(&mut self, target: Target, args: &[u8]) {
        self.last_call += 1;
        let call = call(self.last_call, target, args);
        self.peer.send(&call).unwrap();
    }

    /// Answers every call of the host with `null`, and ends when it is asked to.
    pub(crate) fn serve(&mut self) {
        loop {
            let id = self.next_call();
            self.answer(id);
        }
    }

    /// Reads and does nothing, until the host closes the socket.
    pub(crate) fn listen(&mut self) {
        loop {
            self.receive();
        }
    }
}

/// A call with nothing but what it needs.
pub(crate) fn call<'a>(id: u64, target: Target<'a>, args: &'a [u8]) -> Message<'a> {
    Message::Call { id, target, args, deadline_us: None, parent: None, blocking: false, trace: None }
}

fn peer(socket: Mortal, fault: Fault) -> ScriptedPeer<FaultyStream<Mortal>> {
    let seed = u64::from(std::process::id());
    ScriptedPeer::new(FaultyStream::new(socket, fault, seed))
}

/// Sends this process a signal until it has worked: the first SIGSEGV only takes Rust's own handler away.
pub(crate) fn end_by(signal: Signal) {
    loop {
        kill_process(getpid(), signal).unwrap();
    }
}

/// The body of the first frame, which stays in the socket.
fn look_at_frame(socket: &UnixStream) -> Vec<u8> {
    let mut bytes = [0; 1 << 16];
    loop {
        let (_, count) = rustix::net::recv(socket, &mut bytes, RecvFlags::PEEK).unwrap();
        assert!(0 < count, "the host closed the socket before it said anything");
        if let Some((head, rest)) = bytes[..count].split_first_chunk::<HEAD>() {
            let length = Head::from_bytes(*head).unwrap().length;
            if length <= rest.len() {
                return rest[..length].to_vec();
            }
        }
    }
}
