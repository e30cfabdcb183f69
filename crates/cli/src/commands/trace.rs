//! `plughold trace`: the messages between a plugin and its host, while they go by.

use crate::args::Trace;
use crate::attend::remark;
use crate::exit::Exit;
use crate::hosts::client_failure;
use crate::json;
use crate::paint::{BOLD, DIM, ERROR, paint};
use crate::remote::{self, Remote};
use crate::signals::Signals;
use crate::snapshot::SCHEMA;
use crate::text::line;
use crate::time::{brief, moment, of_day};
use plughold_control::record::{Direction, Traced};
use plughold_control::{Next, Right};
use serde::Serialize;
use std::io::{self, Write};
use std::time::Duration;

/// One line for programs.
#[derive(Serialize)]
struct Record<'a> {
    schema: u32,
    time: String,
    plugin: &'a str,
    #[serde(flatten)]
    traced: &'a Traced,
}

/// The same where some are lacking.
#[derive(Serialize)]
struct Missed<'a> {
    schema: u32,
    plugin: &'a str,
    missed: u64,
}

pub(super) async fn execute(args: Trace) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let Remote { client, plugin } = remote::find(&args.on, &args.plugin, Right::Read).await?;
    let mut messages = client.trace(&plugin.id).await.map_err(|error| client_failure(&error))?;
    let mut left = args.count.unwrap_or(u64::MAX);
    while 0 < left {
        let next = tokio::select! {
            next = messages.next() => next,
            () = signals.next() => return Ok(Exit::Interrupted),
        };
        match next {
            None => {
                remark("nothing more comes: the plugin or its host is gone");
                return Ok(Exit::Success);
            }
            Some(Next::Item(traced)) if args.all || is_call(&traced) => {
                left -= 1;
                print(&plugin.id, &traced, args.json)?;
            }
            Some(Next::Item(_)) => {}
            Some(Next::Missed(missed)) if args.json => {
                json::print_line(&Missed { schema: SCHEMA, plugin: &plugin.id, missed })?;
            }
            Some(Next::Missed(count)) => remark(&format!("{count} are not shown: they came too fast")),
        }
    }
    Ok(Exit::Success)
}

fn is_call(traced: &Traced) -> bool {
    matches!(traced.message.as_str(), "Call" | "Return")
}

fn print(plugin: &str, traced: &Traced, is_json: bool) -> io::Result<()> {
    if is_json {
        let time = moment(Duration::from_micros(traced.time_us));
        return json::print_line(&Record { schema: SCHEMA, time, plugin, traced });
    }
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}", shown(traced))?;
    out.flush()
}

/// One message on one line. An arrow to the left goes to the plugin.
fn shown(traced: &Traced) -> String {
    let time = paint(DIM, of_day(Duration::from_micros(traced.time_us)));
    let arrow = match traced.direction {
        Direction::FromPlugin => "→",
        Direction::ToPlugin => "←",
    };
    let id = traced.id.map_or_else(String::new, |id| format!("#{id}"));
    let threw = traced.outcome.as_deref() == Some("threw");
    let word = traced.outcome.as_deref().unwrap_or(&traced.message);
    let word = format!("{:<8}", line(word).to_lowercase());
    let word = if threw { paint(ERROR, word) } else { word };
    let what = paint(BOLD, line(traced.what.as_deref().unwrap_or_default()));
    let mut notes = Vec::new();
    notes.extend(traced.took_us.map(|us| brief(Duration::from_micros(us))));
    notes.extend((0 < traced.bytes).then(|| format!("{} B", traced.bytes)));
    notes.extend(traced.parent.map(|parent| format!("for #{parent}")));
    format!("{time}  {arrow} {word}  {id:<6}  {what}  {}", paint(DIM, notes.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(traced: &Traced, expected: Expect) {
        let traced = Traced { time_us: 1_795_255_200_123_456, ..traced.clone() };
        expected.assert_eq(&anstream::adapter::strip_str(&shown(&traced)).to_string());
    }

    #[test]
    fn a_message_is_one_line() {
        let call = Traced {
            direction: Direction::FromPlugin,
            message: "Call".to_owned(),
            id: Some(8),
            what: Some("api app.notes.search".to_owned()),
            bytes: 96,
            parent: Some(7),
            ..Traced::default()
        };
        check(&call, expect!["10:00:00.123  → call      #8      api app.notes.search  96 B, for #7"]);
        let answer = Traced {
            direction: Direction::ToPlugin,
            message: "Return".to_owned(),
            took_us: Some(840),
            outcome: Some("threw".to_owned()),
            parent: None,
            ..call
        };
        check(&answer, expect!["10:00:00.123  ← threw     #8      api app.notes.search  840 µs, 96 B"]);
    }
}
