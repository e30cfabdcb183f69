//! Runners that break the rules of streams.

use crate::{run, story};
use std::time::Duration;

/// The runner is ended with these words, and everything that waits for it learns it.
#[track_caller]
fn breaks(behaviour: &str, words: &str) {
    let told = run(|| story(behaviour, Duration::from_secs(10)));
    let gone = format!("call: plugin {behaviour} is gone: END");
    let expected = format!(
        "failed: it was killed: it broke the protocol: {words}\n\
         {gone}\n{gone}\n{gone}\n\
         later call: plugin {behaviour} is not active: it has failed\n\
         event: started, generation 1\n\
         event: exited, generation 1, END\n\
         event: failed, END\n"
    );
    assert_eq!(told, expected);
}

#[test]
fn data_keeps_to_its_stream_and_its_credit() {
    breaks("stream-without-credit", "StreamData for stream 1 beyond its credit");
    breaks("stream-of-nothing", "StreamData for stream 7, which is not open");
    breaks("stream-after-its-end", "StreamData for stream 1, which is not open");
}

#[test]
fn a_stream_begins_and_ends_once() {
    breaks("stream-ends-twice", "StreamEnd for stream 1, which is not open");
    breaks("stream-introduced-twice", "stream 1 is introduced a second time");
    breaks("streams-too-many", "more than 1024 open streams");
}

#[test]
fn an_error_is_a_value() {
    let words = "a value that is refused: the reserved byte 0xc1 at offset 0";
    breaks("stream-with-an-error-that-is-none", words);
}

#[test]
fn nobody_reads_what_was_never_sent() {
    breaks("stream-stopped-that-never-was", "StreamStop for stream 9, which was never opened");
    breaks("stream-credit-for-nothing", "Credit for stream 9, which was never opened");
}
