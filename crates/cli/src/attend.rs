//! Work while events are shown and signals are heard.

use crate::desk::{Desk, Question};
use crate::printer::Printer;
use crate::service::Service;
use crate::signals::Signals;
use crate::terminal::Terminal;
use crate::text;
use anyhow::Context;
use plughold::{Event, Events, Host, Package, ShutdownReport, State};
use std::future::{pending, ready};
use std::io::{self, Write};

/// Somebody sits at the terminal: sees what happens, answers questions, and may press Ctrl-C.
#[derive(Debug)]
pub(crate) struct Attendance {
    events: Events,
    signals: Signals,
    printer: Printer,
    /// None while nobody can be asked.
    desk: Option<Desk>,
}

impl Attendance {
    /// From now on events wait to be shown and signals wait to be heard. To be called before anything is loaded.
    pub(crate) fn new(host: &Host, printer: Printer) -> anyhow::Result<Attendance> {
        let signals = Signals::listen().context("signals cannot be listened to")?;
        Ok(Attendance { events: host.events(), signals, printer, desk: None })
    }

    /// From now on somebody at the terminal answers what plugins of the service ask for, if there is one.
    pub(crate) fn answering(mut self, service: &Service) -> anyhow::Result<Attendance> {
        if let Some(questions) = service.take_questions().filter(|_| Terminal::is_there()) {
            let desk = Desk::open(questions, service.approval.clone(), service.host.clone());
            self.desk = Some(desk.context("the terminal cannot be read")?);
        }
        Ok(self)
    }

    /// Asks for what plugins ask for and nobody has decided on, before they start. None if it was interrupted.
    pub(crate) async fn approve(&mut self, packages: &[Package]) -> io::Result<Option<()>> {
        let Some(desk) = &mut self.desk else { return Ok(Some(())) };
        tokio::select! {
            biased;
            () = self.signals.next() => Ok(None),
            approved = desk.approve(packages) => approved.map(Some),
        }
    }

    /// Where the events go.
    pub(crate) fn printer(&mut self) -> &mut Printer {
        &mut self.printer
    }

    /// Does `work` while events are shown. None if it was interrupted; fails when events cannot be shown any more.
    pub(crate) async fn during<T>(&mut self, work: impl Future<Output = T>) -> io::Result<Option<T>> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                () = self.signals.next() => return Ok(None),
                question = next(&mut self.desk) => if self.settle(question).await?.is_none() { return Ok(None) },
                Some(event) = self.events.next() => self.show(&event)?,
                result = work.as_mut() => return Ok(Some(result)),
            }
        }
    }

    /// Does `work` while events wait. None if it was interrupted.
    pub(crate) async fn before_events<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                () = self.signals.next() => return None,
                // A terminal that cannot be written has nobody who answers.
                question = next(&mut self.desk) => match self.settle(question).await {
                    Ok(settled) => settled?,
                    Err(_) => self.desk = None,
                },
                result = work.as_mut() => return Some(result),
            }
        }
    }

    /// Shows events until somebody interrupts.
    pub(crate) async fn until_interrupted(&mut self) -> io::Result<()> {
        self.during(pending::<()>()).await.map(|_| ())
    }

    /// Asks every plugin to finish, shows what happens meanwhile, and says how it went. When it is interrupted, plugins
    /// are killed.
    ///
    /// Every plugin has its time also when events cannot be shown any more; only then it fails.
    pub(crate) async fn shut_down(&mut self, host: &Host) -> io::Result<ShutdownReport> {
        // Nobody is asked any more: what waits for an answer is denied.
        self.desk = None;
        let stopping = host.shutdown();
        tokio::pin!(stopping);
        let mut shown = Ok(());
        let report = loop {
            match self.during(stopping.as_mut()).await {
                Ok(Some(report)) => break report,
                Ok(None) => {
                    remark(&format!("killing {}", running(host)));
                    host.kill_all();
                }
                Err(error) => shown = Err(error),
            }
        };
        for (plugin, reason) in &report.killed {
            remark(&format!("killed {plugin}: {reason}"));
        }
        shown.and(self.show_rest().await).map(|()| report)
    }

    /// Tells somebody who has pressed Ctrl-C and waits what follows.
    pub(crate) fn tell_of_stopping(&self, host: &Host) {
        remark(&format!("stopping {}; Ctrl-C again to kill", running(host)));
    }

    /// Asks a question of a call. None if it was interrupted.
    async fn settle(&mut self, question: Question) -> io::Result<Option<()>> {
        let Some(desk) = &mut self.desk else { return Ok(Some(())) };
        tokio::select! {
            biased;
            () = self.signals.next() => Ok(None),
            settled = desk.settle(question) => settled.map(Some),
        }
    }

    /// Shows one event. Where that fails nothing more is shown, and nothing more fails.
    fn show(&mut self, event: &Event) -> io::Result<()> {
        let shown = self.printer.print(event);
        if shown.is_err() {
            self.printer = Printer::silent();
        }
        shown
    }

    /// Shows what has happened already.
    async fn show_rest(&mut self) -> io::Result<()> {
        loop {
            let event: Option<Event> = tokio::select! {
                biased;
                event = self.events.next() => event,
                () = ready(()) => None,
            };
            match event {
                Some(event) => self.show(&event)?,
                None => return Ok(()),
            }
        }
    }
}

/// The next question of a call; never, while nobody can be asked.
async fn next(desk: &mut Option<Desk>) -> Question {
    match desk {
        Some(desk) => desk.next().await,
        None => pending().await,
    }
}

/// Says something beside the result.
pub(crate) fn remark(words: &str) {
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(anstream::stderr(), "{}", text::line(words));
}

/// A number of plugins in words.
pub(crate) fn count(plugins: usize) -> String {
    match plugins {
        1 => "1 plugin".to_owned(),
        _ => format!("{plugins} plugins"),
    }
}

/// The plugins that have not ended for good, as a number in words.
fn running(host: &Host) -> String {
    let is_running = |state| !matches!(state, State::Failed | State::Disabled | State::Stopped);
    count(host.plugins().iter().filter(|plugin| is_running(plugin.state())).count())
}
