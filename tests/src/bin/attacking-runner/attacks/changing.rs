//! Files and file systems that are changed, watched and mounted.

use super::attack::{Attack, attack, done};
use super::system::call;

/// Not in the C library's headers: file identifiers in the events of fanotify, which everybody may ask for.
const FAN_REPORT_FID: u32 = 0x200;

/// `OPEN_TREE_CLONE`: a copy of the mounts.
const OPEN_TREE_CLONE: u32 = 1;

/// What `name_to_handle_at` fills: room, kind, and the handle itself.
#[repr(C)]
struct Handle {
    room: u32,
    kind: i32,
    bytes: [u8; 128],
}

const NO_HANDLE: Handle = Handle { room: 128, kind: 0, bytes: [0; 128] };

pub(crate) const ATTACKS: &[Attack] = &[
    attack(17, "unlink(canary)", |bait| call!(SYS_unlink, bait.file("canary").as_ptr()).map(done)),
    attack(18, "rename(canary)", |bait| {
        call!(SYS_rename, bait.file("canary").as_ptr(), bait.file("stolen").as_ptr()).map(done)
    }),
    attack(19, "link(canary)", |bait| {
        call!(SYS_link, bait.file("canary").as_ptr(), bait.file("linked").as_ptr()).map(done)
    }),
    attack(20, "symlink", |bait| {
        call!(SYS_symlink, c"/etc/passwd".as_ptr(), bait.file("symbolic").as_ptr()).map(done)
    }),
    attack(21, "mkdir", |bait| call!(SYS_mkdir, bait.file("folder").as_ptr(), 0o700).map(done)),
    attack(22, "mknod, a pipe with a name", |bait| {
        call!(SYS_mknod, bait.file("pipe").as_ptr(), libc::S_IFIFO | 0o600, 0).map(done)
    }),
    attack(23, "chmod(canary)", |bait| call!(SYS_chmod, bait.file("canary").as_ptr(), 0o777).map(done)),
    attack(24, "chown(canary)", |bait| {
        let unchanged = u32::MAX;
        call!(SYS_chown, bait.file("canary").as_ptr(), unchanged, unchanged).map(done)
    }),
    attack(25, "utimensat(canary)", |bait| {
        let long_ago = [0_i64; 4];
        call!(SYS_utimensat, libc::AT_FDCWD, bait.file("canary").as_ptr(), long_ago.as_ptr(), 0).map(done)
    }),
    attack(26, "truncate(canary)", |bait| call!(SYS_truncate, bait.file("canary").as_ptr(), 0).map(done)),
    attack(27, "setxattr(canary)", |bait| {
        let name = c"user.plughold";
        call!(SYS_setxattr, bait.file("canary").as_ptr(), name.as_ptr(), name.as_ptr(), 1, 0).map(done)
    }),
    attack(28, "statfs(/tmp)", |_| {
        let mut facts = [0_u64; 32];
        call!(SYS_statfs, c"/tmp".as_ptr(), facts.as_mut_ptr()).map(done)
    }),
    attack(29, "chdir(/tmp)", |_| call!(SYS_chdir, c"/tmp".as_ptr()).map(done)),
    attack(30, "getcwd", |_| {
        let mut path = [0_u8; 256];
        call!(SYS_getcwd, path.as_mut_ptr(), path.len()).map(done)
    }),
    attack(31, "chroot(/tmp)", |_| call!(SYS_chroot, c"/tmp".as_ptr()).map(done)),
    attack(32, "umask", |_| call!(SYS_umask, 0).map(done)),
    attack(33, "inotify_init1", |_| call!(SYS_inotify_init1, 0).map(done)),
    attack(34, "fanotify_init", |_| call!(SYS_fanotify_init, FAN_REPORT_FID, libc::O_RDONLY).map(done)),
    attack(35, "name_to_handle_at(/tmp)", |_| {
        let (mut handle, mut mount) = (NO_HANDLE, 0_i32);
        let path = c"/tmp".as_ptr();
        call!(SYS_name_to_handle_at, libc::AT_FDCWD, path, &raw mut handle, &raw mut mount, 0).map(done)
    }),
    attack(36, "name_to_handle_at(/tmp), open_by_handle_at", |_| {
        let (mut handle, mut mount) = (NO_HANDLE, 0_i32);
        let path = c"/tmp".as_ptr();
        call!(SYS_name_to_handle_at, libc::AT_FDCWD, path, &raw mut handle, &raw mut mount, 0)?;
        call!(SYS_open_by_handle_at, libc::AT_FDCWD, &raw const handle, libc::O_RDONLY).map(done)
    }),
    attack(37, "mount(tmpfs on /mnt)", |_| {
        let kind = c"tmpfs".as_ptr();
        call!(SYS_mount, kind, c"/mnt".as_ptr(), kind, 0, 0).map(done)
    }),
    attack(38, "umount2(/)", |_| call!(SYS_umount2, c"/".as_ptr(), 0).map(done)),
    attack(39, "pivot_root(., .)", |_| call!(SYS_pivot_root, c".".as_ptr(), c".".as_ptr()).map(done)),
    attack(40, "open_tree(/, a copy)", |_| {
        call!(SYS_open_tree, libc::AT_FDCWD, c"/".as_ptr(), OPEN_TREE_CLONE).map(done)
    }),
    attack(41, "fsopen(tmpfs)", |_| call!(SYS_fsopen, c"tmpfs".as_ptr(), 0).map(done)),
    attack(42, "sync", |_| call!(SYS_sync).map(done)),
];
