//! What goes wrong while the host calls. Three calls are in flight when it does.

use crate::Behaviour;
use crate::runner::{NIL, Runner, call, end_by};
use plughold_protocol::exit::Cause;
use plughold_protocol::message::Message;
use plughold_protocol::page::SIZE;
use plughold_protocol::record::{LogLevel, Outcome, Released, Source, SourceKind, Target};
use rustix::process::Signal;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::fs::FileExt;

/// No arguments.
const NO_ARGS: &[u8] = &[0x90];

/// The API's functions of the host under test, by their positions: one that never returns, and one that takes a value.
const HOLD: Target = Target::Api(0);
const NOTE: Target = Target::Api(1);

pub(crate) const BEHAVIOURS: &[Behaviour] = &[
    ("well-behaved", |runner| {
        runner.start();
        runner.serve();
    }),
    ("no-answer", |runner| {
        runner.three_calls();
        runner.serve();
    }),
    ("closes-mid-call", |runner| {
        let [first, ..] = runner.three_calls();
        let answer = Message::Return { id: first, outcome: Outcome::Returned(NIL), spent_us: 0 }.to_bytes();
        runner.peer.send_raw(&[answer.len() as u8, 0, 0, 0, 0]).unwrap();
        runner.peer.send_raw(&answer[..answer.len() / 2]).unwrap();
        std::process::exit(1);
    }),
    ("closes-socket-and-lives", |runner| {
        runner.three_calls();
        runner.socket.shutdown(Shutdown::Both).unwrap();
        loop {
            std::thread::park();
        }
    }),
    ("half-closes", |runner| {
        runner.three_calls();
        runner.socket.shutdown(Shutdown::Read).unwrap();
        // It goes on to talk, and hears none of the answers.
        loop {
            runner.call(NOTE, &[0x91, 0xc0]);
        }
    }),
    ("leaves-a-child", |runner| {
        runner.three_calls();
        // The child holds the socket open, and would do so for long.
        std::mem::forget(std::process::Command::new("/bin/sleep").arg("1000").spawn());
    }),
    ("floods-calls", |runner| {
        runner.three_calls();
        let mut answers = runner.socket.try_clone().unwrap();
        std::thread::spawn(move || std::io::copy(&mut answers, &mut std::io::sink()));
        let mut outbox = plughold_wire::Outbox::new();
        for id in 1.. {
            outbox.push(&crate::runner::call(id, NOTE, &[0x91, 0xc0]));
            if 64 << 10 < outbox.pending_bytes() {
                let count = runner.socket.write(outbox.chunk()).unwrap();
                outbox.written(count);
            }
        }
    }),
    ("exits-zero-mid-call", |runner| {
        runner.three_calls();
    }),
    ("segfaults-mid-call", |runner| {
        runner.three_calls();
        end_by(Signal::SEGV);
    }),
    ("freezes", |runner| {
        runner.three_calls();
        end_by(Signal::STOP);
    }),
    ("freezes-asleep", |runner| {
        runner.three_calls();
        runner.page.end_turn();
        end_by(Signal::STOP);
    }),
    ("ignores-stop", |runner| {
        runner.start();
        loop {
            let message = runner.receive();
            if let Message::Call { id, .. } = Message::decode(&message).unwrap() {
                runner.answer(id);
            }
        }
    }),
    ("answers-twice", |runner| {
        let [first, ..] = runner.three_calls();
        runner.answer(first);
        runner.answer(first);
        runner.listen();
    }),
    ("answers-for-others", |runner| {
        runner.three_calls();
        runner.answer(1 << 40);
        runner.listen();
    }),
    ("reuses-call-id", |runner| {
        runner.three_calls();
        runner.peer.send_all(&[call(7, HOLD, NO_ARGS), call(7, HOLD, NO_ARGS)]).unwrap();
        runner.listen();
    }),
    ("calls-unknown-function", |runner| {
        runner.three_calls();
        runner.call(Target::Api(99), NO_ARGS);
        runner.listen();
    }),
    ("calls-what-was-never-given", |runner| {
        runner.three_calls();
        runner.call(Target::Function(1), NO_ARGS);
        runner.listen();
    }),
    ("calls-too-many", |runner| {
        runner.three_calls();
        for _ in 0..=runner.window() {
            runner.call(HOLD, NO_ARGS);
        }
        runner.listen();
    }),
    ("nested-bomb", |runner| {
        runner.three_calls();
        runner.call(NOTE, &[vec![0x91; 1 << 20], NIL.to_vec()].concat());
        runner.listen();
    }),
    ("nodes-bomb", |runner| {
        runner.three_calls();
        let mut args = vec![0x91, 0xdd, 0, 0x10, 0, 0];
        args.resize(args.len() + (1 << 20), NIL[0]);
        runner.call(NOTE, &args);
        runner.listen();
    }),
    ("length-bomb", |runner| {
        runner.three_calls();
        runner.call(NOTE, &[0x91, 0xdd, 0xff, 0xff, 0xff, 0xff]);
        runner.listen();
    }),
    ("bad-text", |runner| {
        runner.three_calls();
        runner.call(NOTE, &[0x91, 0xa1, 0xff]);
        runner.listen();
    }),
    ("bad-arguments", |runner| {
        runner.three_calls();
        runner.call(NOTE, NIL);
        runner.listen();
    }),
    ("bad-answer", |runner| {
        let [first, ..] = runner.three_calls();
        let answer = Message::Return { id: first, outcome: Outcome::Returned(&[0xc1]), spent_us: 0 };
        runner.peer.send(&answer).unwrap();
        runner.listen();
    }),
    ("trailing-bytes", |runner| {
        runner.three_calls();
        send_body(runner, &[Message::Pong { nonce: 1 }.to_bytes(), NIL.to_vec()].concat());
        runner.listen();
    }),
    ("unknown-message", |runner| {
        runner.three_calls();
        send_body(runner, &[0x91, 99]);
        runner.listen();
    }),
    ("host-only-message", |runner| {
        runner.three_calls();
        let source = Source { name: "main.js", kind: SourceKind::Script, text: "" };
        let load =
            Message::Load { prelude: "native", source, manifest: &[0x80], grants: vec![], state: None };
        runner.peer.send(&load).unwrap();
        runner.listen();
    }),
    ("is-ready-twice", |runner| {
        runner.three_calls();
        let ready = Message::Ready { exports: vec![], compile_us: 0, evaluate_us: 0, activate_us: 0 };
        runner.peer.send(&ready).unwrap();
        runner.listen();
    }),
    ("releases-nothing", |runner| {
        runner.three_calls();
        runner.peer.send(&Message::Release { references: vec![Released { id: 5, count: 1 }] }).unwrap();
        runner.listen();
    }),
    ("floods-logs", |runner| {
        let calls = runner.three_calls();
        let line = "x".repeat(1_024);
        for _ in 0..1_000 {
            runner.peer.send(&log(&line)).unwrap();
        }
        for id in calls {
            runner.answer(id);
        }
        // One line for each further call, until one gets through and says how many did not.
        loop {
            let id = runner.next_call();
            runner.peer.send(&log("and so on")).unwrap();
            runner.answer(id);
        }
    }),
    ("log-with-escapes", |runner| {
        let calls = runner.three_calls();
        runner.peer.send(&log("all is well\r\n\u{1b}[31m[host] all is lost\u{202e}\0\u{9b}2J")).unwrap();
        for id in calls {
            runner.answer(id);
        }
        runner.serve();
    }),
    ("floods-notifications", |runner| {
        runner.three_calls();
        let notification = Message::Notify { target: NOTE, args: &[0x91, 0xc0], parent: None }.to_bytes();
        let frame = [&[notification.len() as u8, 0, 0, 0, 0], notification.as_slice()].concat();
        // As fast as it can be done. The host ends it long before this is over.
        let _ended = runner.socket.write_all(&frame.repeat(1_000_000));
        runner.listen();
    }),
    ("lies-on-the-page", |runner| {
        let calls = runner.three_calls();
        runner.page_file.write_all_at(&[0xff; SIZE], 0).unwrap();
        for id in calls {
            runner.answer(id);
        }
        runner.serve();
    }),
    ("lies-about-its-end", |runner| {
        runner.three_calls();
        runner.page.record_cause(Cause::OutOfMemory, "\u{1b}[2Jnot my fault\n[host] trust it");
        std::process::exit(Cause::OutOfMemory.exit_code());
    }),
    ("forges", |runner| {
        let forgeries = runner.start();
        let mut lines = forgeries.lines();
        loop {
            let id = runner.next_call();
            let line = lines.next().expect("more calls than forgeries");
            let outcome = forge(runner, line);
            runner.peer.send(&Message::Return { id, outcome: outcome.borrowed(), spent_us: 0 }).unwrap();
        }
    }),
];

