//! Maps against a decoder that is as simple as can be, and everything that may be wrong with one.

use super::*;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode(text: &mut String, number: i64) {
    let mut bits = number.unsigned_abs() << 1 | u64::from(number < 0);
    loop {
        let digit = bits & 31;
        bits >>= 5;
        text.push(char::from(DIGITS[(digit | if bits == 0 { 0 } else { 32 }) as usize]));
        if bits == 0 {
            return;
        }
    }
}

/// A stream of numbers that is the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as i64
    }
}

/// Line, column, and source, line and column of the original.
type Row = (i64, i64, Option<(i64, i64, i64)>);

/// Rows in the order of the code, and their mappings.
fn random(numbers: &mut Numbers) -> (Vec<Row>, String) {
    let (mut rows, mut text) = (Vec::new(), String::new());
    let (mut source, mut line, mut column, mut name) = (0, 0, 0, 0);
    for row in 0..numbers.below(30) {
        let mut last = 0;
        for segment in 0..numbers.below(if row % 7 == 0 { 800 } else { 6 }) {
            text.push_str(if segment == 0 { "" } else { "," });
            let start = last + numbers.below(40) + i64::from(numbers.below(50) == 0) * 100_000;
            encode(&mut text, start - last);
            last = start;
            let original = (numbers.below(5) != 0).then(|| {
                let (to_source, to_line, to_column) =
                    (numbers.below(4), numbers.below(5_000), numbers.below(90));
                encode(&mut text, to_source - source);
                encode(&mut text, to_line - line);
                encode(&mut text, to_column - column);
                (source, line, column) = (to_source, to_line, to_column);
                if numbers.below(3) == 0 {
                    let to_name = numbers.below(100);
                    encode(&mut text, to_name - name);
                    name = to_name;
                }
                (source, line, column)
            });
            rows.push((row, start, original));
        }
        text.push(';');
    }
    (rows, text)
}

fn parse(mappings: &str) -> Option<Map> {
    let map = format!(r#"{{"version":3,"sources":["0","1","2"],"names":[],"mappings":"{mappings}"}}"#);
    Map::parse(map.as_bytes(), "main.js.map")
}

#[test]
fn looking_up_is_what_a_simple_decoder_finds() {
    let mut numbers = Numbers(88_172_645_463_325_252);
    let mut found = 0;
    for _ in 0..150 {
        let (rows, text) = random(&mut numbers);
        let mut map = parse(&text).unwrap();
        for _ in 0..200 {
            let (line, column) = match rows.get(numbers.below(rows.len().max(1) as i64) as usize) {
                Some((line, column, _)) => (*line, (*column + numbers.below(5) - 2).max(0)),
                None => (numbers.below(3), numbers.below(3)),
            };
            let naive = rows.iter().rev().find(|row| row.0 == line && row.1 <= column);
            let naive = naive.and_then(|row| row.2).filter(|original| original.0 < 3);
            let expected = naive.map(|(source, line, column)| Spot {
                file: source.to_string(),
                line: line as u32 + 1,
                column: column as u32 + 1,
            });
            found += u32::from(expected.is_some());
            assert_eq!(
                map.look_up(line as u32 + 1, column as u32 + 1),
                expected,
                "{line}:{column} in {text}"
            );
        }
    }
    assert!(10_000 < found, "{found}");
}

#[test]
fn a_map_that_is_wrong_is_none() {
    for mappings in ["!", "AAA", "D", "AADA", "CAAA,DAAA", "gggggggggggggA", "AAAA\\u0041", "AAAA\u{e4}"] {
        assert!(parse(mappings).is_none(), "{mappings}");
    }
    for text in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"mappings":"AAAA"}"#,
        r#"{"sources":["a"]}"#,
        r#"{"sources":["a"],"mappings":7}"#,
        r#"{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":{"sources":["a"],"mappings":"AAAA"}}]}"#,
        r#"{"sources":["a"],"mappings":"AAAA"#,
    ] {
        assert!(Map::parse(text.as_bytes(), "main.js.map").is_none(), "{text}");
    }
}

#[test]
fn no_text_is_too_wrong_to_be_read() {
    let good = r#"{"version":3,"sourceRoot":"..","sources":["a\u0061.ts",null,"webpack:///b.ts?1"],"mappings":"AASA,CCUA;ADUA,gBAAAA;;+BACA"}"#;
    let pieces = [
        "\"", "{", "[", "\\", "\\u", ":", ",", "]", "}", "gggggggg", "/////D", "D", ";", "../", "://", "\0",
        "\u{e4}",
    ];
    let mut numbers = Numbers(1_181_783_497_276_652_981);
    let (mut read, mut found) = (0, 0);
    for _ in 0..20_000 {
        let mut text = good.to_owned();
        for _ in 0..=numbers.below(3) {
            let from = numbers.below(text.len() as i64) as usize;
            let to = (from + numbers.below(6) as usize).min(text.len());
            if text.is_char_boundary(from) && text.is_char_boundary(to) {
                text.replace_range(from..to, pieces[numbers.below(pieces.len() as i64) as usize]);
            }
        }
        let Some(mut map) = Map::parse(text.as_bytes(), "dist/main.js.map") else { continue };
        read += 1;
        for (line, column) in [(1, 1), (1, 2), (2, 1), (2, 1_000), (4, 31), (0, 0), (u32::MAX, u32::MAX)] {
            if let Some(spot) = map.look_up(line, column) {
                found += 1;
                assert!(!spot.file.is_empty() && spot.file.len() <= limits::NAME && 0 < spot.line, "{text}");
                assert!(!spot.file.split('/').any(|part| matches!(part, "" | "." | "..")), "{}", spot.file);
            }
        }
    }
    assert!(1_000 < read && 1_000 < found, "{read} {found}");
}

