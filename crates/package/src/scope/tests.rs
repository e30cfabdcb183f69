use super::*;

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What is wanted of a permission, as the application says it.
fn wants(text: &str) -> Result<Scope, ScopeError> {
    let (name, of) = text.split_once(':').unwrap();
    Scope::wanted(name, of)
}

#[test]
fn patterns_cover_what_they_say() {
    for (one, other, expected) in [
        ("fs.read", "fs.read", true),
        ("fs.read", "fs.read:data/a", true),
        ("fs.read", "fs.write", false),
        ("fs.read", "fs.read.more", false),
        ("fs.read:data/a", "fs.read", false),
        ("fs.read:data/**", "fs.read:data/a/b", true),
        ("fs.read:data/**", "fs.read:data/**", true),
        ("fs.read:data/**", "fs.read:data/*", true),
        ("fs.read:data/**", "fs.read:data/a/**", true),
        ("fs.read:data/**", "fs.read:data", false),
        ("fs.read:data/**", "fs.read:database", false),
        ("fs.read:data/**", "fs.read:/data/a", false),
        ("fs.read:data/*", "fs.read:data/a", true),
        ("fs.read:data/*", "fs.read:data/a/b", false),
        ("fs.read:data/*", "fs.read:data/**", false),
        ("fs.read:*/a", "fs.read:b/a", true),
        ("fs.read:*/a", "fs.read:*/b", false),
        ("fs.read:/home/**", "fs.read:/home/a", true),
        ("fs.read:/home/**", "fs.read:home/a", false),
        ("fs.read:**", "fs.read:a/b", true),
        ("fs.read:**", "fs.read:/etc/passwd", false),
        ("fs.read:**", "fs.read:https://a.example", false),
        ("net:https://api.example", "net:https://api.example", true),
        ("net:https://api.example", "net:https://api.example:443", true),
        ("net:https://api.example", "net:HTTPS://API.example", true),
        ("net:https://api.example", "net:https://api.example:8443", false),
        ("net:https://api.example", "net:http://api.example", false),
        ("net:https://api.example", "net:https://api.example.evil", false),
        ("net:https://api.example", "net:https://evil.api.example", false),
        ("net:https://*.api.example", "net:https://a.b.api.example", true),
        ("net:https://*.api.example", "net:https://*.b.api.example", true),
        ("net:https://*.api.example", "net:https://api.example", false),
        ("net:https://*.api.example", "net:https://evilapi.example", false),
        ("net:https://*.api.example", "net:https://*", false),
        ("net:https://*", "net:https://a.example", true),
        ("net:https://*", "net:http://a.example", false),
        ("net:http://[::1]:80", "net:http://[0:0:0:0:0:0:0:1]", true),
        ("net:https://a.example", "net:a.example", false),
    ] {
        let (one, other) = (scope(one), scope(other));
        assert_eq!(one.covers(&other), expected, "{one} and {other}");
        assert!(!expected || one == other || one.narrowness() < other.narrowness(), "{one} and {other}");
    }
}

