//! Hashes, and what is made of them: codes that prove who wrote something, and keys out of passwords.

use super::{argument, bytes_at, check_room};
use crate::engine::function::Native;
use crate::engine::{Js, Value};
use crate::session::Session;
use crate::thrown;
use hmac::{Hmac, KeyInit, Mac};
use plughold_protocol::limits;
use sha2::Digest;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "hash", length: 2, run: hash },
    Native { name: "hmac", length: 3, run: hmac },
    Native { name: "pbkdf2", length: 5, run: pbkdf2 },
    Native { name: "hkdf", length: 5, run: hkdf },
    Native { name: "scrypt", length: 6, run: scrypt },
    Native { name: "equalBytes", length: 2, run: equal },
];

/// Rounds of one key: some ten seconds of work, in which nothing but the end of the process interrupts it.
const ROUNDS: f64 = 20_000_000.0;

/// Bytes of one key.
const KEY: f64 = 1_048_576.0;

/// The memory of scrypt, in bytes, as Node.js bounds it.
const SCRYPT: u64 = 32 << 20;

/// Bytes that scrypt fills with all its lanes together: some seconds of work.
const WORK: u64 = 1 << 30;

/// Gives `$body` with the algorithm of this name as the type `$Hash`; none for a name that is not known.
macro_rules! with_hash {
    ($name:expr, $Hash:ident => $body:expr) => {
        match $name {
            "md5" => Some({
                type $Hash = md5::Md5;
                $body
            }),
            "sha1" => Some({
                type $Hash = sha1::Sha1;
                $body
            }),
            "sha224" => Some({
                type $Hash = sha2::Sha224;
                $body
            }),
            "sha256" => Some({
                type $Hash = sha2::Sha256;
                $body
            }),
            "sha384" => Some({
                type $Hash = sha2::Sha384;
                $body
            }),
            "sha512" => Some({
                type $Hash = sha2::Sha512;
                $body
            }),
            "sha512-256" => Some({
                type $Hash = sha2::Sha512_256;
                $body
            }),
            _ => None,
        }
    };
}

fn name_at(arguments: &[Value], at: usize) -> String {
    argument(arguments, at).as_string(limits::NAME).unwrap_or_default()
}

/// A whole number from 0 to `most`.
fn number_at(arguments: &[Value], at: usize, most: f64) -> Js<u32> {
    match argument(arguments, at).as_number() {
        Some(number) if (0.0..=most).contains(&number) => Ok(number as u32),
        _ => Err(thrown::range_error(&format!("expected a number from 0 to {most}"))),
    }
}

/// Bytes, or null for an algorithm that is not known.
fn answer(made: Option<Vec<u8>>) -> Js {
    made.map_or(Ok(Value::NULL), |bytes| Value::bytes(&bytes))
}

/// `hash(algorithm, bytes)`: the hash, or null for an algorithm that is not known.
fn hash(_: &Session, arguments: &[Value]) -> Js {
    let name = name_at(arguments, 0);
    let made = argument(arguments, 1)
        .with_bytes(|bytes| with_hash!(name.as_str(), Hash => Hash::digest(bytes).to_vec()))?;
    answer(made)
}

/// `hmac(algorithm, key, bytes)`: the code, or null for an algorithm that is not known.
fn hmac(_: &Session, arguments: &[Value]) -> Js {
    let (name, key) = (name_at(arguments, 0), bytes_at(arguments, 1)?);
    let made = argument(arguments, 2).with_bytes(|bytes| {
        with_hash!(name.as_str(), Hash => {
            // A key may have any length.
            let mac = <Hmac<Hash> as KeyInit>::new_from_slice(&key).ok();
            mac.map(|mac| mac.chain_update(bytes).finalize().into_bytes().to_vec()).unwrap_or_default()
        })
    })?;
    answer(made)
}

/// `pbkdf2(algorithm, password, salt, rounds, length)`: a key, or null for an algorithm that is not known.
fn pbkdf2(_: &Session, arguments: &[Value]) -> Js {
    let (name, password, salt) = (name_at(arguments, 0), bytes_at(arguments, 1)?, bytes_at(arguments, 2)?);
    let (rounds, length) = (number_at(arguments, 3, ROUNDS)?, number_at(arguments, 4, KEY)?);
    let blocks = f64::from(length / 16 + 1);
    if ROUNDS < f64::from(rounds) * blocks {
        return Err(thrown::range_error(&format!(
            "a key of {length} bytes in {rounds} rounds takes too long"
        )));
    }
    let mut key = zeros(length)?;
    answer(with_hash!(name.as_str(), Hash => {
        pbkdf2::pbkdf2_hmac::<Hash>(&password, &salt, rounds, &mut key);
        key
    }))
}

/// `hkdf(algorithm, key, salt, info, length)`: a key, or null for an algorithm that is not known or too short for it.
fn hkdf(_: &Session, arguments: &[Value]) -> Js {
    let (name, secret, salt) = (name_at(arguments, 0), bytes_at(arguments, 1)?, bytes_at(arguments, 2)?);
    let (info, length) = (bytes_at(arguments, 3)?, number_at(arguments, 4, KEY)?);
    let mut key = zeros(length)?;
    let made = with_hash!(name.as_str(), Hash => {
        hkdf::Hkdf::<Hash>::new(Some(&salt), &secret).expand(&info, &mut key).is_ok()
    });
    answer(made.filter(|is_made| *is_made).map(|_| key))
}

/// `scrypt(password, salt, cost, block, lanes, length)`: a key, or null if the numbers do not fit together.
fn scrypt(_: &Session, arguments: &[Value]) -> Js {
    let (password, salt) = (bytes_at(arguments, 0)?, bytes_at(arguments, 1)?);
    let (cost, block) = (number_at(arguments, 2, KEY)?, number_at(arguments, 3, KEY)?);
    let (lanes, length) = (number_at(arguments, 4, KEY)?, number_at(arguments, 5, KEY)?);
    if !cost.is_power_of_two() || cost < 2 {
        return Ok(Value::NULL);
    }
    // One lane works at a time, and what comes out of all of them is kept.
    let (cost_64, block_64, lanes_64) = (u64::from(cost), u64::from(block), u64::from(lanes));
    let memory = 128 * block_64.saturating_mul(cost_64.saturating_add(lanes_64));
    if SCRYPT < memory {
        return Err(thrown::range_error(&format!("scrypt in more than {SCRYPT} bytes of memory")));
    }
    if WORK < 128 * cost_64.saturating_mul(block_64).saturating_mul(lanes_64) {
        return Err(thrown::range_error(&format!("scrypt over more than {WORK} bytes takes too long")));
    }
    check_room(memory as usize)?;
    let Ok(parameters) = scrypt::Params::new(cost.ilog2() as u8, block, lanes) else {
        return Ok(Value::NULL);
    };
    let mut key = zeros(length)?;
    let made = scrypt::scrypt(&password, &salt, &parameters, &mut key);
    answer(made.is_ok().then_some(key))
}

fn zeros(length: u32) -> Js<Vec<u8>> {
    check_room(length as usize)?;
    Ok(vec![0; length as usize])
}

/// `equalBytes(a, b)`: whether two lists of one length are equal, in a time that does not tell where they differ.
fn equal(_: &Session, arguments: &[Value]) -> Js {
    let (first, second) = (bytes_at(arguments, 0)?, bytes_at(arguments, 1)?);
    let pairs = first.iter().zip(&second);
    let difference =
        pairs.fold(0, |difference, (first, second)| std::hint::black_box(difference | first ^ second));
    Ok(Value::bool(first.len() == second.len() && difference == 0))
}
