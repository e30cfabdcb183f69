//! The services for files, by name: each with what it takes.

use super::bench::{Bench, Stop};
use super::open::How;
use super::reply::Reply;
use super::{Work, start};
use crate::api::Running;
use crate::services::{Request, unknown};
use crate::value::Incoming;
use crate::{Bytes, Thrown};
use std::sync::Arc;

/// Starts the service `files.<name>`.
pub(in crate::services) fn serve(name: &str, request: Request) -> Result<Running, Thrown> {
    let work = prepare(name, &request.args).map_err(|words| Thrown::new("TypeError", words))?;
    Ok(start(request, work.ok_or_else(unknown)?))
}

/// Takes the arguments of a call apart; gives what it does, none if there is no such service.
fn prepare(name: &str, args: &Incoming) -> Result<Option<Work>, String> {
    let path = || args.argument::<String>(0);
    let second = || args.argument::<String>(1);
    let number = || args.argument::<u32>(0);
    let flag = |at: usize| args.argument::<Option<bool>>(at).map(Option::unwrap_or_default);
    Ok(Some(match name {
        "read" => {
            let path = path()?;
            work(move |bench| bench.read(&path))
        }
        "write" => {
            let (path, bytes) = (path()?, args.argument::<Bytes>(1)?);
            let how: How = args.argument(2)?;
            work(move |bench| bench.write(&path, bytes.as_ref(), how))
        }
        "truncate" => {
            let (path, length) = (path()?, args.argument(1)?);
            work(move |bench| bench.truncate(&path, length))
        }
        "stat" => {
            let (path, follows) = (path()?, flag(1)?);
            work(move |bench| bench.stat(&path, follows))
        }
        "access" => {
            let (path, to_write) = (path()?, flag(1)?);
            work(move |bench| bench.access(&path, to_write))
        }
        "setTimes" => {
            let (path, accessed, modified) = (path()?, args.argument(1)?, args.argument(2)?);
            work(move |bench| bench.set_times(&path, accessed, modified))
        }
        "usage" => work(|bench| bench.usage()),
        "open" => {
            let (path, how) = (path()?, args.argument(1)?);
            work(move |bench| bench.open(&path, how))
        }
        "readOpen" => {
            let (number, length) = (number()?, args.argument(1)?);
            let at: Option<u64> = args.argument(2)?;
            work(move |bench| bench.read_open(number, length, at))
        }
        "writeOpen" => {
            let (number, bytes) = (number()?, args.argument::<Bytes>(1)?);
            let at: Option<u64> = args.argument(2)?;
            work(move |bench| bench.write_open(number, bytes.as_ref(), at))
        }
        "truncateOpen" => {
            let (number, length) = (number()?, args.argument(1)?);
            work(move |bench| bench.truncate_open(number, length))
        }
        "statOpen" => {
            let number = number()?;
            work(move |bench| bench.stat_open(number))
        }
        "syncOpen" => {
            let number = number()?;
            work(move |bench| bench.sync_open(number))
        }
        "close" => {
            let number = number()?;
            work(move |bench| bench.close(number))
        }
        "makeFolder" => {
            let path = path()?;
            work(move |bench| bench.make_folder(&path))
        }
        "makeFolders" => {
            let path = path()?;
            work(move |bench| bench.make_folders(&path))
        }
        "makeOwnFolder" => {
            let prefix = path()?;
            work(move |bench| bench.make_own_folder(&prefix))
        }
        "list" => {
            let path = path()?;
            work(move |bench| bench.list(&path))
        }
        "unlink" => {
            let path = path()?;
            work(move |bench| bench.unlink(&path))
        }
        "removeFolder" => {
            let path = path()?;
            work(move |bench| bench.remove_folder(&path))
        }
        "remove" => {
            let (path, recursive, force) = (path()?, flag(1)?, flag(2)?);
            work(move |bench| bench.remove(&path, recursive, force))
        }
        "rename" => {
            let (from, to) = (path()?, second()?);
            work(move |bench| bench.rename(&from, &to))
        }
        "copy" => {
            let (from, to, exclusive) = (path()?, second()?, flag(2)?);
            work(move |bench| bench.copy(&from, &to, exclusive))
        }
        _ => return Ok(None),
    }))
}

fn work(run: impl Fn(&mut Bench) -> Result<Reply, Stop> + Send + Sync + 'static) -> Work {
    Arc::new(run)
}
