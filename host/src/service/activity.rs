//! What a plugin's process is doing at this moment.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// What a plugin's process is doing at this moment, as [`Plugin::activity`](crate::Plugin::activity) sees it from outside.
///
/// As JSON it is an object whose `is` is the name, with times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Activity {
    /// It begins, and is not active yet.
    Starting,
    /// It waits for a message.
    Idle,
    /// It waits for the application: for the answer to a blocking call. It may wait as long as that takes.
    Waiting {
        /// The function that it has called, such as `notes.search`.
        call: String,
        /// For how long.
        #[serde(rename = "lasting_us", with = "microseconds")]
        lasting: Duration,
    },
    /// It is in a turn, and not for too long.
    Busy {
        /// For how long, as far as anybody has looked.
        #[serde(rename = "lasting_us", with = "microseconds")]
        lasting: Duration,
        /// The call that it serves: an export, a method or `a function`. None for what it does by itself.
        serving: Option<String>,
    },
    /// JavaScript runs in a turn that takes longer than [`Limits::unresponsive`](crate::Limits::unresponsive).
    Hung {
        /// For how long it has been in this turn.
        #[serde(rename = "lasting_us", with = "microseconds")]
        lasting: Duration,
        /// The call that it serves.
        serving: Option<String>,
        /// Where it was at the last look: a JavaScript stack with the names of the author's files. It is at most some
        /// tenths of a second old.
        stack: Option<String>,
    },
    /// It has no heartbeat: a function of the engine's own runs, which looks at no interrupt.
    Stuck {
        /// For how long it has had none.
        #[serde(rename = "lasting_us", with = "microseconds")]
        lasting: Duration,
        /// The call that it serves.
        serving: Option<String>,
        /// Where it was before that in the same turn, if anybody has looked: a JavaScript stack.
        last_seen: Option<String>,
    },
    /// Its process does not run: somebody has stopped it (SIGSTOP) or traces it, or the system gives it no time.
    Stopped,
    /// It has no process.
    Dead,
}

impl Activity {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Activity::Starting => "starting",
            Activity::Idle => "idle",
            Activity::Waiting { .. } => "waiting",
            Activity::Busy { .. } => "busy",
            Activity::Hung { .. } => "hung",
            Activity::Stuck { .. } => "stuck",
            Activity::Stopped => "stopped",
            Activity::Dead => "dead",
        }
    }

    /// Where it is, if that is known. Of one that is [stuck](Activity::Stuck) it is not.
    pub fn stack(&self) -> Option<&str> {
        match self {
            Activity::Hung { stack, .. } => stack.as_deref(),
            _ => None,
        }
    }

    /// The call that it serves.
    pub fn serving(&self) -> Option<&str> {
        match self {
            Activity::Busy { serving, .. }
            | Activity::Hung { serving, .. }
            | Activity::Stuck { serving, .. } => serving.as_deref(),
            _ => None,
        }
    }
}

/// In words, as the end of a sentence about the plugin; without its stack, of which one that is stuck shows the first line.
impl fmt::Display for Activity {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Activity::Starting => to.write_str("is starting"),
            Activity::Idle => to.write_str("waits for something to do"),
            Activity::Waiting { call, lasting } => {
                write!(to, "has waited for {call} for {}", brief(*lasting))
            }
            Activity::Busy { lasting, .. } => write!(to, "has been busy for {}", brief(*lasting)),
            Activity::Hung { lasting, .. } => write!(to, "has been in one turn for {}", brief(*lasting)),
            Activity::Stuck { lasting, .. } => {
                write!(to, "has been stuck in native code for {}", brief(*lasting))
            }
            Activity::Stopped => to.write_str("does not run: its process was stopped from outside"),
            Activity::Dead => to.write_str("has no process"),
        }?;
        if let Some(serving) = self.serving() {
            write!(to, ", serving {serving}")?;
        }
        if let Activity::Stuck { last_seen: Some(last_seen), .. } = self
            && let Some(line) = last_seen.lines().next()
        {
            write!(to, ", last seen {}", line.trim())?;
        }
        Ok(())
    }
}

/// A time as a person reads it.
fn brief(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Times as whole microseconds.
mod microseconds {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_words_and_as_json() {
        let check = |activity: Activity, words: &str, json: &str| {
            assert_eq!(activity.to_string(), words);
            let written = serde_json::to_string(&activity).unwrap();
            assert_eq!(written, json);
            assert_eq!(serde_json::from_str::<Activity>(&written).unwrap(), activity);
            assert!(written.contains(&format!(r#""is":"{}""#, activity.word())));
        };
        let (lasting, serving) = (Duration::from_millis(1_340), Some("go".to_owned()));
        let place = || Some("    at f (main.js:2:3)\n    at go (main.js:9:1)".to_owned());
        check(Activity::Idle, "waits for something to do", r#"{"is":"idle"}"#);
        check(
            Activity::Waiting { call: "notes.search".to_owned(), lasting },
            "has waited for notes.search for 1.3 s",
            r#"{"is":"waiting","call":"notes.search","lasting_us":1340000}"#,
        );
        check(
            Activity::Busy { lasting, serving: None },
            "has been busy for 1.3 s",
            r#"{"is":"busy","lasting_us":1340000,"serving":null}"#,
        );
        check(
            Activity::Hung { lasting, serving: serving.clone(), stack: place() },
            "has been in one turn for 1.3 s, serving go",
            r#"{"is":"hung","lasting_us":1340000,"serving":"go","stack":"    at f (main.js:2:3)\n    at go (main.js:9:1)"}"#,
        );
        check(
            Activity::Stuck { lasting, serving, last_seen: place() },
            "has been stuck in native code for 1.3 s, serving go, last seen at f (main.js:2:3)",
            r#"{"is":"stuck","lasting_us":1340000,"serving":"go","last_seen":"    at f (main.js:2:3)\n    at go (main.js:9:1)"}"#,
        );
        check(Activity::Stopped, "does not run: its process was stopped from outside", r#"{"is":"stopped"}"#);
    }
}
