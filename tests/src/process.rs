//! What a process takes of its machine, as Linux counts it.

use std::{fs, time::Duration};

/// Processor time so far, all of its threads together; nothing once it is gone. Threads that ended are not in it.
pub fn cpu(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let spent = |thread: fs::DirEntry| {
        let stat = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
    };
    Duration::from_nanos(threads.map(spent).sum())
}

/// Bytes of memory, of this kind in the kernel's words (`Rss`, `Pss`, `Private_Dirty`); 0 once it is gone.
pub fn memory(process: u32, kind: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':')).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0.0) * 1024.0
}