/// What a call of the application's came to.
enum Answer {
    Returned(Vec<u8>),
    Threw(Vec<u8>),
}

impl Answer {
    fn borrowed(&self) -> Outcome<'_> {
        match self {
            Answer::Returned(value) => Outcome::Returned(value),
            Answer::Threw(value) => Outcome::Threw(value),
        }
    }
}

/// Calls a function of the application with bytes that the plugin's source gives, as `POSITION HEX`.
fn forge(runner: &mut Runner, line: &str) -> Answer {
    let (position, hex) = line.split_once(' ').unwrap();
    let args: Vec<u8> =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    runner.call(Target::Api(position.parse().unwrap()), &args);
    loop {
        let message = runner.receive();
        if let Message::Return { outcome, .. } = Message::decode(&message).unwrap() {
            return match outcome {
                Outcome::Returned(value) => Answer::Returned(value.to_vec()),
                Outcome::Threw(value) => Answer::Threw(value.to_vec()),
            };
        }
    }
}

fn log(text: &str) -> Message<'_> {
    Message::Log { level: LogLevel::Info, text, place: None }
}

/// Sends a frame around bytes that are no message.
fn send_body(runner: &mut Runner, body: &[u8]) {
    runner.peer.send_raw(&[body.len() as u8, 0, 0, 0, 0]).unwrap();
    runner.peer.send_raw(body).unwrap();
}
