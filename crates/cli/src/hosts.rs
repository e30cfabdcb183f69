//! The hosts that run, for the commands that look at them.

use crate::exit::Exit;
use crate::failure::{Failure, frames, warn};
use crate::suggest::nearest;
use crate::text;
use plughold_control::{Client, ClientError, ConnectError, Entry, Refusal, RefusalKind, Register, Right};

/// Which of the running hosts a command is about.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct HostChoice {
    /// The host: its name or the number of its process [default: every host that runs]
    #[arg(long, value_name = "NAME|PID")]
    pub(crate) host: Option<String>,
}

/// The hosts that run and that the choice means; at least one. Tells of what in the register is not as it should be.
pub(crate) fn chosen(choice: &HostChoice) -> Result<Vec<Entry>, Failure> {
    let found = Register::of_this_user().look();
    for problem in &found.problems {
        let failure = Failure::new(Exit::Failed, "something in the register of hosts was left aside");
        warn(&failure.with_detail(text::line(&problem.to_string())));
    }
    if found.hosts.is_empty() {
        let failure = Failure::new(Exit::NoHost, "no host is running")
            .with_help("plughold run starts one; an application has to offer its control socket");
        return Err(failure);
    }
    let Some(wanted) = &choice.host else { return Ok(found.hosts) };
    let is_meant = |entry: &&Entry| entry.name == *wanted || entry.pid.to_string() == *wanted;
    let meant: Vec<Entry> = found.hosts.iter().filter(is_meant).cloned().collect();
    if meant.is_empty() {
        let known: Vec<&str> = found.hosts.iter().map(|entry| entry.name.as_str()).collect();
        let list = known.iter().map(|name| text::line(name)).collect::<Vec<_>>().join(", ");
        let failure = Failure::new(Exit::NoHost, format!("no host {} is running", text::line(wanted)));
        let near = nearest(wanted, known.iter().copied());
        return Err(failure
            .with_detail(format!("known: {list}"))
            .with_help_if(near.map(|near| format!("did you mean {}?", text::line(near)))));
    }
    Ok(meant)
}

/// Connects to a host.
pub(crate) async fn connect(entry: &Entry, right: Right) -> Result<Client, Failure> {
    Client::connect(entry, right).await.map_err(|error| connect_failure(entry, &error))
}

fn connect_failure(entry: &Entry, error: &ConnectError) -> Failure {
    let exit = match error {
        ConnectError::NotOffered { .. } => Exit::Denied,
        _ => Exit::Failed,
    };
    let what = format!("cannot connect to the host {} (process {})", text::line(&entry.name), entry.pid);
    Failure::new(exit, what).with_detail(text::line(&error.to_string()))
}

/// Why a host did not do what was asked.
pub(crate) fn client_failure(error: &ClientError) -> Failure {
    let exit = match error {
        ClientError::Refused(refusal) => match refusal.kind {
            RefusalKind::NotFound | RefusalKind::NotActive => Exit::NotFound,
            RefusalKind::Thrown => Exit::Plugin,
            RefusalKind::Denied | RefusalKind::NotAllowed => Exit::Denied,
            RefusalKind::TimedOut => Exit::TimedOut,
            _ => Exit::Failed,
        },
        _ => Exit::Failed,
    };
    let failure = Failure::new(exit, text::line(&error.to_string()));
    match error {
        ClientError::Refused(Refusal { stack: Some(stack), .. }) => failure.with_detail(frames(stack)),
        _ => failure,
    }
}
