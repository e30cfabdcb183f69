//! The way from JavaScript to native code and back: `Math.cbrt`.
//!
//! An order is a row of calls of `Math.cbrt`: `-Infinity`, then as many numbers as [`NUMBERS`] says. The last of
//! these calls does what was ordered and returns what came of it, if the process still lives:
//!
//! | result | meaning |
//! |---|---|
//! | 0 | it worked |
//! | 1 to 4095 | the number of the error with which the kernel refused |
//! | -1 | it worked, but there was nothing to be found |
//! | 4294967296 and above | what was read from the host's memory, above that number |
#![allow(unsafe_code, reason = "a function of the C library is replaced by one of this program")]

use super::ATTACKS;
use super::attack::{Bait, Denied, Loot, Outcome};
use super::system;
use std::cell::RefCell;

/// The number of an order that is no attack: one system call with any number. Its further numbers are the number of the
/// system call, and the value of all its arguments.
const ANY_CALL: u32 = 0;

/// The numbers of an order: attack, host, serial number of the bait, port, address of the secret, address of the target.
const NUMBERS: usize = 6;

/// What is added to a number that was read.
const READ: f64 = 4_294_967_296.0;

thread_local! {
    static ORDER: RefCell<Order> = const { RefCell::new(Order { numbers: [0.0; NUMBERS], count: NUMBERS }) };
}

/// An order, as far as it was heard.
struct Order {
    numbers: [f64; NUMBERS],
    count: usize,
}

impl Order {
    /// Takes one more number. The order is complete when it gives them all.
    fn hear(&mut self, number: f64) -> Option<[f64; NUMBERS]> {
        if number == f64::NEG_INFINITY {
            self.count = 0;
            return None;
        }
        *self.numbers.get_mut(self.count)? = number;
        self.count += 1;
        (self.count == NUMBERS).then_some(self.numbers)
    }
}

/// What the engine calls for `Math.cbrt`.
///
/// The C library's own function of this name is left out of this program by the linker, as it is for every name that a
/// program defines itself.
// SAFETY: it has the type of the function that it stands for, and nothing in this program wants a cube root.
#[unsafe(no_mangle)]
extern "C" fn cbrt(number: f64) -> f64 {
    let order = ORDER.with_borrow_mut(|order| order.hear(number));
    order.map_or(f64::NAN, |numbers| result(carry_out(numbers)))
}

fn carry_out(numbers: [f64; NUMBERS]) -> Outcome {
    let [number, host, serial, port, secret, target] = numbers;
    let number = number as u32;
    if number == ANY_CALL {
        let [_, call, argument, ..] = numbers;
        return system::any(call as i64, argument as i64).map(|_| Loot::Done);
    }
    let attacks = ATTACKS.iter().flat_map(|(_, attacks)| *attacks);
    let mut of_this_number = attacks.filter(|attack| attack.number == number);
    let Some(attack) = of_this_number.next() else { return Err(Denied::Nothing) };
    let (host, serial, port) = (host as i32, serial as u32, port as u16);
    let (secret, target) = (secret as usize, target as usize);
    (attack.attempt)(&Bait { number, host, serial, port, secret, target })
}

fn result(outcome: Outcome) -> f64 {
    match outcome {
        Ok(Loot::Done) => 0.0,
        Ok(Loot::Secret(read)) => READ + f64::from(read),
        Err(Denied::Errno(errno)) => f64::from(errno),
        Err(Denied::Nothing) => -1.0,
    }
}
