//! A filter of system calls as a program for the kernel, made from rules. Pure.
//!
//! The kernel runs it at each system call, on a description of the call: its number, the architecture whose numbers
//! these are, and six arguments of 64 bits. It is one of its old, small programs: loads, jumps forward, an answer.

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It happens.
    Allow,
    /// It does not happen, and answers this error.
    Answer(u16),
    /// It does not happen, and the process gets SIGSYS with this number.
    Signal(u16),
    /// It does not happen, and the process is dead.
    Kill,
}

/// The part of an argument that a check looks at. Both halves of what is a number of 32 bits for the kernel are
/// checked: what it does not look at is of no use to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Low,
    High,
}

/// A condition on an argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check {
    /// Which argument; the first is 0.
    pub(super) argument: u32,
    /// Which half of it.
    pub(super) half: Half,
    /// The bits that count.
    pub(super) mask: u32,
    /// What they must be.
    pub(super) value: u32,
}

/// What becomes of a call whose arguments meet all conditions.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) checks: Vec<Check>,
    pub(super) verdict: Verdict,
}

/// What becomes of the calls with one number: the first case that fits decides.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) number: u32,
    pub(super) cases: Vec<Case>,
}

/// One instruction, as the kernel takes it.
pub(super) type Instruction = libc::sock_filter;

/// Where the description of a call has its number.
const NUMBER: u32 = 0;

/// Where it has the architecture.
const ARCHITECTURE: u32 = 4;

/// Where it has the first argument.
const ARGUMENTS: u32 = 16;

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
const JUMP_IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const JUMP_IF_MORE: u32 = libc::BPF_JMP | libc::BPF_JGT | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// The program for these rules. A call that no rule and no case fits gets `otherwise`; one with the numbers of another
/// architecture is killed.
///
/// None if a jump in it would be longer than the kernel allows, which rules written by hand never need.
pub(super) fn compile(
    architecture: u32,
    mut rules: Vec<Rule>,
    otherwise: Verdict,
) -> Option<Vec<Instruction>> {
    rules.sort_by_key(|rule| rule.number);
    let mut program = vec![
        instruction(LOAD, ARCHITECTURE),
        jump(JUMP_IF_EQUAL, architecture, 1, 0),
        answer(Verdict::Kill),
        instruction(LOAD, NUMBER),
    ];
    program.extend(find(&rules, otherwise)?);
    Some(program)
}

/// Finds the rule of a number by halving, so that most calls meet few instructions: the kernel runs every number
/// through a new filter once.
fn find(rules: &[Rule], otherwise: Verdict) -> Option<Vec<Instruction>> {
    match rules {
        [] => Some(vec![answer(otherwise)]),
        [rule] => {
            let mut program = vec![jump(JUMP_IF_EQUAL, rule.number, 1, 0), answer(otherwise)];
            for case in &rule.cases {
                program.extend(body(case)?);
            }
            program.push(answer(otherwise));
            Some(program)
        }
        rules => {
            let (lower, upper) = rules.split_at(rules.len() / 2);
            let lower_part = find(lower, otherwise)?;
            let distance = u8::try_from(lower_part.len()).ok()?;
            let mut program = vec![jump(JUMP_IF_MORE, lower.last()?.number, distance, 0)];
            program.extend(lower_part);
            program.extend(find(upper, otherwise)?);
            Some(program)
        }
    }
}

/// The checks of a case and its verdict; a check that fails goes to what stands behind.
fn body(case: &Case) -> Option<Vec<Instruction>> {
    let mut program = Vec::new();
    let mut exits = Vec::new();
    for check in &case.checks {
        let half = match check.half {
            Half::Low => 0,
            Half::High => 4,
        };
        program.push(instruction(LOAD, ARGUMENTS + 8 * check.argument + half));
        if check.mask != u32::MAX {
            program.push(instruction(AND, check.mask));
        }
        exits.push(program.len());
        program.push(jump(JUMP_IF_EQUAL, check.value, 0, 0));
    }
    program.push(answer(case.verdict));
    let end = program.len();
    for exit in exits {
        program.get_mut(exit)?.jf = u8::try_from(end - exit - 1).ok()?;
    }
    Some(program)
}

