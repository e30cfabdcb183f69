//! What the attacks are after: it is really there, in this process and in a folder of each attack's own.

use crate::kernel;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A number that nobody else knows.
static SECRET: OnceLock<u32> = OnceLock::new();

/// Baits of this process so far: tests that run at the same time do not get into each other's way.
static LAID: AtomicU32 = AtomicU32::new(0);

/// What an attack is after. Dropping it removes the folder.
pub(crate) struct Bait {
    number: u32,
    serial: u32,
    /// Of the folder, of a socket and of whatever an attack makes that needs a name.
    name: String,
    folder: PathBuf,
    /// A number in the memory of the host, which an attack changes to its own.
    target: Box<AtomicU32>,
    tcp: TcpListener,
    udp: UdpSocket,
    by_path: UnixListener,
    by_name: UnixListener,
}

impl Bait {
    /// Lays the bait for the attack `number`. The attacking runner knows the names.
    pub(crate) fn lay(number: u32) -> Bait {
        let serial = LAID.fetch_add(1, Ordering::Relaxed);
        let name = format!("plughold-bait-{}-{serial}", std::process::id());
        let folder = Path::new("/tmp").join(&name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("canary"), "canary").unwrap();
        let by_path = UnixListener::bind(folder.join("socket")).unwrap();
        let by_name = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let (tcp, udp) = one_port();
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        by_path.set_nonblocking(true).unwrap();
        by_name.set_nonblocking(true).unwrap();
        Bait { number, serial, name, folder, target: Box::default(), tcp, udp, by_path, by_name }
    }

    /// The numbers of the order for this attack.
    pub(crate) fn order(&self) -> [f64; 6] {
        let port = self.tcp.local_addr().unwrap().port();
        let addresses = [(&raw const *secret()) as usize, self.target.as_ptr() as usize];
        let [secret, target] = addresses.map(|address| address as f64);
        let numbers = [self.number, std::process::id(), self.serial, u32::from(port)];
        let [number, host, serial, port] = numbers.map(f64::from);
        [number, host, serial, port, secret, target]
    }

    /// Whether this is the number that nobody else knows.
    pub(crate) fn is_secret(number: f64) -> bool {
        number == f64::from(*secret())
    }

    /// Whether the effect of the attack is seen from here. Attacks without one are believed.
    pub(crate) fn is_taken(&self) -> bool {
        let file = |name: &str| fs::symlink_metadata(self.folder.join(name));
        let canary = file("canary");
        match self.number {
            4 | 26 => canary.is_ok_and(|canary| canary.len() == 0),
            5 => file("created").is_ok(),
            17 => canary.is_err(),
            18 => canary.is_err() && file("stolen").is_ok(),
            19 => canary.is_ok_and(|canary| canary.nlink() == 2),
            20 => file("symbolic").is_ok_and(|link| link.is_symlink()),
            21 => file("folder").is_ok_and(|folder| folder.is_dir()),
            22 => file("pipe").is_ok_and(|pipe| pipe.file_type().is_fifo()),
            23 => canary.is_ok_and(|canary| canary.mode() & 0o777 == 0o777),
            25 => canary.is_ok_and(|canary| canary.mtime() == 0),
            44 => self.tcp.accept().is_ok(),
            45 => self.udp.recv(&mut [0]).is_ok(),
            53 => self.by_name.accept().is_ok(),
            54 => self.by_path.accept().is_ok(),
            83 => self.target.load(Ordering::Relaxed) == self.number,
            _ => true,
        }
    }
}

impl Drop for Bait {
    fn drop(&mut self) {
        // A test that fails says more than a folder that stays.
        let _is_tidy_only = fs::remove_dir_all(&self.folder);
        // A queue is made before Landlock denies it to who makes it, and nine that stay are all that a user may have.
        kernel::remove_queue(&self.name);
    }
}

fn secret() -> &'static u32 {
    // The seeds of a hash map are chance.
    SECRET.get_or_init(|| RandomState::new().hash_one(0) as u32)
}

/// Two listeners with one number.
fn one_port() -> (TcpListener, UdpSocket) {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        match UdpSocket::bind(tcp.local_addr().unwrap()) {
            Ok(udp) => return (tcp, udp),
            // Another program has it.
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::AddrInUse),
        }
    }
}
