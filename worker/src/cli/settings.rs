//! The configuration file: TOML, each setting under the name of its flag. What it says stands where neither a flag nor the
//! environment says anything: it becomes the default that clap knows, so there is one definition of every setting.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory as _, FromArgMatches as _, parser::ValueSource};
use jointforce_shared::domain::refused::{Fault, Refused};

use super::{Cli, serve::RunArgs};

/// The environment variable that names the file.
pub const VARIABLE: &str = "JOINTFORCE_CONFIG";

/// What a file says: settings by name, each with its values as text.
#[derive(Debug, Default)]
pub struct File {
    /// Where it is; none where none is named.
    pub path: Option<PathBuf>,
    values: BTreeMap<String, Vec<String>>,
}

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
/// clap's own for the command line; [`Refused`] with every fault of the file.
pub fn read(arguments: &[OsString]) -> anyhow::Result<Read> {
    let file = match named_file(arguments) {
        Some(path) => File::read(path)?,
        None => File::default(),
    };
    let matches = command(&file).try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    Ok(Read { cli, matches, file })
}

/// The command line's definition with the file's values as defaults.
pub fn command(file: &File) -> Command {
    fill(Cli::command(), file)
}

/// Looked for by hand, since the file has to be read before clap can be told of its values.
fn named_file(arguments: &[OsString]) -> Option<PathBuf> {
    let mut words = arguments.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == "--config" {
            return words.next().map(PathBuf::from);
        }
        if let Some(path) = word.to_str().and_then(|word| word.strip_prefix("--config=")) {
            return Some(path.into());
        }
    }
    env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The settings as `run` would see them, with the flags that this command line has for all commands.
///
/// # Errors
/// When they can't be read as `run`'s.
pub fn as_run(read: &Read) -> anyhow::Result<(ArgMatches, RunArgs)> {
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
        let said = arg.get_long().and_then(|name| file.values.get(name));
        match said {
            // Elsewhere a flag of the same name may mean something else, unless it has a variable of its own.
            Some(values) if is_run || arg.get_env().is_some() => arg.default_values(values.clone()),
            _ => arg,
        }
    });
    command.mut_subcommands(|sub| fill(sub, file))
}

impl File {
    fn read(path: PathBuf) -> Result<Self, Refused> {
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let fix = format!("Give a file that this account may read, with --config or {VARIABLE}.");
            Refused::one("config", format!("{} can't be read: {error}", path.display()), fix)
        })?;
        Self::parse(&text, &path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, Refused> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            // Only where and what: a line of this file may hold a password.
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let problem = format!("{} is no TOML at line {line}: {}", path.display(), error.message());
            Refused::one("config", problem, "Write settings as `smtp-url = \"smtp://mail:25\"`, one a line.")
        })?;
        let known: Vec<Arg> = settings();
        let (mut values, mut faults) = (BTreeMap::new(), vec![]);
        for (key, value) in table {
            let name = key.replace('_', "-");
            let Some(arg) = known.iter().find(|arg| arg.get_long() == Some(&name)) else {
                faults.push(unknown(&key, &known));
                continue;
            };
            match texts(&value) {
                Some(texts) if texts.len() == 1 || matches!(arg.get_action(), ArgAction::Append) => {
                    values.insert(name, texts);
                }
                _ => faults.push(Fault {
                    field: format!("config.{key}"),
                    problem: "it is not a text, number or truth value".to_owned(),
                    fix: format!("See `--{name}` in `jointforce-worker run --help`."),
                }),
            }
        }
        if faults.is_empty() { Ok(Self { path: Some(path.to_owned()), values }) } else { Err(Refused { faults }) }
    }

    /// Whether the file says something of this setting.
    pub fn says(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
}

fn unknown(key: &str, known: &[Arg]) -> Fault {
    let names = known.iter().filter_map(Arg::get_long);
    let name = key.replace('_', "-");
    let nearest = names.max_by(|a, b| strsim::jaro_winkler(a, &name).total_cmp(&strsim::jaro_winkler(b, &name)));
    let key: String = key.chars().filter(|c| !c.is_control()).take(60).collect();
    let fix = match nearest.filter(|nearest| strsim::jaro_winkler(nearest, &name) > 0.7) {
        Some(nearest) => format!("Did you mean {nearest}? `jointforce-worker config show` lists all."),
        None => "`jointforce-worker config show` lists all.".to_owned(),
    };
    Fault { field: format!("config.{key}"), problem: "there is no such setting".to_owned(), fix }
}

/// A value as clap would have been given it; a list as several.
fn texts(value: &toml::Value) -> Option<Vec<String>> {
    match value {
        toml::Value::String(text) => Some(vec![text.clone()]),
        toml::Value::Integer(number) => Some(vec![number.to_string()]),
        toml::Value::Boolean(truth) => Some(vec![truth.to_string()]),
        toml::Value::Array(values) => {
            let inner: Option<Vec<Vec<String>>> = values.iter().map(texts).collect();
            inner.map(|inner| inner.concat()).filter(|texts| !texts.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<File, Refused> {
        File::parse(text, Path::new("jf.toml"))
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let file = file("redis-prefix = 'file'\ndrain = 7\nlane = ['inside']\nlog = 'json'\n").unwrap();
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
    fn whatever_is_wrong_in_the_file_is_said_at_once_and_no_value_is_quoted() {
        let refused = file("smpt-url = 'smtp://:hunter2@mail'\nnonsense = 1\ndrain = { a = 1 }\n").unwrap_err();
        let said = refused.to_string();
        assert_eq!(refused.faults.len(), 3, "{said}");
        assert!(said.contains("Did you mean smtp-url?"), "{said}");
        assert!(said.contains("config.drain"), "{said}");
        let broken = file("drain = 1\nsmtp-url = smtp://:hunter2@mail\n").unwrap_err().to_string();
        assert!(broken.contains("line 2"), "{broken}");
        assert!(!said.contains("hunter2") && !broken.contains("hunter2"), "{said} {broken}");
    }

    #[test]
    fn the_file_is_named_by_a_flag_anywhere_before_two_dashes() {
        assert_eq!(named_file(&words("w --config a.toml run")), Some("a.toml".into()));
        assert_eq!(named_file(&words("w run --config=b.toml")), Some("b.toml".into()));
        assert_eq!(named_file(&words("w import -- --config")), None);
    }
}
