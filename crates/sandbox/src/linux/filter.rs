//! Which system calls are left.

use super::program::{Case, Check, Half, Instruction, Rule, Verdict, compile};
use super::{call, failed, trap};
use crate::{Calls, Error, Layer, OnViolation, Plan};

/// The socket.
const SOCKET: u32 = 0;

/// Standard error. It is closed; only a C library that is about to abort still writes to it.
const STANDARD_ERROR: u32 = 2;

/// The kernel's number for the architecture whose system calls these are.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: Option<u32> = Some(0xc000_003e);
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: Option<u32> = Some(0xc000_00b7);
#[cfg(target_arch = "riscv64")]
const ARCHITECTURE: Option<u32> = Some(0xc000_00f3);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
const ARCHITECTURE: Option<u32> = None;

/// Puts the filter on: from now on nothing but the plan's system calls happens in this process.
pub(super) fn install(plan: &Plan) -> Result<(), Error> {
    let missing =
        Error::Missing { layer: Layer::Filter, reason: "no filter is written for this architecture" };
    let program = filter(plan).ok_or(missing)?;
    failed(Layer::Filter, "the filter cannot be put on", call::seccomp(&program))
}

/// The filter of a plan, as a program.
fn filter(plan: &Plan) -> Option<Vec<Instruction>> {
    let otherwise = match plan.on_violation {
        OnViolation::Kill => Verdict::Kill,
        OnViolation::Trap => Verdict::Signal(trap::VIOLATION),
    };
    compile(ARCHITECTURE?, rules(plan), otherwise)
}

fn rules(plan: &Plan) -> Vec<Rule> {
    let aborted = Verdict::Signal(trap::ABORTED);
    let mut rules = vec![
        rule(libc::SYS_read, vec![case(number(0, SOCKET), Verdict::Allow)]),
        rule(
            libc::SYS_write,
            vec![case(number(0, SOCKET), Verdict::Allow), case(number(0, STANDARD_ERROR), aborted)],
        ),
        always(libc::SYS_exit_group, Verdict::Allow),
        // What `abort` and a failed assertion of the C library begin with. Neither happens: the handler of the signal
        // ends the process, and says that this was no violation.
        always(libc::SYS_rt_sigprocmask, aborted),
        rule(libc::SYS_writev, vec![case(number(0, STANDARD_ERROR), aborted)]),
    ];
    match plan.calls {
        Calls::Three => {
            let for_memory = [libc::SYS_mmap, libc::SYS_munmap, libc::SYS_mremap, libc::SYS_brk];
            rules.extend(for_memory.map(|number| always(number, NO_MEMORY)));
        }
        Calls::Seven => {
            rules.push(rule(libc::SYS_mmap, vec![case(plain_memory(), Verdict::Allow)]));
            rules.push(always(libc::SYS_munmap, Verdict::Allow));
            rules.push(rule(libc::SYS_mremap, vec![case(move_at_most(), Verdict::Allow)]));
            rules.push(always(libc::SYS_brk, Verdict::Allow));
        }
    }
    // An allocator that wants to give memory back, or to change it, can do without.
    rules.extend([libc::SYS_mprotect, libc::SYS_madvise].map(|number| always(number, NO_MEMORY)));
    if plan.clock {
        let clocks = [libc::CLOCK_REALTIME, libc::CLOCK_MONOTONIC];
        let cases = clocks.map(|clock| case(number(0, clock.cast_unsigned()), Verdict::Allow));
        rules.push(rule(libc::SYS_clock_gettime, cases.to_vec()));
        rules.push(always(libc::SYS_gettimeofday, Verdict::Allow));
    }
    rules
}

/// A call for memory answers this: there is none but what was mapped before.
const NO_MEMORY: Verdict = Verdict::Answer(libc::ENOMEM as u16);

/// A mapping that is anonymous, private, not executable, and where the kernel wants it.
fn plain_memory() -> Vec<Check> {
    let protection = (libc::PROT_READ | libc::PROT_WRITE).cast_unsigned();
    let harmless = (libc::MAP_NORESERVE | libc::MAP_STACK).cast_unsigned();
    let needed = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS).cast_unsigned();
    [bits(2, !protection, 0), bits(3, !harmless, needed)].concat()
}

/// A mapping that may move, but to no place of the caller's choice.
fn move_at_most() -> Vec<Check> {
    bits(3, !libc::MREMAP_MAYMOVE.cast_unsigned(), 0)
}

/// The argument is exactly this number.
fn number(argument: u32, value: u32) -> Vec<Check> {
    bits(argument, u32::MAX, value)
}

/// The argument has 32 bits, and those of `mask` are `value`.
fn bits(argument: u32, mask: u32, value: u32) -> Vec<Check> {
    vec![
        Check { argument, half: Half::Low, mask, value },
        Check { argument, half: Half::High, mask: u32::MAX, value: 0 },
    ]
}

fn case(checks: Vec<Check>, verdict: Verdict) -> Case {
    Case { checks, verdict }
}

fn rule(number: libc::c_long, cases: Vec<Case>) -> Rule {
    Rule { number: number as u32, cases }
}

fn always(number: libc::c_long, verdict: Verdict) -> Rule {
    rule(number, vec![case(Vec::new(), verdict)])
}

#[cfg(test)]
mod tests {
    use super::super::program::tests::run;
    use super::*;
    use crate::Level;

