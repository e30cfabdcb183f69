//! Every message, with anything in its fields: written by hand from the table of kinds, read and written again.
//!
//! What is generated follows from [`Message::KINDS`], so a message or field that is added later is tried as well.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_protocol::message::Kind;
use plughold_protocol::pack::{Reader, Token, Writer};
use plughold_protocol::record::{CODES, RECORDS};
use plughold_protocol::{Message, value};
use proptest::prelude::*;
use proptest::sample::select;

/// Something encoded.
type Encoded = BoxedStrategy<Vec<u8>>;

/// The shapes of the two enums that carry data.
const TARGETS: [&[&str]; 6] =
    [&["u32"], &["u64"], &["u64", "&'a str"], &["&'a str"], &["u64", "&'a str"], &["&'a str"]];
const OUTCOMES: [&[&str]; 2] = [&["&'a [u8]"], &["&'a [u8]"]];

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    bytes
}

/// What a field of this type may hold, in its one encoding.
fn field(of: &str) -> Encoded {
    if let Some(inner) = within(of, "Option<") {
        return prop_oneof![Just(vec![0xc0]), field(inner)].boxed();
    }
    if let Some(inner) = within(of, "Vec<") {
        return prop::collection::vec(field(inner), 0..20).prop_map(|elements| array(&elements)).boxed();
    }
    match of {
        "bool" => any::<bool>().prop_map(|it| written(|out| out.bool(it))).boxed(),
        "u32" => numbers(u64::from(u32::MAX)).prop_map(|it| written(|out| out.unsigned(it))).boxed(),
        "u64" => numbers(u64::MAX).prop_map(|it| written(|out| out.unsigned(it))).boxed(),
        "&'a str" => prop_oneof![4 => ".{0,20}", 1 => lengths().prop_map(|length| "x".repeat(length))]
            .prop_map(|it| written(|out| out.text(&it)))
            .boxed(),
        "&'a [u8]" => prop_oneof![4 => 0..20usize, 1 => lengths()]
            .prop_map(|it| written(|out| out.bytes(&vec![7; it])))
            .boxed(),
        "Target<'a>" => tagged(&TARGETS),
        "Outcome<'a>" => tagged(&OUTCOMES),
        name => named(name.trim_end_matches("<'a>")),
    }
}

/// Numbers of every length.
fn numbers(most: u64) -> impl Strategy<Value = u64> {
    (any::<u64>(), 0..64u32).prop_map(move |(number, shift)| (number >> shift) & most)
}

/// Lengths around those where a longer head begins.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![30..34usize, 254..258usize]
}

fn within<'t>(of: &'t str, outer: &str) -> Option<&'t str> {
    of.strip_prefix(outer)?.strip_suffix('>')
}

fn named(name: &str) -> Encoded {
    if let Some((_, fields)) = RECORDS.iter().find(|(known, _)| *known == name) {
        return all(fields.iter().map(|(_, of)| field(of)).collect());
    }
    let codes = CODES.iter().find(|(known, _)| *known == name).map(|(_, codes)| *codes);
    let codes = codes.unwrap_or_else(|| panic!("nothing is known of the type {name}"));
    select(codes).prop_map(|(_, number)| written(|out| out.unsigned(number))).boxed()
}

fn tagged(shapes: &[&[&str]]) -> Encoded {
    let shapes = shapes.iter().enumerate().map(|(tag, fields)| {
        let tag = Just(written(|out| out.unsigned(tag as u64))).boxed();
        all([tag].into_iter().chain(fields.iter().map(|of| field(of))).collect())
    });
    proptest::strategy::Union::new(shapes.collect::<Vec<_>>()).boxed()
}

/// An array of one of each.
fn all(elements: Vec<Encoded>) -> Encoded {
    elements.prop_map(|elements| array(&elements)).boxed()
}

fn array(elements: &[Vec<u8>]) -> Vec<u8> {
    written(|out| {
        out.array(elements.len());
        elements.iter().for_each(|element| out.raw(element));
    })
}

