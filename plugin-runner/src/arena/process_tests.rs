//! Tests of what a process has only once: each runs in a process of its own, with one thread.
#![allow(
    unsafe_code,
    reason = "tests activate the arena and call the allocators as Rust and the engine would"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;

use rquickjs::allocator::Allocator;
use rquickjs::{Context, Runtime};

use super::*;

/// Set in the process that is to run a test's body.
const BODY: &str = "ARENA_TEST_BODY";

/// The exit code of [`end`].
const ENDED: i32 = 77;

const ARENA: usize = 16 << 20;

/// In a full arena the last pages may be too few for another span.
const LARGEST_SPAN: usize = 64 << 10;

/// Starts this test program again for the test `name` alone, where `body` is run; it must end with `code`.
///
/// With `--test-threads=1` the test harness runs a test in its main thread and starts no other.
fn in_own_process(name: &str, code: i32, body: impl FnOnce()) {
    if std::env::var_os(BODY).is_some() {
        return body();
    }
    let (_crate, path) = module_path!().split_once("::").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([&format!("{path}::{name}"), "--exact", "--test-threads=1", "--nocapture"])
        .env(BODY, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("running 1 test"), "no test of that name: {text}");
}

fn activate_arena() {
    // SAFETY: the process of a test has one thread.
    unsafe { activate(ARENA) }.unwrap();
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).unwrap()
}

/// A hook as the runner has one.
fn end() -> ! {
    // SAFETY: the process may end at any time.
    unsafe { libc::_exit(ENDED) }
}

/// Takes blocks of `size` bytes for the engine until it gets no more.
fn exhaust(size: usize) -> Vec<*mut u8> {
    let blocks: Vec<_> =
        std::iter::repeat_with(|| EngineAlloc.alloc(size)).take_while(|block| !block.is_null()).collect();
    assert!(engine_exhausted());
    assert!(engine_used() <= engine_limit() && engine_limit() < engine_used() + 2 * size.max(LARGEST_SPAN));
    blocks
}

fn free(blocks: Vec<*mut u8>) {
    for block in blocks {
        // SAFETY: each block is the engine's and is freed once.
        unsafe { EngineAlloc.dealloc(block) };
    }
}

#[test]
fn sizes_out_of_bounds_are_refused() {
    in_own_process("sizes_out_of_bounds_are_refused", 0, || {
        for asked in [0, LEAST_ARENA - 1, MOST_ARENA + 1, usize::MAX] {
            // SAFETY: the process of a test has one thread.
            let error = unsafe { activate(asked) }.unwrap_err();
            assert!(matches!(error, ActivateError::Size { .. }));
            let text = format!("expected an arena of 4194304 to 4294967296 bytes, found {asked} bytes");
            assert_eq!(error.to_string(), text);
            assert!(!is_active());
        }
        // SAFETY: as above.
        assert!(unsafe { activate(MOST_ARENA) }.is_ok());
        // SAFETY: as above.
        let error = unsafe { activate(LEAST_ARENA) }.unwrap_err();
        assert!(matches!(error, ActivateError::AlreadyActive));
    });
}

#[test]
fn the_engine_has_a_budget_with_and_without_an_arena() {
    in_own_process("the_engine_has_a_budget_with_and_without_an_arena", 0, || {
        for arena in [false, true] {
            if arena {
                activate_arena();
                assert!(engine_limit() < arena_capacity());
            }
            set_engine_limit(1 << 20);
            assert_eq!((engine_limit(), engine_used(), engine_exhausted()), (1 << 20, 0, false));
            for size in [100, 5000, 100_000] {
                let mut blocks = exhaust(size);
                assert!(is_engine_full());
                clear_engine_exhausted();
                let last = blocks.pop().unwrap();
                // SAFETY: the blocks are the engine's; a result that is not null replaces its block.
                unsafe {
                    assert!(EngineAlloc.realloc(last, 2 << 20).is_null());
                    assert!(!engine_exhausted(), "no budget of 1 MiB could serve this");
                    assert!(EngineAlloc.realloc(last, 1 << 20).is_null());
                    assert!(engine_exhausted());
                    set_engine_limit(0);
                    let smaller = EngineAlloc.realloc(last, 10);
                    assert!(!smaller.is_null(), "shrinking is always possible");
                    blocks.push(smaller);
                }
                set_engine_limit(1 << 20);
                free(blocks);
                assert_eq!(engine_used(), 0);
                clear_engine_exhausted();
            }
            assert!(EngineAlloc.calloc(usize::MAX, 2).is_null());
            assert!(!engine_exhausted());
        }
    });
}

