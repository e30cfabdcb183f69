//! Files for plugins: the plugin's own data folder, its package to read, and what permissions open of the machine.
//!
//! - [`place`]: where a path of a plugin leads
//! - [`beneath`]: a folder that is open, and nothing but what is beneath it
//! - [`tree`]: a package as files and folders
//! - [`quota`]: what a data folder takes, and may take
//! - [`handles`]: open files, by number
//! - [`bench`]: where a call works: what it reaches, and what it is refused
//! - [`whole`], [`open`], [`folders`], [`moving`]: what can be done with files
//! - [`failure`]: errors as Node.js has them
//! - [`table`]: the services by name

mod bench;
mod beneath;
mod failure;
mod folders;
mod handles;
mod moving;
mod open;
pub(crate) mod place;
mod quota;
mod reply;
mod table;
#[cfg(test)]
mod tests;
mod tree;
mod whole;

pub(crate) use handles::OPEN;
pub(crate) use open::READ;
pub(super) use table::serve;
pub(super) use tree::Tree;

use super::Request;
use super::room::Desk;
use crate::api::{Invocation, Running};
use crate::permissions::{Allowed, Refusal};
use crate::value::encode;
use crate::{CallError, Thrown};
use bench::{Bench, Stop};
use beneath::Root;
use failure::Failure;
use handles::Handles;
use plughold_package::Scope;
use quota::Quota;
use reply::Reply;
use rustix::io::Errno;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is open of one plugin. Only its worker uses it.
#[derive(Debug)]
pub(crate) struct Files {
    /// None when the application gives plugins no place for data.
    data: Option<DataFolder>,
    /// The folder of the data of all plugins, which no permission opens.
    hidden: Option<PathBuf>,
    /// The machine, once something of it was allowed.
    machine: Option<Root>,
    handles: Handles,
}

/// The data folder of one plugin.
#[derive(Debug)]
struct DataFolder {
    root: Root,
    quota: Quota,
    /// The whole path to it, without links.
    path: PathBuf,
}

/// What a permission opens: one path of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reach {
    permission: &'static str,
    path: String,
}

/// What a call does: again from the start when it turns out that it needs a permission.
type Work = Arc<dyn Fn(&mut Bench) -> Result<Reply, Stop> + Send + Sync>;

impl Files {
    /// Of a plugin with this data folder, in the folder of the data of all plugins; waits for the disk.
    pub(crate) fn open(folder: Option<(&Path, &Path)>, most: u64) -> Result<Files, Errno> {
        let mut files = Files { data: None, hidden: None, machine: None, handles: Handles::default() };
        if let Some((all, own)) = folder {
            let root = Root::open(own)?;
            let quota = Quota::measure(&root, most)?;
            files.data = Some(DataFolder { root, quota, path: own.to_owned() });
            files.hidden = Some(all.to_owned());
        }
        Ok(files)
    }

    /// The whole path to a file in the data folder, for whoever opens it by that. One that is not there is to be made only if
    /// it may.
    ///
    /// # Errors
    /// Words for a person.
    #[cfg(feature = "storage")]
    pub(super) fn database(&mut self, written: &str, may_make: bool) -> Result<PathBuf, String> {
        let cannot = |errno: Errno| Failure::at(errno, "open", written).to_thrown().message;
        let held = self.handles.held();
        let place = place::Place::of(written).map_err(cannot)?;
        let (place::Place::Data(path), Some(data)) = (place, &mut self.data) else {
            return Err("expected a file in the data folder".to_owned());
        };
        match data.root.stat(&path) {
            Ok(stat) if beneath::kind_of(&stat) == rustix::fs::FileType::RegularFile => {}
            Ok(_) => return Err(cannot(Errno::INVAL)),
            Err(Errno::NOENT) if may_make => {
                data.root.parent(&path).map_err(cannot)?;
                data.quota.check(&data.root, quota::ENTRY, held).map_err(cannot)?;
            }
            Err(errno) => return Err(cannot(errno)),
        }
        Ok(data.path.join(path))
    }

