use super::*;
use plughold_protocol::pack::Writer;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut Writer::new(&mut out));
    out
}

#[track_caller]
fn refused(write: impl FnOnce(&mut Writer), expected: &str) {
    let bounds = Bounds { depth: 4, nodes: 20, references: 2 };
    assert_eq!(scan(&written(write), &bounds).unwrap_err().to_string(), expected);
}

fn error_holding(inner: &[u8]) -> Vec<u8> {
    written(|w| {
        w.array(2);
        w.extension(value::ERROR, inner);
        w.nil();
    })
}

#[test]
fn references_are_found_wherever_they_stand() {
    let inner = written(|w| {
        w.map(1);
        w.text("cause");
        w.extension(value::FUNCTION, &7u64.to_le_bytes());
    });
    let bytes = written(|w| {
        w.array(3);
        w.raw(&error_holding(&inner));
        w.extension(value::HOME, &8u64.to_le_bytes());
        w.extension(value::UNDEFINED, &[0]);
    });
    let scan = scan(&bytes, &Bounds::default()).unwrap();
    let found = [Reference { kind: value::FUNCTION, id: 7 }, Reference { kind: value::HOME, id: 8 }];
    assert_eq!(scan.references, found);
}

#[test]
fn arguments_are_located() {
    let bytes = written(|w| {
        w.array(3);
        w.text("one");
        w.array(2);
        w.nil();
        w.nil();
        w.unsigned(3);
    });
    let (_, ranges) = scan_arguments(&bytes, &Bounds::default()).unwrap();
    assert_eq!(ranges, [1..5, 5..8, 8..9]);
    let error = scan_arguments(&[0x80], &Bounds::default()).unwrap_err();
    assert_eq!(error.to_string(), "arguments that are a map; an array is expected");
}

#[test]
fn bombs_are_refused() {
    refused(|w| (0..5).for_each(|_| w.array(1)), "nested deeper than 4");
    refused(|w| w.raw(&[vec![0xdc, 0, 30], vec![0xc0; 30]].concat()), "more than 20 elements");
    refused(
        |w| w.raw(&[0xdd, 0xff, 0xff, 0xff, 0xff]),
        "the value ends early: 1 more bytes expected at offset 5",
    );
    refused(
        |w| w.raw(&[0xdf, 0xff, 0xff, 0xff, 0xff]),
        "the value ends early: 1 more bytes expected at offset 5",
    );
    refused(
        |w| {
            w.array(3);
            (0..3).for_each(|_| w.extension(value::FUNCTION, &[0; 8]));
        },
        "more than 2 references",
    );
    let mut deep = vec![0x91; 1_000_000];
    deep.push(0xc0);
    assert_eq!(scan(&deep, &Bounds::default()), Err(ScanError::Depth(64)));
}

#[test]
fn extension_values_nest_within_the_same_depth() {
    let mut value = written(|w| w.nil());
    for _ in 0..10 {
        value = written(|w| w.extension(value::SET, &value));
    }
    let error = scan(&value, &Bounds { depth: 5, ..Bounds::default() });
    assert_eq!(error, Err(ScanError::Depth(5)));
}

#[test]
fn what_is_not_one_whole_value_is_refused() {
    refused(|w| w.raw(&[0xc0, 0xc0]), "1 bytes after the end of the value");
    refused(|w| w.raw(&[]), "the value ends early: 1 more bytes expected at offset 0");
    refused(|w| w.raw(&[0x81, 1, 1]), "a key that is an integer; a key is a string");
    refused(|w| w.extension(99, &[1]), "an extension value of the unknown kind 99");
    refused(|w| w.extension(value::FUNCTION, &[1]), "an extension value of kind 1 with a payload of 1 bytes");
    refused(|w| w.extension(value::ERROR, &[]), "an extension value of kind 6 with a payload of 0 bytes");
    refused(
        |w| w.extension(value::TYPED_ARRAY, &[value::ARRAY_TYPES.len() as u8]),
        "an extension value of kind 7 with a payload of 1 bytes",
    );
    let short = "an extension value whose payload does not end with its value, at offset 5";
    refused(|w| w.raw(&error_holding(&[0xc0, 0xc0])), short);
    let long = "an extension value whose payload does not end with its value, at offset 4";
    refused(|w| w.raw(&error_holding(&[0x91])), long);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_recurse(bytes in proptest::collection::vec(0u8.., 0..400)) {
        let _ = scan(&bytes, &Bounds::default());
        let _ = scan_arguments(&bytes, &Bounds::default());
    }
}
