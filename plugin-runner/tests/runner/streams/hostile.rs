//! Plugins that do to streams what no honest one does.

use super::*;
use crate::harness::Options;

#[test]
fn nothing_poses_as_a_stream_and_replaced_built_ins_change_nothing() {
    check(
        "const names = []; const fails = (run) => { try { run() } catch (error) { names.push(error.name) } };
         fails(() => ReadableStream.prototype.getReader.call({}));
         fails(() => Object.create(ReadableStream.prototype).locked);
         fails(() => new ReadableStreamDefaultReader({}));
         fails(() => new ReadableStreamDefaultController());
         fails(() => new ReadableStream({ type: 'bytes' }));
         fails(() => new ReadableStream({ pull: 1 }));
         fails(() => new ReadableStream({}, { highWaterMark: -1 }));
         return [names.join(), await ReadableStream.prototype.cancel.call({}).catch((e) => e.name)]",
        r#"["TypeError,TypeError,TypeError,TypeError,TypeError,TypeError,RangeError", "TypeError"]"#,
    );
    check(
        "const { Promise } = globalThis; const { then } = Promise.prototype; const s = ReadableStream.from([1, 2]); const [a, b] = s.tee();
         Promise.prototype.then = () => { log.push('then') }; Array.prototype.push = () => { log.push('push') };
         Array.prototype[Symbol.iterator] = () => { log.push('iterator') }; globalThis.Promise = null;
         const r = a.getReader(); const one = await r.read(); const two = await r.read();
         Promise.prototype.then = then; return [one.value, two.value, log.length]",
        "[1, 2, 0]",
    );
}

/// Replaces what the language has, before anything of streams is used.
const SABOTAGE: &str = "
    const evil = (name) => function () { told += ' ' + name; throw name };
    const define = Object.defineProperty;
    const described = Object.getOwnPropertyDescriptor;
    const { ownKeys } = Reflect;
    for (const owner of [Promise.prototype, Array.prototype, Function.prototype, WeakMap.prototype, FinalizationRegistry.prototype, Promise, Object, Reflect, Number])
        for (const key of ownKeys(owner)) {
            const { value, configurable } = described(owner, key);
            if (key === 'constructor' || key === Symbol.iterator || typeof value !== 'function' || !configurable) continue;
            define(owner, key, { __proto__: null, value: evil(String(key)), writable: true, configurable: true });
        }
    define(Promise.prototype, 'constructor', { __proto__: null, get: evil('constructor') });
    for (const key of ['0', '1', 'value', 'done', 'first', 'next', 'last', 'chunk', 'size', 'close', 'error', 'resolve', 'promise', 'pull', 'stop', 'release', 'closed'])
        define(Object.prototype, key, { __proto__: null, set: evil('set ' + key), get: () => undefined, configurable: true });
    define(Array.prototype, '0', { __proto__: null, set: evil('element'), configurable: true });
    define(Array.prototype, Symbol.iterator, { __proto__: null, value: evil('iterator') });
    const names = ['Promise', 'FinalizationRegistry', 'TypeError', 'Array', 'Object', 'Reflect', 'Number', 'Symbol'];
    for (let i = 0; i < names.length; i += 1) globalThis[names[i]] = null;
";