    /// Bytes that are left of the data folder.
    #[cfg(feature = "storage")]
    pub(super) fn left(&self) -> u64 {
        self.data.as_ref().map_or(0, |data| data.quota.left())
    }

    /// Counts the data folder anew.
    ///
    /// # Errors
    /// Words for a person.
    #[cfg(feature = "storage")]
    pub(super) fn measure(&mut self) -> Result<(), String> {
        let held = self.handles.held();
        let Some(data) = &mut self.data else { return Ok(()) };
        data.quota.measure_again(&data.root, held).map_err(|errno| errno.to_string())
    }

    /// A process of the plugin has ended: closes what it had open.
    pub(crate) fn close_all(&mut self, owner: u32) {
        for number in self.handles.of(owner) {
            let _closed = self.close(owner, number);
        }
    }

    /// Closes a file, whose room is free if it has no name any more.
    fn close(&mut self, owner: u32, number: u32) -> Result<(), Errno> {
        let handle = self.handles.take(owner, number)?;
        let handles::Body::Disk(file) = &handle.body else { return Ok(()) };
        if let (Some(data), true) = (&mut self.data, handle.is_data) {
            let stat = rustix::fs::fstat(file)?;
            if stat.st_nlink == 0 && !self.handles.is_open(&stat) {
                data.quota.subtract(quota::weight(&stat));
            }
        }
        Ok(())
    }
}

/// Does the work of a call on the plugin's worker, and asks for what it needs.
fn start(request: Request, work: Work) -> Running {
    let Request { desk, invocation, .. } = request;
    let desk = desk.clone();
    Box::pin(async move {
        let mut granted = Vec::new();
        loop {
            let reply = match done(&desk, &work, granted.clone()).await {
                Err(Stop::Needs(reach)) => {
                    permit(&invocation, &reach).await.map_err(|thrown| thrown.to_value())?;
                    granted.push(reach);
                    continue;
                }
                Err(Stop::Failed(failure)) => Err(failure.to_thrown()),
                Err(Stop::Explained(failure, why)) => Err(failure.explained(why)),
                Ok(reply) => Ok(reply),
            };
            let encoded = reply.and_then(|reply| {
                let encoded = encode(&reply, invocation.session.exports());
                encoded.map_err(|error| CallError::from(error).to_thrown())
            });
            return encoded.map_err(|thrown| thrown.to_value());
        }
    })
}

async fn done(desk: &Arc<Desk>, work: &Work, granted: Vec<Reach>) -> Result<Reply, Stop> {
    let work = work.clone();
    let done = desk.ask(move |desk| {
        let tree = desk.tree.get_or_init(|| Tree::of(&desk.package));
        let mut files = desk.room.files();
        let files = match &mut *files {
            Some(files) => files,
            // Tried again with the next call.
            files => files.insert(desk.room.open_files().map_err(|errno| Failure::new(errno, "open"))?),
        };
        work(&mut Bench { files, tree, owner: desk.generation, granted: &granted })
    });
    done.await.unwrap_or_else(|error| Err(Failure::new(beneath::errno_of(&error), "open").into()))
}

/// Waits until it is decided whether a call may use a path of the machine.
async fn permit(invocation: &Invocation, reach: &Reach) -> Result<(), Thrown> {
    let access = invocation.session.access();
    let scope = match Scope::wanted(reach.permission, &reach.path) {
        Ok(scope) => Arc::new(scope),
        Err(error) => return Err(access.refuse_malformed(reach.permission, &reach.path, &error)),
    };
    if !invocation.rest_on(&scope) {
        return Err(access.refuse(&scope, Refusal::TooMany));
    }
    access.used(&scope, invocation.call);
    let decided = match access.allows(&scope) {
        Allowed::Yes => Ok(()),
        Allowed::No(why) => Err(why),
        Allowed::Undecided => tokio::select! {
            biased;
            decided = access.wait(&scope).decided() => decided,
            _ = invocation.cancellation.cancelled() => return Err(CallError::Cancelled.to_thrown()),
        },
    };
    decided.map_err(|why| access.refuse(&scope, why))
}
