//! `plughold top`: what the plugins of running hosts cost, live.

use crate::args::Top;
use crate::exit::Exit;
use crate::failure::{Failure, is_broken_pipe};
use crate::hosts::client_failure;
use crate::json;
use crate::remote::{self, Host};
use crate::signals::Signals;
use crate::snapshot::SCHEMA;
use crate::top::{Before, Row, View, Wish, plain, rows};
use anyhow::Context;
use plughold_control::Client;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEvent};
use ratatui::crossterm::style::force_color_output;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use tokio::sync::mpsc;

/// How often hosts are asked.
const EVERY: Duration = Duration::from_secs(1);

/// Keys that wait to be read.
const KEYS: usize = 64;

/// What `plughold top --once --json` prints.
#[derive(Serialize)]
struct Listing {
    schema: u32,
    plugins: Vec<Row>,
}

pub(super) async fn execute(args: Top) -> anyhow::Result<Exit> {
    let hosts = remote::hosts(&args.on).await?;
    let is_live = !args.once && !args.json && io::stdin().is_terminal() && io::stdout().is_terminal();
    if is_live {
        let clients = hosts.into_iter().map(|host| host.client).collect();
        return live(clients, View::new(args.by)).await;
    }
    let plugins = once(hosts, &args);
    match args.json {
        true => json::print(&Listing { schema: SCHEMA, plugins })?,
        false => writeln!(anstream::stdout(), "{}", plain(&plugins))?,
    }
    Ok(Exit::Success)
}

fn once(hosts: Vec<Host>, args: &Top) -> Vec<Row> {
    let mut before = Before::default();
    let all = hosts.into_iter().flat_map(|host| rows(host.client.host(), host.plugins, &mut before));
    let mut all = Vec::from_iter(all);
    all.sort_by(|one, other| args.by.compare(one, other));
    all
}

/// Draws until somebody has seen enough or the last host has ended. The terminal is as before afterwards.
async fn live(clients: Vec<Client>, view: View) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    if anstream::ColorChoice::global() == anstream::ColorChoice::Never {
        force_color_output(false);
    }
    let mut terminal = ratatui::try_init().context("the terminal cannot be drawn on")?;
    let ended = tokio::select! {
        ended = attend(&mut terminal, clients, view) => ended,
        () = signals.next() => Ok(Exit::Interrupted),
    };
    ratatui::try_restore()?;
    match ended {
        Err(error) if is_broken_pipe(&error) => Ok(Exit::Success),
        ended => ended,
    }
}

async fn attend(
    terminal: &mut DefaultTerminal,
    mut clients: Vec<Client>,
    mut view: View,
) -> anyhow::Result<Exit> {
    let mut keys = keys();
    let mut clock = tokio::time::interval(EVERY);
    let mut before = Before::default();
    loop {
        tokio::select! {
            _ = clock.tick() => view.update(look(&mut clients, &mut before).await?),
            key = keys.recv() => match key {
                Some(Some(key)) => match view.press(key) {
                    Wish::Draw => {}
                    Wish::Quit => return Ok(Exit::Success),
                    Wish::Interrupt => return Ok(Exit::Interrupted),
                },
                // The terminal has another size.
                Some(None) => {}
                None => return Ok(Exit::Success),
            },
        }
        terminal.draw(|frame| view.draw(frame))?;
    }
}

/// The plugins of every host that still answers; at least one does.
async fn look(clients: &mut Vec<Client>, before: &mut Before) -> Result<Vec<Row>, Failure> {
    let mut all = Vec::new();
    let mut last = None;
    let mut answering = Vec::new();
    for client in clients.drain(..) {
        match client.plugins().await {
            Ok(plugins) => {
                all.extend(rows(client.host(), plugins, before));
                answering.push(client);
            }
            Err(error) => last = Some(client_failure(&error).ending_with(Exit::NoHost)),
        }
    }
    *clients = answering;
    match last {
        Some(failure) if clients.is_empty() => Err(failure),
        _ => Ok(all),
    }
}

/// Keys that are pressed, and nothing for a terminal that has another size. They are read on a thread of their own, which
/// ends with the process.
fn keys() -> mpsc::Receiver<Option<KeyEvent>> {
    let (to, keys) = mpsc::channel(KEYS);
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            let told = match event {
                Event::Key(key) if key.is_press() => Some(key),
                Event::Resize(..) => None,
                _ => continue,
            };
            if to.blocking_send(told).is_err() {
                return;
            }
        }
    });
    keys
}
