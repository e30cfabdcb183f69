//! A real runner whose engine is taken over.
//!
//! It is the runner library and nothing else, started, locked and spoken to as any other runner. Only the C library's
//! `cbrt` is this program's own: the engine calls it for `Math.cbrt`, and so a plugin can have native code run in the
//! middle of a call, which is what a plugin does that has found a bug in the engine. The numbers that it gives to
//! `Math.cbrt` say which attack is to be tried.
//!
//! `attacking-runner --list` tells the attacks, one a line: number, class and name.
#![allow(clippy::print_stdout, reason = "the list of attacks is told to a test")]

/// The attacks are made of the instructions and the numbers of one kind of machine.
#[cfg(target_arch = "x86_64")]
mod attacks;

plughold_runner::install_arena!();

fn main() {
    plughold_runner::run_if_asked();
    #[cfg(target_arch = "x86_64")]
    for (class, attacks) in attacks::ATTACKS {
        attacks.iter().for_each(|attack| println!("{} {} {}", attack.number, class.word(), attack.name));
    }
}
