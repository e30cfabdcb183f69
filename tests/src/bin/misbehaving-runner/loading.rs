//! What goes wrong before the plugin is loaded.

use crate::Behaviour;
use crate::runner::{Runner, end_by};
use plughold_protocol::message::Message;
use plughold_protocol::record::Level;
use plughold_protocol::version;
use plughold_wire::frame::{Head, Lane};
use rustix::process::Signal;

pub(crate) const BEHAVIOURS: &[Behaviour] = &[
    ("exits-before-hello", |_| std::process::exit(3)),
    ("aborts-before-hello", |_| std::process::abort()),
    ("never-hello", |runner| runner.listen()),
    ("wrong-version", |runner| {
        runner.welcome(version::CURRENT + 1, None);
        runner.listen();
    }),
    ("wrong-token", |runner| {
        runner.welcome(version::CURRENT, Some(&[0; 16]));
        runner.listen();
    }),
    ("locks-without-welcome", |runner| {
        runner.peer.send(&Message::Locked { level: Level::A, layers: vec![] }).unwrap();
        runner.listen();
    }),
    ("claims-to-be-locked", |runner| {
        runner.welcome(version::CURRENT, None);
        // What an honest one says at level C.
        let layers = vec!["no capabilities", "no new privileges", "limits", "three calls"];
        runner.peer.send(&Message::Locked { level: Level::C, layers }).unwrap();
        runner.listen();
    }),
    ("garbage", |runner| {
        runner.peer.send_raw(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        runner.listen();
    }),
    ("half-a-frame", |runner| {
        let head = Head { length: 100, lane: Lane::Direct, more: false };
        runner.peer.send_raw(&head.to_bytes()).unwrap();
        runner.peer.send_raw(&[0; 50]).unwrap();
    }),
    ("half-a-frame-then-silence", |runner| {
        runner.peer.send_raw(&[100, 0]).unwrap();
        runner.listen();
    }),
    ("giant-length", |runner| {
        runner.peer.send_raw(&[0xff, 0xff, 0xff, 0xff, 0]).unwrap();
        runner.listen();
    }),
    ("never-ready", |runner| {
        runner.greet();
        runner.listen();
    }),
    ("exits-while-loading", |runner| {
        runner.greet();
        runner.receive();
        std::process::exit(4);
    }),
];

/// Is well-behaved, but killed in the middle of a frame: after it has written so many bytes.
pub(crate) fn die_after(runner: &mut Runner, bytes: usize) {
    // A write that fails makes the runner panic.
    std::panic::set_hook(Box::new(|_| end_by(Signal::KILL)));
    runner.end_after(bytes);
    runner.start();
    runner.serve();
}

/// Is well-behaved, but killed when it wants to read more than so many bytes.
pub(crate) fn die_after_reading(runner: &mut Runner, bytes: usize) {
    runner.end_after_reading(bytes);
    runner.start();
    runner.serve();
}
