//! The settings file that worker and console share: TOML, each setting under the name of the worker's flag. What it says
//! counts where neither a flag nor the environment says anything.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::domain::{
    refused::{Fault, Refused},
    words::{ALIKE, closest},
};

/// The environment variable that names another file; empty for none at all.
pub const VARIABLE: &str = "JOINTFORCE_CONFIG";

/// The file that is read where none is named, if it is there: the package's.
pub const USUAL: &str = "/etc/jointforce/jointforce.toml";

/// A setting that a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name: the flag without dashes before it.
    pub name: &'static str,
    /// Whether it may be a list.
    pub many: bool,
    /// Whether it is a number, which need not stand in quotes.
    pub number: bool,
}

/// Every setting, in the order of the worker's help. The console uses `database-url` and `data-dir`.
pub const SETTINGS: [Setting; 26] = [
    one("database-url"),
    one("redis-url"),
    one("data-dir"),
    one("smtp-url"),
    one("mail-from"),
    one("marketplace-url"),
    one("marketplace-secret-file"),
    one("marketplace-outcome-url"),
    many("webhook-allow"),
    one("pagerduty-key-file"),
    one("pagerduty-url"),
    one("alertmanager-webhook-url"),
    one("alertmanager-token-file"),
    one("register-url"),
    one("register-token-file"),
    one("redis-prefix"),
    one("portal-addr"),
    one("portal-url"),
    one("link-key-file"),
    many("lane"),
    number("batch"),
    one("audit-key-file"),
    one("checkpoints"),
    one("health-addr"),
    number("drain"),
    one("log"),
];

const fn one(name: &'static str) -> Setting {
    Setting { name, many: false, number: false }
}

const fn number(name: &'static str) -> Setting {
    Setting { name, many: false, number: true }
}

const fn many(name: &'static str) -> Setting {
    Setting { name, many: true, number: false }
}

/// What a file says: settings by name, each with its values as text. A file that can't be used says nothing, and why is kept
/// until somebody needs it: help, completions and a demo don't.
#[derive(Debug, Clone, Default)]
pub struct File {
    path: Option<PathBuf>,
    values: BTreeMap<&'static str, Vec<String>>,
    fault: Option<Refused>,
}

impl File {
    /// Reads the file that is named, none for an empty name, or the usual one where none is named.
    #[must_use]
    pub fn find(named: Option<&OsStr>) -> Self {
        let path = Path::new(named.unwrap_or(USUAL.as_ref()));
        if path.as_os_str().is_empty() {
            return Self::default();
        }
        let read = match std::fs::read_to_string(path) {
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => return Self::default(),
            Err(error) => Err(unreadable(path, &error)),
            Ok(text) => parse(&text, path),
        };
        let path = Some(path.to_owned());
        match read {
            Ok(values) => Self { path, values, fault: None },
            Err(fault) => Self { path, values: BTreeMap::new(), fault: Some(fault) },
        }
    }

    /// Where it is; none where there is none.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// That it can be used.
    ///
    /// # Errors
    /// Refused with everything that is wrong in it, or why it can't be read.
    pub fn usable(&self) -> Result<(), Refused> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// What it says of a setting, as the command line would be given it.
    #[must_use]
    pub fn values(&self, name: &str) -> Option<&[String]> {
        self.values.get(name).map(Vec::as_slice)
    }

    /// What it says of a setting that is no list.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).and_then(<[String]>::first).map(String::as_str)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Refused {
    let problem = format!("{} can't be read: {error}", path.display());
    let fix = if error.kind() == ErrorKind::PermissionDenied {
        format!(
            "It holds passwords, so it is for root and one group: run this with sudo, be put into that group, or do without \
             the file and give DATABASE_URL with `{VARIABLE}=`."
        )
    } else {
        format!("Give a file that this account may read, with --config or {VARIABLE}.")
    };
    Refused::one("config", problem, fix)
}