    /// The call's number, its first four arguments, and what the kernel answers under the plan.
    #[track_caller]
    fn check(plan: &Plan, number: libc::c_long, arguments: [u64; 4], expected: u32) {
        let program = filter(plan).unwrap();
        let [first, second, third, fourth] = arguments;
        let answer =
            run(&program, ARCHITECTURE.unwrap(), number as u32, [first, second, third, fourth, 0, 0]);
        assert_eq!(answer, expected, "{number} {arguments:?}");
    }

    const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
    const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
    const NO_MEMORY: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOMEM as u32;
    const ABORTED: u32 = libc::SECCOMP_RET_TRAP | trap::ABORTED as u32;
    const VIOLATION: u32 = libc::SECCOMP_RET_TRAP | trap::VIOLATION as u32;

    #[test]
    fn three_calls_are_left_and_memory_is_none() {
        let plan = Plan::at(Level::A);
        check(&plan, libc::SYS_read, [0, 1, 2, 3], ALLOW);
        check(&plan, libc::SYS_read, [1, 1, 2, 3], KILL);
        check(&plan, libc::SYS_read, [1 << 32, 1, 2, 3], KILL);
        check(&plan, libc::SYS_write, [0, 1, 2, 3], ALLOW);
        check(&plan, libc::SYS_write, [1, 1, 2, 3], KILL);
        check(&plan, libc::SYS_write, [2, 1, 2, 3], ABORTED);
        check(&plan, libc::SYS_write, [2 | 1 << 40, 1, 2, 3], KILL);
        check(&plan, libc::SYS_writev, [2, 1, 2, 3], ABORTED);
        check(&plan, libc::SYS_writev, [0, 1, 2, 3], KILL);
        check(&plan, libc::SYS_rt_sigprocmask, [0; 4], ABORTED);
        check(&plan, libc::SYS_exit_group, [7, 0, 0, 0], ALLOW);
        check(&plan, libc::SYS_exit, [7, 0, 0, 0], KILL);
        for number in [
            libc::SYS_mmap,
            libc::SYS_munmap,
            libc::SYS_mremap,
            libc::SYS_brk,
            libc::SYS_mprotect,
            libc::SYS_madvise,
        ] {
            check(&plan, number, [0; 4], NO_MEMORY);
        }
        check(&plan, libc::SYS_clock_gettime, [0; 4], KILL);
    }

    #[test]
    fn seven_calls_map_plain_memory_only() {
        let plan = Plan { calls: Calls::Seven, ..Plan::at(Level::A) };
        let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as u64;
        check(&plan, libc::SYS_mmap, [0, 4096, 3, flags], ALLOW);
        check(&plan, libc::SYS_mmap, [0, 4096, 0, flags | libc::MAP_NORESERVE as u64], ALLOW);
        check(&plan, libc::SYS_mmap, [0, 4096, 7, flags], KILL);
        check(&plan, libc::SYS_mmap, [0, 4096, 1 << 32 | 3, flags], KILL);
        check(&plan, libc::SYS_mmap, [0, 4096, 3, flags | libc::MAP_FIXED as u64], KILL);
        check(&plan, libc::SYS_mmap, [0, 4096, 3, libc::MAP_PRIVATE as u64], KILL);
        check(&plan, libc::SYS_mmap, [0, 4096, 3, libc::MAP_SHARED as u64], KILL);
        check(&plan, libc::SYS_mremap, [0, 0, 0, 1], ALLOW);
        check(&plan, libc::SYS_mremap, [0, 0, 0, 3], KILL);
        check(&plan, libc::SYS_munmap, [0; 4], ALLOW);
        check(&plan, libc::SYS_brk, [0; 4], ALLOW);
        check(&plan, libc::SYS_mprotect, [0, 4096, 7, 0], NO_MEMORY);
    }

    #[test]
    fn the_clock_is_read_and_nothing_else_of_it() {
        let plan = Plan { clock: true, ..Plan::at(Level::A) };
        check(&plan, libc::SYS_clock_gettime, [0; 4], ALLOW);
        check(&plan, libc::SYS_clock_gettime, [1, 0, 0, 0], ALLOW);
        check(&plan, libc::SYS_clock_gettime, [2, 0, 0, 0], KILL);
        check(&plan, libc::SYS_clock_gettime, [u64::MAX, 0, 0, 0], KILL);
        check(&plan, libc::SYS_clock_settime, [0; 4], KILL);
    }

    #[test]
    fn every_other_number_of_any_kind_is_killed_or_told() {
        let left = [
            libc::SYS_read,
            libc::SYS_write,
            libc::SYS_exit_group,
            libc::SYS_rt_sigprocmask,
            libc::SYS_mmap,
            libc::SYS_munmap,
            libc::SYS_mremap,
            libc::SYS_brk,
            libc::SYS_mprotect,
            libc::SYS_madvise,
        ];
        let numbers =
            (0..1_024).chain(0x4000_0000..0x4000_0400).chain([u32::MAX, 0x7fff_ffff, 0x8000_0000, 1 << 16]);
        for number in numbers {
            if left.contains(&libc::c_long::from(number)) {
                continue;
            }
            for argument in [0, 1, 3, u64::MAX] {
                let number = libc::c_long::from(number);
                check(&Plan::at(Level::A), number, [argument; 4], KILL);
                let told = Plan { on_violation: OnViolation::Trap, ..Plan::at(Level::A) };
                check(&told, number, [argument; 4], VIOLATION);
            }
        }
    }

    #[test]
    fn numbers_of_another_architecture_are_killed() {
        let program = filter(&Plan::at(Level::A)).unwrap();
        assert_eq!(run(&program, 0x4000_0003, 3, [0; 6]), KILL);
    }
}
