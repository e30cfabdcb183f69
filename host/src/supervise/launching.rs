//! From a package to a process that was greeted.

use super::running::{Running, RunningParts, TURN};
use super::{Common, Prepared};
use crate::api::Functions;
use crate::aside::aside;
use crate::clock;
use crate::error::LoadError;
use crate::events::Event;
use crate::launch::Process;
use crate::permissions::Access;
use crate::service::Plugin;
use crate::services::{Desk, Services};
use crate::session::connection::Connection;
use crate::session::greeting::{Greeting, Secrets};
use crate::session::{Session, SessionParts};
use crate::{Limits, Package};
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What is to be started.
pub(super) enum Wanted {
    /// What the plugin has.
    Present(Arc<Prepared>),
    /// What is on the disk now.
    OnDisk(PathBuf),
    /// What somebody has read from there.
    Given(Arc<Package>),
}

/// Starts a process, when it is its turn. Dropping the future ends what it has started.
pub(super) async fn launch(
    common: Arc<Common>,
    plugin: Plugin,
    generation: u32,
    is_candidate: bool,
    wanted: Wanted,
) -> Result<Running, LoadError> {
    let mut turn = common.turn().await?;
    let begun = clock::now();
    let mut reading = pin!(read(&common, &plugin, wanted));
    let (prepared, source) = match tokio::time::timeout(TURN, &mut reading).await {
        Ok(read) => read?,
        // A disk that hangs, or an embedder who asks a person, holds up nobody else.
        Err(_) => {
            drop(turn);
            let read = reading.await?;
            turn = common.turn().await?;
            read
        }
    };
    let (config, package) = (&common.config, &prepared.package);
    let refused = |error: std::io::Error| LoadError::Spawn {
        program: config.program.clone(),
        reason: error.to_string(),
    };
    let memory = config.limits.memory_for(package.limits.memory);
    let spawned = common
        .spawner
        .spawn(config.program.clone(), memory)
        .await
        .map_err(|error| error.into_load_error(&config.program))?;
    let process = Process::new(spawned.child).map_err(refused)?;
    let stream = Arc::new(Stream::try_from(spawned.socket).map_err(refused)?);
    let stack = config.limits.stack_for(package.limits.stack);
    let limits = Limits { stack, ..config.limits.clone() };
    for capped in config.limits.capped(&package.limits) {
        common.events.send(Event::Capped { plugin: package.id.clone(), capped });
    }
    let greeting =
        Greeting::new(secrets().map_err(|error| refused(error.into()))?).with_proof(spawned.witness);
    let lineage = plugin.shared().lineage.clone();
    if !is_candidate {
        lineage.take_over(generation);
    }
    let permissions = &plugin.shared().permissions;
    prepared.decide(permissions);
    let access = Arc::new(Access::new(package, permissions.clone()));
    let session = Session::new(SessionParts {
        plugin: package.id.clone(),
        generation,
        pid: process.id(),
        limits: limits.clone(),
        runtime: config.runtime.clone(),
        stream: stream.clone(),
        page: spawned.page,
        waiting: common.waiting.clone(),
        lineage,
        access,
    });
    permissions.join(&session);
    session.send(&greeting.hello(
        &package.id,
        generation,
        &config.table,
        &limits,
        session.access().is_observed(),
    ));
    let (sender, signals) = mpsc::unbounded_channel();
    let connection = Connection {
        session: session.clone(),
        stream,
        package: package.clone(),
        functions: Arc::new(Functions::new(config.table.clone())),
        services: Services::new(
            common.plugins.clone(),
            Desk::new(config.rooms.of(&package.id), generation, package.clone()),
        ),
        events: common.events.clone(),
        signals: sender,
        batches: common.batches.clone(),
    };
    let connection = config.runtime.spawn(connection.run(greeting));
    let events = common.events.clone();
    let plan = spawned.plan;
    let parts =
        RunningParts { generation, prepared, source, session, process, plan, signals, connection, begun };
    Ok(Running::new(parts, events, turn))
}

/// The package and its entry file, on a thread that may wait for the disk and for the embedder's decisions.
async fn read(
    common: &Arc<Common>,
    plugin: &Plugin,
    wanted: Wanted,
) -> Result<(Arc<Prepared>, String), LoadError> {
    let (common_there, id) = (common.clone(), plugin.id().clone());
    let read = aside(move || {
        let prepared = match wanted {
            Wanted::Present(prepared) => prepared,
            Wanted::OnDisk(path) => Arc::new(Prepared::open(&id, &path, &common_there)?),
            Wanted::Given(package) => Arc::new(Prepared::replace(&id, package, &common_there)?),
        };
        let source = prepared.source()?;
        Ok((prepared, source))
    });
    read.await.unwrap_or_else(|error| Err(LoadError::Package(format!("cannot read it: {error}"))))
}

/// New ones for each process, from the system. It gives fewer than 256 bytes whole or not at all.
fn secrets() -> Result<Secrets, rustix::io::Errno> {
    let mut secrets = Secrets::default();
    for bytes in [&mut secrets.token[..], &mut secrets.seed[..], &mut secrets.random[..]] {
        rustix::rand::getrandom(bytes, rustix::rand::GetRandomFlags::empty())?;
    }
    Ok(secrets)
}