fn parse(text: &str, path: &Path) -> Result<BTreeMap<&'static str, Vec<String>>, Refused> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // Only where and what: a line of this file may hold a password.
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let problem = format!("{} is no TOML at line {line}: {}", path.display(), error.message());
        Refused::one("config", problem, "Write settings as `smtp-url = \"smtp://mail:25\"`, one a line.")
    })?;
    let (mut values, mut faults) = (BTreeMap::new(), vec![]);
    for (key, value) in table {
        let name = key.replace('_', "-");
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            faults.push(unknown(&key, &name));
            continue;
        };
        match texts(&value, setting.number) {
            Some(texts) if texts.len() == 1 || setting.many => {
                values.insert(setting.name, texts);
            }
            // The value is not said: it may be a password.
            _ => faults.push(Fault {
                field: format!("config.{key}"),
                problem: match (setting.number, setting.many) {
                    (true, _) => "it is no whole number".to_owned(),
                    (false, true) => "it is neither a text in quotes nor a list of such".to_owned(),
                    (false, false) => "it is no text in quotes".to_owned(),
                },
                fix: if setting.number {
                    format!("Write digits: `{name} = 10`.")
                } else {
                    format!("Write `{name} = \"…\"`; `--{name}` in `jointforce-worker run --help` says what.")
                },
            }),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(Refused { faults }) }
}

fn unknown(key: &str, name: &str) -> Fault {
    let key: String = key.chars().filter(|c| !c.is_control()).take(60).collect();
    let fix = match closest(name, SETTINGS.iter().map(|setting| setting.name), ALIKE) {
        Some(near) => format!("Did you mean {near}? `jointforce-worker config show` lists all."),
        None => "`jointforce-worker config show` lists all.".to_owned(),
    };
    Fault { field: format!("config.{key}"), problem: "there is no such setting".to_owned(), fix }
}

/// A value as a command line would give it; a list as several. None for what is of the wrong kind.
fn texts(value: &toml::Value, number: bool) -> Option<Vec<String>> {
    match value {
        toml::Value::String(text) if !number || text.parse::<u64>().is_ok() => Some(vec![text.clone()]),
        toml::Value::Integer(digits) if number && *digits >= 0 => Some(vec![digits.to_string()]),
        toml::Value::Array(values) => {
            let inner: Option<Vec<Vec<String>>> = values.iter().map(|value| texts(value, number)).collect();
            inner.map(|inner| inner.concat()).filter(|texts| !texts.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> File {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jf.toml");
        std::fs::write(&path, text).unwrap();
        File::find(Some(path.as_os_str()))
    }

    #[test]
    fn whatever_is_wrong_in_the_file_is_said_at_once_and_no_value_is_quoted() {
        let refused =
            with("smpt-url = 'smtp://:hunter2@mail'\nnonsense = 1\ndrain = { a = 1 }\n").usable().unwrap_err();
        let said = refused.to_string();
        assert_eq!(refused.faults.len(), 3, "{said}");
        assert!(said.contains("Did you mean smtp-url?"), "{said}");
        assert!(said.contains("config.drain"), "{said}");
        let broken = with("drain = 1\nsmtp-url = smtp://:hunter2@mail\n").usable().unwrap_err().to_string();
        assert!(broken.contains("line 2"), "{broken}");
        assert!(!said.contains("hunter2") && !broken.contains("hunter2"), "{said} {broken}");
    }

    #[test]
    fn lists_are_for_settings_that_may_be_several() {
        let file = with("lane = ['inside', 'letters']\ndrain = 7\nwebhook_allow = '10.0.0.0/8'\n");
        file.usable().unwrap();
        assert_eq!(file.values("lane").unwrap(), ["inside", "letters"]);
        assert_eq!(
            (file.value("drain"), file.value("webhook-allow"), file.value("log")),
            (Some("7"), Some("10.0.0.0/8"), None)
        );
        assert!(with("drain = [1, 2]").usable().is_err());
        for wrong in ["smtp_url = 5", "drain = 'soon'", "drain = true", "lane = [1]", "log = false", "batch = -1"] {
            let said = with(wrong).usable().unwrap_err().to_string();
            let name = wrong.split(' ').next().unwrap();
            assert!(said.contains(&format!("config.{name}: it is n")) && said.contains("Write "), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_file_that_is_named_has_to_be_there_and_an_empty_name_is_none() {
        let missing = File::find(Some("/nowhere/jf.toml".as_ref()));
        assert!(missing.usable().unwrap_err().to_string().contains("/nowhere/jf.toml can't be read"));
        let none = File::find(Some("".as_ref()));
        assert!(none.usable().is_ok() && none.path().is_none());
    }
}
