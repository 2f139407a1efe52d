//! The settings of a command line: the file's stand where neither a flag nor the environment says anything. They become the
//! defaults that clap knows, so there is one definition of every setting.

use std::{env, ffi::OsString};

use clap::{Arg, ArgMatches, Command, CommandFactory as _, FromArgMatches as _, parser::ValueSource};
use jointforce_shared::settings::{File, VARIABLE};

use super::{Cli, serve::RunArgs};

/// A command line that was read, with the file that filled its gaps.
pub struct Read {
    /// The command.
    pub cli: Cli,
    /// Where each value came from.
    pub matches: ArgMatches,
    /// What the file said.
    pub file: File,
}

/// Reads a command line, its first word included, and the file that it or the environment names.
///
/// # Errors
/// clap's own for the command line. What is wrong with the file, [`File::usable`] says.
pub fn read(arguments: &[OsString]) -> anyhow::Result<Read> {
    let file = File::find(named_file(arguments).as_deref());
    let matches = command(&file).try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    Ok(Read { cli, matches, file })
}

/// The command line's definition with the file's values as defaults.
pub fn command(file: &File) -> Command {
    fill(Cli::command(), file)
}

/// Looked for by hand, since the file has to be read before clap can be told of its values.
fn named_file(arguments: &[OsString]) -> Option<OsString> {
    let mut words = arguments.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == "--config" {
            return words.next().cloned();
        }
        if let Some(path) = word.to_str().and_then(|word| word.strip_prefix("--config=")) {
            return Some(path.into());
        }
    }
    env::var_os(VARIABLE)
}

/// The settings as `run` would see them, with the flags that this command line has for all commands.
///
/// # Errors
/// When the file can't be used, or they can't be read as `run`'s.
pub fn as_run(read: &Read) -> anyhow::Result<(ArgMatches, RunArgs)> {
    read.file.usable()?;
    let mut given = &read.matches;
    while let Some((_, deeper)) = given.subcommand() {
        given = deeper;
    }
    let mut words = vec![OsString::from("jointforce-worker")];
    for arg in settings().iter().filter(|arg| arg.is_global_set()) {
        if given.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine) {
            let values = given.get_raw(arg.get_id().as_str()).into_iter().flatten();
            let flag = format!("--{}", arg.get_long().unwrap_or_default());
            words.extend(values.flat_map(|value| [flag.clone().into(), value.to_owned()]));
        }
    }
    words.push("run".into());
    let matches = command(&read.file).try_get_matches_from(words)?;
    match Cli::from_arg_matches(&matches)?.command {
        super::Command::Run(args) => Ok((matches, *args)),
        _ => anyhow::bail!("the settings could not be read as those of run"),
    }
}

/// Every setting: what all commands have, and what `run` has.
pub fn settings() -> Vec<Arg> {
    let root = Cli::command();
    let run =
        root.find_subcommand("run").map(|run| run.get_arguments().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let is_setting = |arg: &Arg| arg.get_long().is_some_and(|name| !["help", "version", "config"].contains(&name));
    root.get_arguments().cloned().chain(run).filter(is_setting).collect()
}

fn fill(command: Command, file: &File) -> Command {
    let is_run = command.get_name() == "run";
    let command = command.mut_args(|arg| {
        let said = arg.get_long().and_then(|name| file.values(name));
        match said {
            // Elsewhere a flag of the same name may mean something else, unless it has a variable of its own.
            Some(values) if is_run || arg.get_env().is_some() => arg.default_values(values.to_vec()),
            _ => arg,
        }
    });
    command.mut_subcommands(|sub| fill(sub, file))
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;
    use jointforce_shared::settings::SETTINGS;

    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jf.toml");
        std::fs::write(&path, "redis-prefix = 'file'\ndrain = 7\nlane = ['inside']\nlog = 'json'\n").unwrap();
        let file = File::find(Some(path.as_os_str()));
        let of = |line: &str, name: &str| {
            let matches = command(&file).try_get_matches_from(words(line)).unwrap();
            let run = matches.subcommand_matches("run").unwrap();
            run.get_raw(name).unwrap().map(|text| text.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("jointforce-worker run", "redis_prefix"), "file");
        assert_eq!(of("jointforce-worker run --redis-prefix flag", "redis_prefix"), "flag");
        assert_eq!(of("jointforce-worker run", "drain"), "7");
        assert_eq!(of("jointforce-worker run", "lanes"), "inside");
        assert_eq!(of("jointforce-worker run", "log"), "json");
        assert_eq!(of("jointforce-worker run", "mail_from"), "Joint Force <takedowns@localhost>");
    }

    #[test]
    fn a_file_may_name_every_setting_and_no_other() {
        let many = |arg: &Arg| matches!(arg.get_action(), ArgAction::Append);
        let of_clap: Vec<_> = settings().iter().map(|arg| (arg.get_long().unwrap().to_owned(), many(arg))).collect();
        let of_file: Vec<_> = SETTINGS.iter().map(|setting| (setting.name.to_owned(), setting.many)).collect();
        assert_eq!(of_file, of_clap);
    }

    #[test]
    fn the_file_is_named_by_a_flag_anywhere_before_two_dashes() {
        assert_eq!(named_file(&words("w --config a.toml run")), Some("a.toml".into()));
        assert_eq!(named_file(&words("w run --config=b.toml")), Some("b.toml".into()));
        assert_eq!(named_file(&words("w import -- --config")), None);
    }
}
