//! Origins of addresses: scheme, host and port.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Bytes of a host's name, and of one label of it, as the domain name system has them.
const HOST: usize = 253;
const LABEL: usize = 63;

/// Whom an address is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Origin {
    /// In lower case.
    scheme: String,
    host: Host,
    /// None for the scheme's own.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Host {
    /// This one.
    Exact(String),
    /// Each one below this name, and not the name itself.
    Below(String),
    /// `*`: each one.
    Any,
}

impl Origin {
    /// `https://api.example:8443`, `https://*.api.example`, `https://*`.
    pub(super) fn pattern(text: &str) -> Option<Origin> {
        let (scheme, authority) = text.split_once("://")?;
        Origin::read(scheme, authority, |host| match host.strip_prefix("*.") {
            // All below `com` are strangers to each other.
            Some(below) => below.contains('.').then(|| domain(below).map(Host::Below))?,
            None if host == "*" => Some(Host::Any),
            None => exact(host),
        })
    }

    /// The origin of an address, such as `https://api.example/words?q=1`.
    pub(super) fn of_address(text: &str) -> Option<Origin> {
        // Readers of addresses drop some of these wherever they stand.
        if text.chars().any(|found| found.is_control() || found.is_whitespace()) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        Origin::read(scheme, authority, exact)
    }

    fn read(scheme: &str, authority: &str, host: impl Fn(&str) -> Option<Host>) -> Option<Origin> {
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|found| found.is_ascii_alphanumeric() || matches!(found, '+' | '-' | '.'));
        if !is_scheme {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let (name, port) = match authority.rsplit_once(':') {
            // A colon inside of brackets belongs to the host.
            Some((name, port)) if !port.contains(']') => (name, Some(number(port)?)),
            _ => (authority, None),
        };
        let port = port.filter(|port| usual_port(&scheme) != Some(*port));
        Some(Origin { host: host(&name.to_ascii_lowercase())?, scheme, port })
    }

    /// Grows with each label that is said; a host is narrower than everything below another.
    pub(super) fn narrowness(&self) -> u32 {
        let labels = |name: &str| u32::try_from(name.split('.').count()).unwrap_or(u32::MAX);
        match &self.host {
            Host::Any => 0,
            Host::Below(name) => labels(name),
            Host::Exact(_) => 1_000,
        }
    }

    /// Whether each origin of the other is one of this.
    pub(super) fn covers(&self, other: &Origin) -> bool {
        let is_below = |name: &str, above: &str| {
            name.strip_suffix(above).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let has_host = match (&self.host, &other.host) {
            (Host::Any, _) => true,
            (Host::Exact(name), Host::Exact(other)) => name == other,
            (Host::Below(above), Host::Exact(name)) => name != above && is_below(name, above),
            (Host::Below(above), Host::Below(other)) => is_below(other, above),
            _ => false,
        };
        has_host && self.scheme == other.scheme && self.port == other.port
    }
}

fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

fn number(port: &str) -> Option<u16> {
    let is_number = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { port.parse().ok() } else { None }
}

/// A name, or the number of a machine in its one spelling.
fn exact(host: &str) -> Option<Host> {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some(Host::Exact(format!("[{}]", inner.parse::<Ipv6Addr>().ok()?)));
    }
    match host.parse::<Ipv4Addr>() {
        Ok(number) => Some(Host::Exact(number.to_string())),
        Err(_) => domain(host).map(Host::Exact),
    }
}

/// A name that nobody takes for a number: `0x7f.1` and `2130706433` are the machine itself for some.
fn domain(name: &str) -> Option<String> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL
            && label
                .bytes()
                .all(|found| found.is_ascii_lowercase() || found.is_ascii_digit() || found == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next()?;
    let is_name = name.len() <= HOST
        && name.split('.').all(is_label)
        && last.starts_with(|first: char| first.is_ascii_lowercase());
    is_name.then(|| name.to_owned())
}

impl fmt::Display for Origin {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}://", self.scheme)?;
        match &self.host {
            Host::Exact(name) => to.write_str(name)?,
            Host::Below(name) => write!(to, "*.{name}")?,
            Host::Any => to.write_str("*")?,
        }
        self.port.map_or(Ok(()), |port| write!(to, ":{port}"))
    }
}