#[test]
fn what_a_map_does_not_say_stays_as_it_is() {
    let check = |map: &str, expected: Option<(&str, u32, u32)>| {
        let mut map = Map::parse(map.as_bytes(), "dist/main.js.map").unwrap();
        let found = map.look_up(1, 1);
        let found = found.as_ref().map(|spot| (spot.file.as_str(), spot.line, spot.column));
        assert_eq!(found, expected);
    };
    check(r#"{"sources":["a.ts"],"mappings":"AAAA"}"#, Some(("dist/a.ts", 1, 1)));
    check(r#"{"sourceRoot":"../src","sources":["a.ts"],"mappings":"AAEC"}"#, Some(("src/a.ts", 3, 2)));
    check(")]}'\n{\"sources\":[\"a.ts\"],\"mappings\":\"AAAA\"}", Some(("dist/a.ts", 1, 1)));
    check(r#"{"sources":["\u0061.ts"],"mappings":"AAAA"}"#, Some(("dist/a.ts", 1, 1)));
    check(r#"{"sources":["a.ts"],"mappings":"ACAA"}"#, None);
    check(r#"{"sources":[null],"mappings":"AAAA"}"#, None);
    check(r#"{"sources":[],"mappings":"AAAA"}"#, None);
    check(r#"{"sources":{},"mappings":"AAAA"}"#, None);
    check(r#"{"sources":[7],"mappings":"AAAA"}"#, None);
    check(r#"{"sources":["a.ts"],"mappings":"A"}"#, None);
    check(r#"{"sources":["a.ts"],"mappings":"CAAA"}"#, None);
    check(r#"{"sources":["a.ts"],"mappings":";AAAA"}"#, None);
    check(r#"{"sources":["a.ts"],"mappings":""}"#, None);
}

#[test]
fn each_of_many_sources_is_found() {
    let mut numbers = Numbers(2_463_534_242);
    let sources: Vec<String> =
        (0..5_000).map(|number| format!("{number}{}", "/x".repeat(numbers.below(20) as usize))).collect();
    let quoted: Vec<String> = sources.iter().map(|source| format!("\"{source}\"")).collect();
    // A line of the code for each source, and one for a source that is not there.
    let mappings = format!("AAAA{}", ";ACAA".repeat(sources.len()));
    let map = format!(r#"{{"sources":[ {} ],"mappings":"{mappings}"}}"#, quoted.join(" , "));
    let mut map = Map::parse(map.as_bytes(), "main.js.map").unwrap();
    for number in 0..=sources.len() {
        let found = map.look_up(number as u32 + 1, 1).map(|spot| spot.file);
        assert_eq!(found, sources.get(number).cloned(), "{number}");
    }
}

#[test]
fn a_stack_is_rewritten_where_there_is_a_map() {
    let original = |spot: &Spot| {
        (spot.file == "main.js").then(|| Spot {
            file: "src/a (b).ts".to_owned(),
            line: spot.line * 10,
            column: spot.column * 10,
        })
    };
    let check = |stack: &str, expected: &str| assert_eq!(rewrite(stack, original), expected);
    check(
        "    at f (main.js:1:2)\n    at map (native)\n    at main.js:3:4\n    at g (lib/a:b (1).js:7:9)",
        "    at f (src/a (b).ts:10:20)\n    at map (native)\n    at src/a (b).ts:30:40\n    at g (lib/a:b (1).js:7:9)",
    );
    for same in [
        "",
        "\n",
        "    at f (missing)",
        "main.js:1:2",
        "    at f (main.js:1)",
        "    at f (main.js:1:99999999999)",
        "    at )",
        "Error",
    ] {
        check(same, same);
    }
    let mut long = String::new();
    for _ in 0..5_000 {
        writeln!(long, "    at f (main.js:1:2)").unwrap();
    }
    assert!(rewrite(&long, original).len() <= limits::ERROR_TEXT);
}

#[test]
fn only_files_of_the_package_are_asked_for() {
    let check =
        |url: &str, expected: Option<&str>| assert_eq!(specifier_of(url).as_deref(), expected, "{url}");
    check("main.js.map", Some("./main.js.map"));
    check("./main.js.map?1", Some("./main.js.map"));
    check("../maps/main.js.map", Some("../maps/main.js.map"));
    check("/maps/main.js.map", Some("plughold:///maps/main.js.map"));
    check("//example.com/main.js.map", None);
    check("https://example.com/main.js.map", None);
    check(&"a".repeat(limits::NAME), None);
}