#[test]
fn the_engine_leaves_memory_for_rust() {
    in_own_process("the_engine_leaves_memory_for_rust", 0, || {
        activate_arena();
        let limit = engine_limit();
        set_engine_limit(usize::MAX);
        assert_eq!(engine_limit(), limit, "never into the reserve");
        let blocks = exhaust(4000);
        // SAFETY: the layout is not empty.
        assert!(!unsafe { ArenaAlloc.alloc_zeroed(layout(1 << 20)) }.is_null());
        let (used, peak) = (arena_used(), arena_peak());
        assert!(has_room(1000) && !has_room(1 << 20), "the last of the memory is not for long messages");
        assert_eq!((arena_used(), arena_peak()), (used, peak), "asking takes nothing");
        free(blocks);
        assert!(has_room(1 << 20) && !has_room(arena_capacity()) && !has_room(usize::MAX));
        assert_eq!(engine_used(), 0);
    });
}

#[test]
fn blocks_from_before_the_arena_move_in_or_are_leaked() {
    in_own_process("blocks_from_before_the_arena_move_in_or_are_leaked", 0, || {
        // SAFETY: each block is used with the layout that it has, and not after it was given up.
        unsafe {
            let (kept, leaked) = (ArenaAlloc.alloc(layout(100)), ArenaAlloc.alloc(layout(100)));
            kept.write_bytes(7, 100);
            activate_arena();
            let used = arena_used();
            let moved = ArenaAlloc.realloc(kept, layout(100), 200);
            assert_eq!(arena_used(), used + 224);
            assert!(std::slice::from_raw_parts(moved, 100).iter().all(|&byte| byte == 7));
            ArenaAlloc.dealloc(leaked, layout(100));
            ArenaAlloc.dealloc(moved, layout(200));
            assert_eq!(arena_used(), used);
            assert!(used + 224 <= arena_peak());
            assert!(ArenaAlloc.alloc(layout(2 * ARENA)).is_null(), "no hook is set");
            // The leaked block and the left one are still the system's.
            System.dealloc(leaked, layout(100));
            System.dealloc(kept, layout(100));
        }
    });
}

#[test]
fn rust_without_memory_ends_in_the_hook() {
    in_own_process("rust_without_memory_ends_in_the_hook", ENDED, || {
        set_exhausted_hook(end);
        activate_arena();
        // SAFETY: the layout is not empty.
        unsafe { ArenaAlloc.alloc(layout(2 * ARENA)) };
    });
}

#[test]
fn scripts_that_fill_the_memory_fail_and_leave_an_engine_that_works() {
    in_own_process("scripts_that_fill_the_memory_fail_and_leave_an_engine_that_works", 0, || {
        activate_arena();
        {
            let runtime = Runtime::new_with_alloc(EngineAlloc).unwrap();
            let context = Context::full(&runtime).unwrap();
            for script in [
                "const a = []; for (;;) a.push(new Uint8Array(1e6))",
                "const a = []; for (;;) a.push({ x: [1] })",
                "let s = 'x'; for (;;) s = (s + s).split('').join('')",
                "const m = new Map(); for (let i = 0; ; i++) m.set(i, 'value ' + i)",
            ] {
                let result = context.with(|cx| cx.eval::<(), _>(format!("(() => {{ {script} }})()")));
                assert!(result.is_err(), "{script}");
                assert!(engine_exhausted(), "{script}");
                context.with(|cx| drop(cx.catch()));
                runtime.run_gc();
                clear_engine_exhausted();
                assert_eq!(context.with(|cx| cx.eval::<i32, _>("[1, 2, 3].length")).unwrap(), 3);
                assert!(!engine_exhausted() && engine_used() < 1 << 20, "{script}");
            }
        }
        assert_eq!(engine_used(), 0, "the engine gives everything back");
    });
}