fn answer(verdict: Verdict) -> Instruction {
    let value = match verdict {
        Verdict::Allow => libc::SECCOMP_RET_ALLOW,
        Verdict::Answer(error) => libc::SECCOMP_RET_ERRNO | u32::from(error),
        Verdict::Signal(data) => libc::SECCOMP_RET_TRAP | u32::from(data),
        Verdict::Kill => libc::SECCOMP_RET_KILL_PROCESS,
    };
    instruction(RETURN, value)
}

fn instruction(code: u32, value: u32) -> Instruction {
    jump(code, value, 0, 0)
}

fn jump(code: u32, value: u32, then: u8, otherwise: u8) -> Instruction {
    Instruction { code: code as u16, jt: then, jf: otherwise, k: value }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What the kernel would answer, by running the program as it does.
    pub(in crate::system) fn run(
        program: &[Instruction],
        architecture: u32,
        number: u32,
        arguments: [u64; 6],
    ) -> u32 {
        let word = |at: u32| match at {
            NUMBER => number,
            ARCHITECTURE => architecture,
            at => {
                let at = at - ARGUMENTS;
                let argument = arguments[(at / 8) as usize];
                (argument >> (8 * (at % 8))) as u32
            }
        };
        let (mut at, mut held) = (0, 0);
        loop {
            let now = program[at];
            at += 1;
            match u32::from(now.code) {
                LOAD => held = word(now.k),
                AND => held &= now.k,
                JUMP_IF_EQUAL => at += usize::from(if held == now.k { now.jt } else { now.jf }),
                JUMP_IF_MORE => at += usize::from(if now.k < held { now.jt } else { now.jf }),
                RETURN => return now.k,
                code => panic!("no such instruction: {code}"),
            }
        }
    }

    #[test]
    fn rules_are_found_by_their_numbers_and_cases_by_their_checks() {
        let check = |value| Check { argument: 1, half: Half::Low, mask: 0xff, value };
        let high = Check { argument: 1, half: Half::High, mask: u32::MAX, value: 0 };
        let case = |checks: &[Check], verdict| Case { checks: checks.to_vec(), verdict };
        let rules: Vec<Rule> = [40, 3, 7, 90, 12]
            .into_iter()
            .map(|number| Rule {
                number,
                cases: vec![
                    case(&[check(number), high], Verdict::Allow),
                    case(&[check(1)], Verdict::Answer(number as u16)),
                ],
            })
            .collect();
        let program = compile(7, rules, Verdict::Kill).unwrap();
        let run = |number: u32, argument: u64| run(&program, 7, number, [0, argument, 0, 0, 0, 0]);
        for number in 0..200 {
            let is_known = [3, 7, 12, 40, 90].contains(&number);
            let expected = |answer| if is_known { answer } else { libc::SECCOMP_RET_KILL_PROCESS };
            assert_eq!(run(number, u64::from(number)), expected(libc::SECCOMP_RET_ALLOW), "{number}");
            assert_eq!(run(number, 0xff00 | u64::from(number)), expected(libc::SECCOMP_RET_ALLOW));
            assert_eq!(run(number, 1), expected(libc::SECCOMP_RET_ERRNO | number));
            assert_eq!(run(number, 1 << 32 | u64::from(number)), libc::SECCOMP_RET_KILL_PROCESS);
            assert_eq!(run(number, 255), libc::SECCOMP_RET_KILL_PROCESS);
        }
        let other = super::tests::run(&program, 8, 3, [0, 3, 0, 0, 0, 0]);
        assert_eq!(other, libc::SECCOMP_RET_KILL_PROCESS, "another architecture has other numbers");
    }

    #[test]
    fn no_rule_allows_nothing() {
        let program = compile(7, Vec::new(), Verdict::Signal(2)).unwrap();
        assert_eq!(run(&program, 7, 0, [0; 6]), libc::SECCOMP_RET_TRAP | 2);
    }
}