#[test]
fn replaced_built_ins_change_nothing_of_what_is_sent_and_read() {
    // The plugin's own code keeps what it needs of the language.
    let script = format!(
        "let told = ''; let s;
         exports.break = () => {{ {SABOTAGE} }};
         exports.send = () => {{ s = new ReadableStream({{ n: 0, pull(c) {{ this.n += 1; if (this.n === 3) c.close(); else c.enqueue(this.n) }} }}); return s }};
         exports.give = (stream) => stream.tee();
         exports.told = () => told;"
    );
    let mut runner = Runner::with_script(&script);
    runner.call(Target::Export("break"), &[0x90]);
    says(&mut runner, &["returned undefined"]);
    runner.call(Target::Export("send"), &[0x90]);
    says(&mut runner, &["returned stream#1"]);
    credit(&mut runner, 1, WINDOW);
    says(&mut runner, &["data 1 1", "data 1 2", "end 1"]);
    let mut args = Vec::new();
    let mut writer = Writer::new(&mut args);
    writer.array(1);
    writer.extension(form::STREAM, &1u64.to_le_bytes());
    runner.call(Target::Export("give"), &args);
    says(&mut runner, &["returned [stream#2, stream#3]", "credit 1 262144"]);
    credit(&mut runner, 2, WINDOW);
    credit(&mut runner, 3, WINDOW);
    data(&mut runner, &text("a"));
    let mut said = [next(&mut runner), next(&mut runner)];
    said.sort();
    assert_eq!(said, ["data 2 \"a\"", "data 3 \"a\""]);
    runner.send(&Message::StreamEnd { id: 1, error: None });
    let mut said = [next(&mut runner), next(&mut runner)];
    said.sort();
    assert_eq!(said, ["end 2", "end 3"]);
    runner.call(Target::Export("told"), &[0x90]);
    says(&mut runner, &["returned \"\""]);
}

/// Sends a source, gives it credit for one chunk, and checks how that ends; then that the plugin still answers `expected`.
#[track_caller]
fn ends(source: &str, told: &str, body: &str, expected: &str) {
    let mut runner = Runner::with_script(EVAL);
    sent(&mut runner, source);
    credit(&mut runner, 1, 1);
    assert_eq!(next(&mut runner), told, "{source}");
    assert_eq!(run(&mut runner, body), format!("returned {expected}"), "{source}");
    assert_eq!(runner.silence(), None, "{source}");
}

#[test]
fn a_chunk_that_cannot_be_sent_ends_its_source_and_nothing_else() {
    ends(
        "(globalThis.s = new ReadableStream({ pull(c) { c.enqueue({ s }) }, cancel() { log.push('cancelled') } }, { highWaterMark: 0 }))",
        "end 1 Error{name: \"TypeError\", message: \"cannot send chunk.s: the stream is locked to a reader\"",
        "return [log, s.locked]",
        "[[\"cancelled\"], false]",
    );
    ends(
        "ReadableStream.from([[globalThis.inner = ReadableStream.from([1]), () => 1, Symbol()]])",
        "end 1 Error{name: \"TypeError\", message: \"cannot send chunk[2]: a symbol has no copy\"",
        "return [inner.locked, (await inner.getReader().read()).value]",
        "[false, 1]",
    );
    ends(
        "ReadableStream.from([{ get x() { throw new RangeError('getter') } }])",
        "end 1 Error{name: \"RangeError\", message: \"getter\"",
        "return 1",
        "1",
    );
    // What its own code does while it is encoded.
    ends(
        "new ReadableStream({ pull(c) { c.enqueue({ get x() { c.error(new Error('later')); return 1 } }) } }, { highWaterMark: 0 })",
        "data 1 {x: 1}",
        "return 1",
        "1",
    );
    ends(
        "new Proxy(new ReadableStream(), {})",
        "end 1 Error{name: \"TypeError\", message: \"this is no ReadableStream\"",
        "return 1",
        "1",
    );
}

#[test]
fn a_stream_is_sent_once_and_as_itself() {
    let mut runner = Runner::with_script(EVAL);
    let twice = "globalThis.s = ReadableStream.from([1]);
        const why = await app.echo(s, s).catch((error) => error.message); return [why, s.locked]";
    assert_eq!(
        run(&mut runner, twice),
        "returned [\"cannot send arguments[1]: the stream is locked to a reader\", false]"
    );
    // The counter of ids never goes back.
    let own = "new (class Own extends ReadableStream {
        constructor() { super({ pull(c) { c.enqueue('mine'); c.close() } }) }
        getReader() { log.push('getReader') } values() { log.push('values') } get locked() { log.push('locked') }
        [Symbol.asyncIterator]() { log.push('iterator') } cancel() { log.push('cancel') }
    })()";
    assert_eq!(sent(&mut runner, own), "[stream#2]");
    credit(&mut runner, 2, WINDOW);
    says(&mut runner, &["data 2 \"mine\"", "end 2"]);
    assert_eq!(run(&mut runner, "return log"), "returned []");
}

