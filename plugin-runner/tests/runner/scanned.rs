//! Whatever the plugin sends passes the scan of its receiver, under the very bounds of the session: the runner counts
//! levels, nodes and bytes as the scan does. A value that the runner lets through and the scan does not would end the
//! plugin for what its runner did wrong.

use crate::harness::{Options, Runner, show};
use plughold_protocol::limits;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{Limits, Target};
use plughold_wire::{Bounds, ScanError, scan};

/// Makes a value of every kind, and of none that is as it looks, out of a number.
const SCRIPT: &str = r#"
    let state = 1;
    const below = (bound) => {
        state = Math.imul(state, 1664525) + 1013904223 | 0;
        return (state >>> 8) % bound;
    };
    const any = (list) => list[below(list.length)];
    const some = (depth) => Array.from({ length: below(4) }, () => value(depth + 1));
    const texts = ['', 'a', 'then', '__proto__', '\ud800', 'ä€😀', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(300), '7'];
    const shared = { shared: [1, () => 1] };
    const same = () => 1;
    class Point {
        constructor(depth) { this.x = below(9); this[any(texts)] = value(depth + 1) }
        get sum() { return 1 }
        go() {}
        stay() {}
    }
    class Far extends Point { #own = 1; far() { return this.#own } }
    class Collection extends Map {}

    const object = (depth) => {
        const made = below(3) ? {} : Object.create(null);
        for (let left = below(4); 0 < left; left -= 1) {
            const name = any(texts);
            const made_of = { enumerable: below(8) !== 0, configurable: true };
            if (below(3)) made_of.value = value(depth + 1);
            else made_of.get = () => {
                // What is still to be walked changes.
                if (below(2)) delete made[any(texts)]; else made[any(texts)] = 1;
                if (below(20) === 0) throw new Error('no');
                return value(depth + 1);
            };
            Object.defineProperty(made, name, made_of);
        }
        return made;
    };
    const array = (depth) => {
        const made = some(depth);
        if (below(4) === 0) made.length += below(3);
        if (below(4) === 0) Object.defineProperty(made, 0, { get() { made.length = below(6); return value(depth + 1) } });
        return made;
    };
    const error = (depth) => {
        const made = any([
            () => new Error(any(texts), { cause: value(depth + 1) }),
            () => new RangeError(any(texts)),
            () => new AggregateError(some(depth), any(texts)),
            () => new DOMException(any(texts), 'AbortError'),
        ])();
        for (let left = below(4); 0 < left; left -= 1) {
            const name = any(['code', 'own', 'other', '\ud800', 'x'.repeat(300)]);
            if (below(5) === 0) Object.defineProperty(made, name, { enumerable: true, get() { throw 1 } });
            else made[name] = value(depth + 1);
        }
        return made;
    };
    const proxy = (depth) => new Proxy(any([object, array, error])(depth), any([
        {},
        { ownKeys: (target) => [...Reflect.ownKeys(target)].reverse() },
        { get: (target, name, receiver) => name === 'length' ? below(5) : Reflect.get(target, name, receiver) },
        { getPrototypeOf: () => any([Object.prototype, null, Point.prototype]) },
    ]));
    const bytes = () => {
        const buffer = new ArrayBuffer(8 * below(5), { maxByteLength: 64 });
        const view = any([
            () => new Uint8Array(buffer), () => new Float64Array(buffer), () => new DataView(buffer), () => buffer,
            () => new Uint16Array(buffer, 0, 0), () => new BigInt64Array(buffer),
        ])();
        if (below(3) === 0) buffer.resize(below(64));
        return view;
    };
    const leaves = [
        () => undefined, () => null, () => true, () => below(300) - 150, () => -0, () => 2 ** 53, () => NaN, () => 0.5,
        () => 2 ** (below(53)), () => any(texts), () => BigInt(below(999)) ** BigInt(below(40)), () => -5n,
        () => new Date(below(1e9)), () => /a[b]/gi, bytes, () => () => 1, () => same, () => new String('boxed'),
        () => Object(7n), () => new AbortController().signal, () => Math.sqrt, () => class A {},
        () => (function* () {})(), () => Symbol.iterator,
    ];
    const holders = [
        object, array, error, proxy, object, array,
        (depth) => new Map(some(depth).map((item) => [item, value(depth + 1)])),
        (depth) => new Set(some(depth)),
        (depth) => new Collection([[1, value(depth + 1)]]),
        (depth) => new (any([Point, Far]))(depth),
        (depth) => (function () { return arguments })(...some(depth)),
        () => shared,
        (depth) => { const self = object(depth); if (below(8) === 0) self.self = self; return self },
        () => (async function* () { yield 1 })(),
    ];
    // Refusals are told by other tests; here most values should arrive.
    const value = (depth) => below(12) < depth + 1 ? any(leaves.slice(0, below(12) ? -2 : undefined))() : any(holders)(depth);

    exports.run = async (seed) => {
        state = seed;
        try { await app.echo(...some(0), value(0)); } catch (error) { return String(error.message) }
    };
"#;

/// Heads may pass the bound of a value's bytes: messages have room for more.
const HEAD: usize = 6;

fn options(nodes: u32, depth: u32, message: usize) -> Options {
    let limits = Limits { nodes, depth, message: message as u64, ..Limits::default() };
    Options { limits, ..Options::default() }
}

fn bounds(nodes: usize, depth: usize) -> Bounds {
    Bounds { depth, nodes, references: nodes }
}

/// What the plugin sends for a seed, or in which words its runner refuses it.
fn sent(runner: &mut Runner, seed: i64) -> Result<Vec<u8>, String> {
    let mut args = Vec::new();
    let mut writer = Writer::new(&mut args);
    writer.array(1);
    writer.integer(seed);
    let id = runner.call(Target::Export("run"), &args);
    let received = runner.next();
    if received.message().name() == "Return" {
        let plughold_protocol::Message::Return { outcome, .. } = received.message() else { unreachable!() };
        return Err(crate::harness::outcome_text(&outcome));
    }
    let plughold_protocol::Message::Call { id: there, args, .. } = received.message() else {
        panic!("{}", crate::harness::describe(&received.message()))
    };
    runner.answer(there, &[0xc0]);
    assert_eq!(runner.returned(id), "undefined");
    Ok(args.to_vec())
}

#[test]
fn what_is_sent_is_within_the_bounds() {
    let (mut arrived, mut refused) = (0, 0);
    for (round, (nodes, depth, message)) in
        [(20, 3, 4_096), (60, 4, 8_192), (7, 9, 4_096), (200, 6, 3_000), (100_000, 64, 2_300), (1_000, 2, 9_000)]
            .into_iter()
            .enumerate()
    {
        let mut runner = Runner::with_script_and(&options(nodes, depth, message), SCRIPT);
        for seed in 0..150 {
            let seed = seed + 1_000 * round as i64;
            let Ok(args) = sent(&mut runner, seed) else {
                refused += 1;
                continue;
            };
            arrived += 1;
            let scan = scan(&args, &bounds(nodes as usize, depth as usize));
            scan.unwrap_or_else(|error| panic!("seed {seed}: {error} of {nodes} and {depth}: {}", show(&args)));
            assert!(args.len() <= message - limits::ENVELOPE + HEAD, "seed {seed}: {} bytes", args.len());
        }
    }
    assert!(200 < arrived && 100 < refused, "{arrived} arrived, {refused} were refused: this tests nothing");
}

#[test]
fn a_value_that_just_fits_arrives() {
    let wide = options(limits::NODES as u32, limits::DEPTH as u32, limits::MESSAGE);
    for seed in 0..25 {
        let Ok(args) = sent(&mut Runner::with_script_and(&wide, SCRIPT), seed) else { continue };
        let nodes = scan(&args, &Bounds::default()).unwrap().nodes;
        let is_deep_enough = |depth: &usize| scan(&args, &bounds(nodes, *depth)).is_ok();
        // The manifest itself has one level.
        let depth = (2..=limits::DEPTH).find(is_deep_enough).unwrap();

        let exactly = options(nodes as u32, depth as u32, limits::MESSAGE);
        let same = sent(&mut Runner::with_script_and(&exactly, SCRIPT), seed);
        assert_eq!(same.as_ref().map(|args| show(args)), Ok(show(&args)), "seed {seed}");
        for (nodes, depth) in [(nodes - 1, depth), (nodes, depth - 1)] {
            let less = options(nodes as u32, depth as u32, limits::MESSAGE);
            match sent(&mut Runner::with_script_and(&less, SCRIPT), seed) {
                // An error goes without the fields that do not fit.
                Ok(args) => assert!(scan(&args, &bounds(nodes, depth)).is_ok(), "seed {seed}: {}", show(&args)),
                Err(words) => assert!(words.contains("nested deeper") || words.contains("more than"), "{words}"),
            }
        }
    }
    let too_deep = scan(&[0x91, 0x90], &bounds(9, 1));
    assert_eq!(too_deep, Err(ScanError::Depth(1)), "the scan counts levels as this test does");
}
