//! The console as its users have it: the real program in a real terminal, driven by keys, its screen read back.

mod bad_input;
mod by_keys;
mod by_ssh;
mod casework;
mod finding;
mod plain;
mod sitting;
mod storms;

use std::{process::Command, time::Duration};

use jointforce_shared::{
    account,
    commands::{House, operator},
    domain::operator::Role,
};
use jointforce_tests::{programs, pty::Terminal, servers::Database, world::World};
use tempfile::TempDir;

/// Long enough for a busy machine; a test that needs it all has failed.
pub const LIMIT: Duration = Duration::from_secs(30);
/// A decision counts only on a case that was on the screen for 250 ms: that is a promise to moderators, not luck.
const SEEN: Duration = Duration::from_millis(400);

/// The console's command line for a database.
pub fn command(database: &Database, data: &TempDir) -> Command {
    let mut command = programs::console();
    command.env("DATABASE_URL", &database.url).env("JOINTFORCE_DATA_DIR", data.path()).env("TERM", "xterm-256color");
    command
}

/// Makes whoever runs the tests a senior of this house.
pub async fn hire_me(house: &House) {
    let me = account::current().unwrap();
    operator::add(house, &World::import(), me.clone(), me.as_str(), Role::Senior).await.unwrap();
}

/// A house with whoever runs the tests as a senior, and where its consoles keep their files.
pub struct Desk {
    pub world: World,
    pub database: Database,
    pub data: TempDir,
}

impl Desk {
    pub async fn on(database: Database) -> Self {
        let world = World::new(&database.url).await;
        hire_me(&world.house).await;
        Self { world, database, data: TempDir::new().unwrap() }
    }

    /// Opens a console of so many columns and rows.
    pub fn sit_down(&self, columns: u16, rows: u16) -> Terminal {
        Terminal::start(&command(&self.database, &self.data), columns, rows)
    }
}

/// Presses keys, and waits for what they bring. What the console calls too early is pressed again, as a person would: on a
/// busy machine it hears later than we see what is on the screen.
pub async fn press(terminal: &mut Terminal, keys: &str, brings: &str) {
    const EARLY: &str = "That came before the ";
    let was_early = terminal.contents().contains(EARLY);
    terminal.send_keys(keys);
    let answered = |screen: &vt100::Screen| {
        let screen = screen.contents();
        screen.contains(brings) || (!was_early && screen.contains(EARLY))
    };
    terminal.wait_for(&format!("{brings:?} on the screen"), answered, LIMIT).await;
    if !terminal.contents().contains(brings) {
        tokio::time::sleep(SEEN).await;
        terminal.send_keys(keys);
        terminal.wait_for_text(brings, LIMIT).await;
    }
}

/// Waits until a text stands on the screen and has been there long enough to be decided on.
pub async fn see(terminal: &Terminal, text: &str) {
    terminal.wait_for_text(text, LIMIT).await;
    tokio::time::sleep(SEEN).await;
}
