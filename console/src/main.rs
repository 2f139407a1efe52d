//! `jointforce-console`: where moderators clear cases.

use std::process::ExitCode;

fn main() -> ExitCode {
    jointforce_console::run()
}