fn elements(kind: &Kind) -> Vec<Encoded> {
    let number = Just(written(|out| out.unsigned(kind.number))).boxed();
    [number].into_iter().chain(kind.fields.iter().map(|(_, of)| field(of))).collect()
}

/// A kind of message, and one of it by its elements.
fn messages() -> impl Strategy<Value = (Kind, Vec<Vec<u8>>)> {
    select(Message::KINDS).prop_flat_map(|kind| (Just(kind), elements(&kind)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_message_comes_home((kind, elements) in messages()) {
        let bytes = array(&elements);
        let message = Message::decode(&bytes);
        let message = message.unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        prop_assert_eq!(message.name(), kind.name);
        prop_assert_eq!(message.sender(), kind.sender);
        prop_assert_eq!(message.to_bytes(), bytes);
    }

    #[test]
    fn a_cut_message_is_refused((kind, elements) in messages(), at in any::<prop::sample::Index>()) {
        let bytes = array(&elements);
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(Message::decode(cut).is_err(), "{} cut at {}", kind.name, cut.len());
    }

    #[test]
    fn what_a_later_version_adds_is_stepped_over((kind, mut elements) in messages(), added in any_value()) {
        let bytes = array(&elements);
        elements.push(added);
        let longer = array(&elements);
        prop_assert_eq!(Message::decode(&longer), Message::decode(&bytes), "{}", kind.name);
    }

    #[test]
    fn no_change_of_a_byte_makes_two_forms_of_one_message((_, elements) in messages(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = array(&elements);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(message) = Message::decode(&bytes) {
            let said = message.to_bytes();
            prop_assert_eq!(Message::decode(&said), Ok(message));
        }
    }

    #[test]
    fn tokens_come_home(number in any::<u64>(), shift in 0..64u32, is_negative in any::<bool>(), float in any::<f64>(), text in ".{0,40}", times in select(vec![1usize, 8, 2_000]), kind in any::<i8>()) {
        let text = text.repeat(times);
        let number = (number >> shift) as i64;
        let number = if is_negative { number.wrapping_neg() } else { number };
        let bytes = written(|out| {
            out.integer(number);
            out.float(float);
            out.text(&text);
            out.bytes(text.as_bytes());
            out.extension(kind, text.as_bytes());
            out.array(text.len());
            out.map(text.len());
        });
        let reader = &mut Reader::new(&bytes);
        let expected = match u64::try_from(number) {
            Ok(number) => Token::Unsigned(number),
            Err(_) => Token::Negative(number),
        };
        prop_assert_eq!(reader.token(), Ok(expected));
        let Ok(Token::Float(read)) = reader.token() else { panic!("no float") };
        prop_assert_eq!(read.to_bits(), float.to_bits());
        prop_assert_eq!(reader.token(), Ok(Token::Text(&text)));
        prop_assert_eq!(reader.token(), Ok(Token::Bytes(text.as_bytes())));
        prop_assert_eq!(reader.token(), Ok(Token::Extension(kind, text.as_bytes())));
        prop_assert_eq!(reader.token(), Ok(Token::Array(text.len() as u32)));
        prop_assert_eq!(reader.token(), Ok(Token::Map(text.len() as u32)));
        prop_assert!(reader.is_empty());
    }

    #[test]
    fn moments_come_home(milliseconds in (i64::MIN / 2_000)..(i64::MAX / 2_000)) {
        prop_assert_eq!(value::timestamp_milliseconds(&value::timestamp(milliseconds)), Some(milliseconds));
    }
}

/// A value of any shape, for a field that nobody knows.
fn any_value() -> Encoded {
    let scalar = prop_oneof![field("u64"), field("bool"), field("&'a str"), field("Option<&'a [u8]>")];
    scalar
        .boxed()
        .prop_recursive(3, 12, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(|all| array(&all)))
        .boxed()
}
