//! Counts where they are easily lost: in errors half-way, in values beyond the usual bounds, between two messages.

use crate::encoded::{array, extension, function, home};
use crate::harness::{Options, Runner};
use plughold_protocol::Message;
use plughold_protocol::record::{Limits, Target};
use plughold_protocol::value as form;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// How many functions of the host are sent home, each after a little more work than the one before.
const HOMES: u64 = 1_000;

#[test]
fn a_value_beyond_the_usual_bounds_is_given_back_whole() {
    let options = Options { limits: Limits { depth: 200, ..Limits::default() }, ..Options::default() };
    let mut runner = Runner::with_script_and(&options, "exports.run = () => 'not called'");
    let gone = (0..100).fold(home(99), |inner, _| array(&[inner]));
    // Nothing of this passes a scan with the usual bounds, which is what the ledger has.
    runner.ledger.lent.insert(1, 2);
    let ended = runner.call_export("run", &array(&[function(1), gone, function(1)]));
    assert!(ended.contains("is gone"), "{ended}");
    runner.end_at_zero();
}

#[test]
fn a_bigint_that_nobody_can_hold_needs_no_memory() {
    let options = Options { memory: 12 << 20, ..Options::default() };
    let mut runner = Runner::with_script_and(&options, "exports.run = (number) => typeof number");
    let mut check = |payload: &[u8], expected: &str| {
        let ended = runner.call_export("run", &array(&[extension(form::BIGINT, payload)]));
        assert!(ended.contains(expected), "{ended}");
    };
    check(&vec![1; 3 << 20], "RangeError");
    let mut padded = vec![0; 3 << 20];
    padded[1] = 7;
    check(&padded, "bigint");
    runner.end_at_zero();
}

#[test]
fn a_view_that_is_read_without_stack_gives_its_buffer_back() {
    // Each frame near the end of the stack sends the view: some get as far as to its buffer, and not to its length.
    let mut runner = Runner::with_script(
        "let weak;
        exports.run = () => {
            const view = new Uint8Array(new ArrayBuffer(16));
            weak = new WeakRef(view.buffer);
            // Nothing but what has a place already: there is no stack for more.
            const calls = [];
            const frames = [
                (deep) => deep(),
                (deep, a, b, c) => { const d = [a, b, c]; return deep(d) },
                (deep) => { let a, b, c, d, e, f, g, h; return deep(a, b, c, d, e, f, g, h) },
            ];
            for (let start = 0; start < 40; start += 1) {
                let left = 0;
                const dive = (n) => {
                    try { frames[(n + start) % 3](() => dive(n + 1 + (start >> 2))) } catch { left = 12 }
                    if (0 < left) {
                        left -= 1;
                        try { calls[calls.length] = app.echo(view) } catch {}
                    }
                };
                dive(start);
            }
            for (const call of calls) call.catch(() => {});
        };
        exports.isFreed = () => weak.deref() === undefined;",
    );
    let id = runner.call(Target::Export("run"), &array(&[]));
    loop {
        let received = runner.next();
        match received.message() {
            Message::Call { id, .. } => runner.answer(id, &[0xc0]),
            Message::Return { id: answered, .. } => break assert_eq!(answered, id),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(runner.call_export("isFreed", &array(&[])), "true");
    runner.end_at_zero();
}

#[test]
fn what_comes_home_is_released_behind_its_call_whenever_the_stack_is_asked_for() {
    // A request for the stack writes what there is in the middle of a turn: also between an argument that nobody has any
    // more and the call that it stands in.
    let mut runner = Runner::with_script(
        "let kept;
        exports.keep = (...all) => { kept = all };
        exports.run = () => {
            for (let work = 0; 0 < kept.length; work += 1) {
                for (let step = 0; step < 9_000 + work % 1_000; step += 1);
                app.echo({ get last() { return kept.pop() } }).catch(() => {});
            }
        };",
    );
    let all: Vec<Vec<u8>> = (1..=HOMES).map(function).collect();
    assert_eq!(runner.call_export("keep", &array(&all)), "undefined");
    let (page, is_over) = (runner.page, AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                page.request_stack();
                thread::yield_now();
            }
        });
        let id = runner.call(Target::Export("run"), &array(&[]));
        let mut calls = 0;
        // The harness checks of each call that what comes home was not given back before.
        loop {
            let received = runner.next();
            match received.message() {
                Message::Call { .. } => calls += 1,
                Message::Return { id: answered, .. } => break assert_eq!(answered, id),
                other => panic!("{other:?}"),
            }
        }
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(calls, HOMES);
    });
}
