//! A small disk that can be full: a tmpfs of our own.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

use nix::sys::statvfs::statvfs;
use tempfile::TempDir;

/// The variable that says that what is mounted here is seen by nobody else and goes with us: `tests/torture` sets it.
pub const OWN_MOUNTS: &str = "JOINTFORCE_TORTURE_OWN_MOUNTS";

/// A disk.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    const SIZE: &str = "size=3g";

    /// A disk with much room, if this process may mount one.
    pub fn mount() -> Option<Self> {
        std::env::var_os(OWN_MOUNTS)?;
        let folder = TempDir::with_prefix("jf-disk-").ok()?;
        let disk = Self { folder };
        run(Command::new("mount").args(["-t", "tmpfs", "-o", Self::SIZE, "tmpfs"]).arg(disk.path()))?;
        // A server runs as another user, and takes its folder away itself.
        std::fs::set_permissions(disk.path(), PermissionsExt::from_mode(0o1777)).ok()?;
        Some(disk)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves no room.
    pub fn fill(&self) {
        let Ok(now) = statvfs(self.path()) else { return };
        let used = (now.blocks() - now.blocks_free()) * now.fragment_size();
        // What is written meanwhile makes it too small, and then it is refused.
        let _ = (0..10u64).find(|n| self.resize(&format!("size={}", used + n * n * 65_536)));
    }

    /// Makes room again.
    pub fn clear(&self) {
        self.resize(Self::SIZE);
    }

    fn resize(&self, size: &str) -> bool {
        run(Command::new("mount").args(["-o", &format!("remount,{size}")]).arg(self.path())).is_some()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run(Command::new("umount").arg("--lazy").arg(self.path()));
    }
}

fn run(command: &mut Command) -> Option<()> {
    command.output().ok().filter(|output| output.status.success()).map(drop)
}
