//! A root folder without anything in it, which cannot be written.

use super::failed;
use crate::{Error, Layer};
use rustix::fs::CWD;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, UnmountFlags, fsconfig_create, fsmount,
    fsopen, move_mount, unmount,
};

/// Puts an empty file system in the place of the root, and lets go of all that was mounted.
pub(super) fn empty() -> Result<(), Error> {
    failed(Layer::Root, "it cannot be put in place", replace_root().map_err(Into::into))
}

fn replace_root() -> rustix::io::Result<()> {
    let file_system = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&file_system)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
        | MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let mount = fsmount(&file_system, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
    // On top of the old root, where every machine has a folder.
    move_mount(&mount, "", CWD, "/", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    rustix::process::fchdir(&mount)?;
    // The old root comes to lie on top of the new one, and is taken away from there.
    rustix::process::pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")
}
