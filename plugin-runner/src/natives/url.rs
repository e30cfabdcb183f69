//! URLs and forms, taken apart and put together.

use super::{argument, check_room};
use crate::engine::function::Native;
use crate::engine::{Js, Kind, Text, Value};
use crate::session::Session;
use crate::thrown;
use std::borrow::Cow;
use url::form_urlencoded::{byte_serialize, parse as parse_form};
use url::{Url, quirks};

/// The longest URL, in bytes; what is longer is none. Browsers have bounds of this size too.
const LONGEST: usize = 2 << 20;

/// How much memory parsing takes, in bytes for each byte of an URL: a host in many scripts is decoded, normalised and
/// encoded again.
const SPACE: usize = 16;

/// How much longer a list can be than its elements while it grows.
const GROWTH: usize = 3;

/// How much a byte can grow when it is escaped.
const ESCAPED: usize = 3;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "parseUrl", length: 2, run: parse },
    Native { name: "changeUrl", length: 3, run: change },
    Native { name: "parseForm", length: 1, run: form },
    Native { name: "formText", length: 1, run: form_text },
];

/// `parseUrl(text, base)`: the parts of an URL, or null if it is none.
fn parse(_: &Session, arguments: &[Value]) -> Js {
    let (text, base) = (argument(arguments, 0).text()?, argument(arguments, 1));
    let base = if base.is_undefined() { None } else { Some(base.text()?) };
    if LONGEST < text.len() || base.as_ref().is_some_and(|base| LONGEST < base.len()) {
        return Ok(Value::NULL);
    }
    check_room(SPACE * (text.len() + base.as_ref().map_or(0, Text::len)))?;
    let base = match base.map(|base| Url::parse(&base.to_str())) {
        None => None,
        Some(Ok(base)) => Some(base),
        Some(Err(_)) => return Ok(Value::NULL),
    };
    match Url::options().base_url(base.as_ref()).parse(&text.to_str()) {
        Ok(url) => parts(&url),
        Err(_) => Ok(Value::NULL),
    }
}

/// `changeUrl(href, number, value)`: the parts of an URL after one of its setters.
fn change(_: &Session, arguments: &[Value]) -> Js {
    let (href, value) = (argument(arguments, 0).text()?, argument(arguments, 2).text()?);
    if LONGEST < href.len() + value.len() {
        return Err(thrown::range_error(&format!("a URL of more than {LONGEST} bytes")));
    }
    check_room(SPACE * (href.len() + value.len()))?;
    let Ok(mut url) = Url::parse(&href.to_str()) else { return Ok(Value::NULL) };
    if let Kind::Int(number) = argument(arguments, 1).kind() {
        set(&mut url, number, &value.to_str());
    }
    parts(&url)
}

/// Sets the part with this number in url.js. A setter that refuses its value leaves the URL as it is.
fn set(url: &mut Url, number: i32, value: &str) {
    let _refused = match number {
        0 => quirks::set_protocol(url, value),
        1 => quirks::set_username(url, value),
        2 => quirks::set_password(url, value),
        3 => quirks::set_host(url, value),
        4 => quirks::set_hostname(url, value),
        5 => quirks::set_port(url, value),
        6 => {
            quirks::set_pathname(url, value);
            Ok(())
        }
        7 => {
            quirks::set_search(url, value);
            Ok(())
        }
        _ => {
            quirks::set_hash(url, value);
            Ok(())
        }
    };
}

fn parts(url: &Url) -> Js {
    let origin = quirks::origin(url);
    let parts = [
        url.as_str(),
        &origin,
        quirks::protocol(url),
        quirks::username(url),
        quirks::password(url),
        quirks::host(url),
        quirks::hostname(url),
        quirks::port(url),
        quirks::pathname(url),
        quirks::search(url),
        quirks::hash(url),
    ];
    Value::array(parts.into_iter().map(Value::string).collect::<Js<Vec<_>>>()?)
}

/// `parseForm(text)`: names and values in turn.
fn form(_: &Session, arguments: &[Value]) -> Js {
    let text = argument(arguments, 0).text()?;
    check_room(text.len())?;
    let text = text.to_str();
    let pairs = 1 + text.bytes().filter(|byte| *byte == b'&').count();
    check_room(text.len() + pairs * 2 * GROWTH * size_of::<Value>())?;
    let mut found = Vec::new();
    for (name, value) in parse_form(text.as_bytes()) {
        found.push(Value::string(&name)?);
        found.push(Value::string(&value)?);
    }
    Value::array(found)
}

/// `formText(list)`: the text of names and values in turn.
fn form_text(_: &Session, arguments: &[Value]) -> Js {
    let list = argument(arguments, 0);
    let length = list.length()? as u32;
    let mut out = String::new();
    for index in 0..length {
        let word = list.get_index(index)?.text()?;
        let room = out.len() + ESCAPED * word.len() + 1;
        if out.capacity() < room {
            check_room(2 * room)?;
            out.reserve(room);
        }
        if 0 < index {
            out.push(if index % 2 == 0 { '&' } else { '=' });
        }
        let word: Cow<'_, str> = word.to_str();
        out.extend(byte_serialize(word.as_bytes()));
    }
    Value::string(&out)
}