#[test]
fn what_is_wanted_is_covered_by_its_own_spelling_only() {
    for (granted, wanted, expected) in [
        ("fs.read:data/**", "fs.read:data/a.txt", true),
        ("fs.read:data/**", "fs.read:data/Zoë/…", false),
        ("fs.read:data/**", "fs.read:data/Zoë/日記.txt", true),
        ("fs.read:data/caf\u{e9}", "fs.read:data/cafe\u{301}", false),
        ("fs.read:data/**", "fs.read:DATA/a", false),
        ("fs.read:*/a", "fs.read:b/a", true),
        ("net:https://api.example", "net:https://api.example/words?q=https://evil.example#x", true),
        ("net:https://api.example", "net:https://API.example:443/", true),
        ("net:https://api.example", "net:https://api.example?@evil.example", true),
        ("net:https://api.example", "net:https://evil.example/https://api.example", false),
        ("net:https://api.example", "net:https://evil.example#@api.example", false),
        ("net:http://127.0.0.1:8080", "net:http://127.0.0.1:8080/x", true),
        ("net:http://127.0.0.1:8080", "net:http://127.0.0.1/x", false),
    ] {
        let covered = wants(wanted).is_ok_and(|wanted| scope(granted).covers(&wanted));
        assert_eq!(covered, expected, "{granted} and {wanted}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_no_scope() {
    for hostile in [
        "fs:",
        "fs:/",
        "fs:a/",
        "fs:a//b",
        "fs://a",
        "fs:.",
        "fs:..",
        "fs:a/../b",
        "fs:a/./b",
        "fs:a/...",
        "fs:a/b.",
        "fs:a/b ",
        "fs:a/ b",
        "fs:a\\b",
        "fs:a\\..\\b",
        "fs:C:/a",
        "fs:a:stream",
        "fs:%2e%2e/a",
        "fs:a%2fb",
        "fs:a%00",
        "fs:a\0b",
        "fs:a\nb",
        "fs:a\u{202e}b",
        "fs:a\u{200b}b",
        "fs:a\u{feff}",
        "fs:\u{ff0e}\u{ff0e}/a",
        "fs:\u{2025}/a",
        "fs:\u{2024}\u{2024}/a",
        "fs:a\u{ff0f}b",
        "fs:a\u{2044}b",
        "fs:a\u{2215}b",
        "fs:\u{2105}",
        "fs:a\u{ff3c}b",
        "fs:a?b",
        "fs:a|b",
        "fs:a\u{ad}b",
        "fs:a\u{fe0f}",
        "net:https://",
        "net:https:///a",
        "net:https://user@a.example",
        "net:https://a.example\\@b.example",
        "net:https://a.example:",
        "net:https://a.example:x",
        "net:https://a.example:99999",
        "net:https://a.example:+80",
        "net:https://a..example",
        "net:https://.example",
        "net:https://a.example.",
        "net:https://-a.example",
        "net:https://a%2eexample",
        "net:https://\u{430}.example",
        "net:https://a\u{3002}example",
        "net:https://2130706433",
        "net:https://0x7f.1",
        "net:https://127.1",
        "net:https://0177.0.0.1",
        "net:https://[::1",
        "net:https://::1",
        "net:https://[::1]x",
        "net:https://a.exa\nmple",
        "net:https://a.example\t",
        "net: https://a.example",
        "net:1://a.example",
        "net:https:a.example",
        "net:https:/a.example",
        "net://a.example",
        "net:ht*s://a.example",
    ] {
        assert!(wants(hostile).is_err(), "{hostile:?} is wanted");
        assert!(Scope::parse(hostile).is_err(), "{hostile:?} is a pattern");
    }
    for wildcard in
        ["fs:a/*", "fs:**", "fs:a*", "net:https://*", "net:https://*.a.example", "net:https://a*.example"]
    {
        assert!(wants(wildcard).is_err(), "{wildcard:?} is wanted: a plugin asks for one thing");
    }
    for pattern in [
        "",
        ":",
        ":a",
        "fs read",
        "f\u{455}.read",
        "fs.read/a",
        "fs:**/a",
        "fs:a/**/b",
        "fs:a**",
        "fs:a*",
        "fs:***",
        "net:https://*.example",
        "net:https://*.",
        "net:https://*a.example",
        "net:https://a.*.example",
        "net:https://*.*.example",
        "net:*://a.example",
        "net:https://a.example:*",
        "net:https://a.example/",
        "net:https://a.example/words",
        "net:https://a.example?x",
        "net:https://*.127.0.0.1",
    ] {
        assert!(Scope::parse(pattern).is_err(), "{pattern:?} is a pattern");
    }
}

#[test]
fn the_length_has_a_bound() {
    let long = format!("fs:{}", "a".repeat(254));
    assert_eq!(Scope::parse(&long).unwrap_err().to_string(), "expected at most 256 bytes, found 257");
    let error = Scope::wanted("fs", &"a".repeat(4_097)).unwrap_err();
    assert_eq!(error.to_string(), "expected at most 4096 bytes, found 4097");
}

#[test]
fn a_scope_is_written_as_it_is_read() {
    for text in ["a.b", "a:b/*/**", "a:/b", "net:https://*.b.example:8443", "net:http://[::1]", "net:ws://*"]
    {
        assert_eq!(scope(text).to_string(), text);
        assert_eq!(scope(text).name(), text.split(':').next().unwrap());
    }
    assert_eq!(scope("net:HTTPS://B.example:443").to_string(), "net:https://b.example");
}

proptest::proptest! {
    /// Whatever is wanted, it is no more than it says: nothing above, beside, or on another host.
    #[test]
    fn nothing_leads_out(of in "(data/)?([a.%*/\\\\:]|\\.\\.|/){0,8}") {
        if let Ok(wanted) = Scope::wanted("fs", &of) && scope("fs:data/**").covers(&wanted) {
            let is_inside = of.split('/').all(|part| !part.is_empty() && !part.ends_with('.'));
            proptest::prop_assert!(of.starts_with("data/") && is_inside);
        }
    }
}