#[test]
fn a_source_that_will_not_end_is_left_behind() {
    for source in [
        "new ReadableStream({ cancel: () => new Promise(() => {}) })",
        "new ReadableStream({ cancel() { throw new Error('no') } })",
        "new ReadableStream({ cancel: () => Promise.reject(new Error('no')) })",
        "new ReadableStream({ cancel: () => ({ then() { throw new Error('no') } }) })",
        "new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => new Promise(() => {}) })",
        "({ [Symbol.asyncIterator]() { return this }, get next() { throw new Error('no') } })",
        "({ [Symbol.asyncIterator]() { throw new Error('no') }, next() {} })",
        "({ [Symbol.asyncIterator]() { return this }, next() {}, get return() { throw new Error('no') } })",
        "({ [Symbol.asyncIterator]() { return this }, next() {}, return: () => 5 })",
        "({ [Symbol.asyncIterator]() { return this }, next() {}, return: () => new Promise(() => {}) })",
    ] {
        let mut runner = Runner::with_script(EVAL);
        assert_eq!(sent(&mut runner, source), "[stream#1]");
        runner.send(&Message::StreamStop { id: 1 });
        says(&mut runner, &["end 1"]);
        assert_eq!(run(&mut runner, "await tick(); return 1"), "returned 1", "{source}");
        assert_eq!(runner.silence(), None, "{source}");
    }
}

#[test]
fn a_source_that_gives_more_than_it_is_asked_for_sends_no_more_than_its_credit() {
    let mut runner = Runner::with_script(EVAL);
    sent(
        &mut runner,
        "new ReadableStream({ pull(c) { log.push('pull'); for (let n = 0; n < 1000; n += 1) c.enqueue(n) } }, { highWaterMark: 0 })",
    );
    credit(&mut runner, 1, 1);
    says(&mut runner, &["data 1 0"]);
    assert_eq!(run(&mut runner, "return log"), "returned [\"pull\"]");
    assert_eq!(runner.silence(), None, "999 chunks wait in the plugin's own memory");
}

#[test]
fn a_source_that_never_waits_is_stopped_by_the_host() {
    let mut runner = Runner::with_script(EVAL);
    let source = "new ReadableStream({ pull(c) {
        if (this.isTold) return c.enqueue(1);
        for (let n = 0; n < 40; n += 1) console.log('x'.repeat(8000));
        this.isTold = true;
        c.enqueue(1);
    } }, { highWaterMark: Infinity, size: () => 0 })";
    runner.call(Target::Export("run"), &arguments(&format!("globalThis.s = {source}"), None));
    while !next(&mut runner).starts_with("Info") {}
    runner.page.request_stop(runner.page.pulse().turn);
    let mut said = next(&mut runner);
    while said.starts_with("Info") || said.starts_with("returned") {
        said = next(&mut runner);
    }
    assert!(said.contains("the turn was stopped by the host"), "{said}");
    assert_eq!(run(&mut runner, "return 1"), "returned 1");
}

#[test]
fn a_source_that_fills_the_memory_fails() {
    let options = Options { memory: 16 << 20, ..Options::default() };
    let mut runner = Runner::with_script_and(&options, EVAL);
    sent(
        &mut runner,
        "new ReadableStream({ pull(c) { for (;;) c.enqueue('x'.repeat(1000)) } }, { highWaterMark: 0 })",
    );
    credit(&mut runner, 1, WINDOW);
    let mut said = next(&mut runner);
    assert!(said.starts_with("data 1 \"xxx"), "{said}");
    // What was enqueued before the memory was full may leave or not: that depends on where it ends.
    while said.starts_with("data 1 ") {
        // As much as one chunk costs.
        credit(&mut runner, 1, 1_003 + plughold_protocol::limits::STREAM_CHUNK as u64);
        said = next(&mut runner);
    }
    // The engine throws `null` where there was no memory for an error either; that depends on where it ends as well.
    let is_named = said.starts_with("end 1 Error{name: \"InternalError\", message: \"out of memory\"");
    assert!(is_named || said == "end 1 null", "{said}");
    assert_eq!(run(&mut runner, "return 1"), "returned 1");
}
