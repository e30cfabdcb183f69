//! What a plugin of a running host is doing, in words.

use crate::text::line;
use crate::time::brief;
use plughold_control::record::Activity;
use std::time::Duration;

/// What it is doing, on one line: `busy for 1.2 s, serving export count`.
pub(crate) fn words(activity: &Activity) -> String {
    let lasting = activity.lasting_us().map_or_else(String::new, |us| brief(Duration::from_micros(us)));
    let during = |serving: &Option<String>| match serving {
        Some(call) => format!(", serving {}", line(call)),
        None => String::new(),
    };
    match activity {
        Activity::Waiting { call, .. } => format!("waiting for {} for {lasting}", line(call)),
        Activity::Busy { serving, .. } => format!("busy for {lasting}{}", during(serving)),
        Activity::Hung { serving, .. } => format!("in one turn for {lasting}{}", during(serving)),
        Activity::Stuck { serving, .. } => format!("stuck in native code for {lasting}{}", during(serving)),
        Activity::Stopped => {
            "its process gets no time: it was stopped by a signal, or the machine is full".to_owned()
        }
        Activity::Dead => "it has no process".to_owned(),
        Activity::Starting | Activity::Idle | Activity::Other => activity.word().to_owned(),
    }
}

/// Where it was when somebody looked: a JavaScript stack.
pub(crate) fn stack(activity: &Activity) -> Option<&str> {
    match activity {
        Activity::Hung { stack, .. } => stack.as_deref(),
        Activity::Stuck { last_seen, .. } => last_seen.as_deref(),
        _ => None,
    }
}

/// Whether JavaScript runs in it, so that it is worth asking where.
pub(crate) fn is_busy(activity: &Activity) -> bool {
    matches!(activity, Activity::Busy { .. } | Activity::Hung { .. } | Activity::Waiting { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_does_in_words() {
        let check = |activity: Activity, expected: &str| assert_eq!(words(&activity), expected);
        let serving = Some("export go".to_owned());
        check(Activity::Idle, "idle");
        check(
            Activity::Waiting { call: "app.ask".to_owned(), lasting_us: 4_200 },
            "waiting for app.ask for 4.2 ms",
        );
        check(Activity::Busy { lasting_us: 1_200_000, serving: None }, "busy for 1.2 s");
        check(
            Activity::Hung { lasting_us: 1_200_000, serving: serving.clone(), stack: None },
            "in one turn for 1.2 s, serving export go",
        );
        check(
            Activity::Stuck { lasting_us: 1_200_000, serving, last_seen: None },
            "stuck in native code for 1.2 s, serving export go",
        );
    }
}
