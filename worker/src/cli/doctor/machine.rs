//! This machine: settings, files and their rights, room on the disk.

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use jointforce_shared::config::Places;
use nix::{
    sys::statvfs::statvfs,
    unistd::{AccessFlags, access},
};

use super::{
    super::{serve::RunArgs, settings::Read},
    Checks,
};

/// Less room than this ends soon: SQLite's log, checkpoints and backups need it.
const ROOM_WARNED: u64 = 1 << 30;
/// With less than this the next write may fail.
const ROOM_FAILED: u64 = 100 << 20;

pub(super) fn look(checks: &mut Checks, read: &Read, run: &RunArgs, places: &Places) {
    if let Some(path) = read.file.path() {
        private(checks, "config file", path);
    }
    let embedded = places.database_url.starts_with("sqlite:");
    match run.clone().config(places, embedded) {
        Ok(_) => checks.fine("settings", "`run` would start with them"),
        Err(refused) => {
            for fault in refused.faults {
                checks.fail("settings", format!("{}: {}", fault.field, fault.problem), fault.fix);
            }
        }
    }
    for path in run.secret_files() {
        private(checks, "secret file", path);
    }
    let folder = places.folder();
    data_folder(checks, &folder);
    let mut folders = vec![folder];
    folders.extend(run.checkpoints());
    folders.dedup();
    for folder in folders {
        room(checks, &folder);
    }
}

/// A file with a secret in it: ours alone to read, our group's at most.
fn private(checks: &mut Checks, name: &'static str, path: &Path) {
    let shown = path.display();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            return checks.fail(name, format!("{shown} can't be read: {error}"), "Put it there, or name another.");
        }
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        let fix = format!("Run `chmod 600 {shown}`; whoever read it before knows the secret, so make a new one.");
        checks.fail(name, format!("everybody on this machine may open {shown} (mode {mode:o})"), fix);
    } else if mode & 0o020 != 0 {
        checks.warn(name, format!("its group may change {shown} (mode {mode:o})"), format!("Run `chmod 640 {shown}`."));
    } else if access(path, AccessFlags::R_OK).is_err() {
        checks.fail(
            name,
            format!("this account may not read {shown}"),
            "Run as the worker's account, or give it the file.",
        );
    } else {
        checks.fine(name, format!("{shown} is private"));
    }
}

fn data_folder(checks: &mut Checks, folder: &Path) {
    let shown = folder.display();
    match fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            checks.fine("data folder", format!("{shown} is made when it is needed"));
        }
        Err(error) => checks.fail("data folder", format!("{shown}: {error}"), "Give another with --data-dir."),
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o777;
            if access(folder, AccessFlags::W_OK).is_err() {
                let fix = "Run as the worker's account, or give the folder to it.";
                checks.fail("data folder", format!("this account may not write into {shown}"), fix);
            } else if mode & 0o002 != 0 {
                let fix = format!("Run `chmod o-w {shown}`.");
                checks.fail("data folder", format!("everybody may write into {shown} (mode {mode:o})"), fix);
            } else {
                checks.fine("data folder", format!("{shown} can be written"));
            }
        }
    }
}

fn room(checks: &mut Checks, path: &Path) {
    // What isn't there yet will be made on its parent's disk.
    let there = path.ancestors().find(|path| path.exists()).map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
    let Ok(disk) = statvfs(&there) else { return };
    let left = disk.blocks_available() * disk.fragment_size();
    let found = format!("{} MB left on the disk of {}", left >> 20, there.display());
    let fix = "Make room: delete old backups and logs first, never files of the database.";
    match left {
        ..ROOM_FAILED => checks.fail("disk", found, fix),
        ROOM_FAILED..ROOM_WARNED => checks.warn("disk", found, fix),
        _ => checks.fine("disk", found),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    #[test]
    fn a_secret_that_others_may_read_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, "s3cret").unwrap();
        let of = |mode| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let mut checks = Checks::default();
            private(&mut checks, "secret file", &file);
            checks.worst()
        };
        assert_eq!([of(0o600), of(0o640), of(0o660), of(0o644)], {
            use Verdict::{Failure, Fine, Warning};
            [Fine, Fine, Warning, Failure]
        });
        let mut checks = Checks::default();
        private(&mut checks, "secret file", &folder.path().join("none"));
        assert_eq!(checks.worst(), Verdict::Failure);
    }
}
