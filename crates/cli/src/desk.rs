//! The desk at which somebody answers questions about permissions, one after the other.

use crate::approval::Approval;
use crate::attend::remark;
use crate::paint::{DIM, WARNING, paint};
use crate::prompt::{self, ANSWERS, Answer};
use crate::terminal::Terminal;
use plughold::{Host, Package, Permission, PluginId};
use std::io::{self, Write};
use tokio::sync::{mpsc, oneshot};

/// Answers that are none, after which it is a no: something else than a person types.
const TRIES: u32 = 5;

/// A question that a call of a plugin waits for.
#[derive(Debug)]
pub(crate) struct Question {
    plugin: PluginId,
    permission: Permission,
    answer: oneshot::Sender<bool>,
}

/// Where calls of plugins put their questions. Dropped when nobody answers any more, which is a no.
#[derive(Clone, Debug)]
pub(crate) struct Tray {
    questions: mpsc::UnboundedSender<Question>,
}

/// Somebody at a terminal.
#[derive(Debug)]
pub(crate) struct Desk {
    questions: mpsc::UnboundedReceiver<Question>,
    terminal: Terminal,
    approval: Approval,
    host: Host,
}

impl Tray {
    /// A tray, and what is put into it: a question for each permission of a manifest at most.
    pub(crate) fn new() -> (Tray, mpsc::UnboundedReceiver<Question>) {
        let (questions, put) = mpsc::unbounded_channel();
        (Tray { questions }, put)
    }

    /// Whether somebody grants a permission.
    pub(crate) async fn ask(&self, plugin: PluginId, permission: Permission) -> bool {
        let (answer, answered) = oneshot::channel();
        let put = self.questions.send(Question { plugin, permission, answer });
        put.is_ok() && answered.await.unwrap_or(false)
    }
}

impl Desk {
    /// Opens the desk for these questions.
    pub(crate) fn open(
        questions: mpsc::UnboundedReceiver<Question>,
        approval: Approval,
        host: Host,
    ) -> io::Result<Desk> {
        Ok(Desk { questions, terminal: Terminal::open()?, approval, host })
    }

    /// The next question of a call. Never, when there will be none.
    pub(crate) async fn next(&mut self) -> Question {
        match self.questions.recv().await {
            Some(question) => question,
            None => std::future::pending().await,
        }
    }

    /// Asks a question of a call, until somebody answers or nobody wants to know any more.
    pub(crate) async fn settle(&mut self, question: Question) -> io::Result<()> {
        let Question { plugin, permission, mut answer } = question;
        let package = self.host.plugin(plugin.as_str()).map(|plugin| plugin.package());
        if let Some(package) = &package {
            self.show_changes(package)?;
        }
        let version = package.as_ref().map_or("", |package| &package.version);
        let asked = tokio::select! {
            asked = self.ask(plugin.as_str(), version, &permission) => Some(asked?),
            () = answer.closed() => None,
        };
        let Some(said) = asked else {
            remark("");
            remark("nobody has answered in time: denied");
            return Ok(());
        };
        self.approval.answered(plugin.as_str(), package.as_deref(), &permission.name, said);
        // The call may have gone away meanwhile.
        let _ = answer.send(said.grants());
        Ok(())
    }

    /// Asks for everything that plugins ask for and nobody has decided on, before they start.
    pub(crate) async fn approve(&mut self, packages: &[Package]) -> io::Result<()> {
        for package in packages {
            self.show_changes(package)?;
            for permission in self.approval.open(package) {
                let said = self.ask(package.id.as_str(), &package.version, &permission).await?;
                self.approval.answered(package.id.as_str(), Some(package), &permission.name, said);
            }
        }
        Ok(())
    }

    fn show_changes(&self, package: &Package) -> io::Result<()> {
        match self.approval.changes(package) {
            Some(changes) => say(&prompt::changes(package.id.as_str(), &package.version, &changes)),
            None => Ok(()),
        }
    }

    async fn ask(&mut self, plugin: &str, version: &str, permission: &Permission) -> io::Result<Answer> {
        self.terminal.forget_typed();
        say(&prompt::question(plugin, version, permission))?;
        for _ in 0..TRIES {
            say(&format!("{ANSWERS} > "))?;
            let Some(typed) = self.terminal.line().await? else {
                say("\n")?;
                return Ok(Answer::No);
            };
            if let Some(answer) = Answer::read(&typed) {
                let what = format!("{} to {plugin}: {}", prompt::name(&permission.name), answer.in_words());
                say(&format!("{}\n", paint(DIM, what)))?;
                return Ok(answer);
            }
            // The rest of it is no answer either, as the next lines of what was pasted.
            self.terminal.forget_typed();
            say(&format!("{}\n", paint(WARNING, "expected y, A, n or N")))?;
        }
        Ok(Answer::No)
    }
}

fn say(words: &str) -> io::Result<()> {
    let mut to = anstream::stderr().lock();
    write!(to, "{words}")?;
    to.flush()
}
