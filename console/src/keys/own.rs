//! A key map of one's own: a TOML file with a line for each command whose keys are to be others.
//!
//! ```toml
//! remove = "d"
//! "half page down" = ["Space", "C-d"]
//! ```

use std::{
    collections::BTreeSet,
    env,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use jointforce_shared::domain::{
    refused::{Fault, Refused},
    words::{ALIKE, closest},
};
use toml::Value;

use super::{Binding, Intent, Place, TABLE, Table, typed};

/// Where keys may be others: not in lists, lines and texts, where they are the terminal's own, and not where they are
/// numbers.
const PLACES: [(Place, &str); 5] = [
    (Place::Queue, "queue"),
    (Place::Board, "boards"),
    (Place::Case, "case"),
    (Place::Group, "group"),
    (Place::Pager, "texts"),
];
/// Keys with names of their own.
const NAMED: [&str; 13] =
    ["Space", "Enter", "Esc", "Tab", "Backspace", "Up", "Down", "Left", "Right", "Home", "End", "PgUp", "PgDn"];
/// Bytes that are read of a file: more than any key map has.
const READ_MAX: u64 = 64 * 1024;

/// The table with the keys of the file that is read when none is named, `jointforce/keys.toml` in `$XDG_CONFIG_HOME` or
/// `~/.config`; the house's if there is none.
///
/// # Errors
/// As [`named`].
pub fn usual() -> Result<Table, Refused> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    match config.map(|config| config.join("jointforce/keys.toml")) {
        // In a folder that may not be entered it is no more ours than where there is none.
        Some(path) if path.try_exists().unwrap_or(false) => named(&path),
        _ => Ok(TABLE.into()),
    }
}

/// The table with the keys of a file.
///
/// # Errors
/// Refused when the file can't be read, with everything that is wrong in it.
pub fn named(path: &Path) -> Result<Table, Refused> {
    text_of(path).and_then(|text| with(&text).map_err(|refused| of_file(refused, path)))
}

/// The text of a file, `-` for standard input, if it is a key map.
///
/// # Errors
/// As [`named`].
pub fn checked(path: &Path) -> Result<String, Refused> {
    let text = text_of(path)?;
    with(&text).map_err(|refused| of_file(refused, path))?;
    Ok(text)
}

fn text_of(path: &Path) -> Result<String, Refused> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(READ_MAX).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(READ_MAX).read_to_string(&mut text))
    };
    let refused = |error: io::Error| {
        let problem = format!("{} can't be read: {error}", path.display());
        Refused::one("keys", problem, "Give another file, or none.")
    };
    read.map(|_| text).map_err(refused)
}

fn of_file(mut refused: Refused, path: &Path) -> Refused {
    for fault in &mut refused.faults {
        fault.field = format!("keys.{}", fault.field);
        fault.fix = format!("{} The file is {}.", fault.fix, path.display());
    }
    refused
}

/// The text of a key map with what was typed put into it: `remove = "d", keep = "z"`, names of several words in quotes as
/// in a file. A command with no key, `remove = []`, has the house's again. Comments and a text that is none are lost.
///
/// # Errors
/// As [`with`] for what it would be then.
pub fn put(kept: &str, typed: &str) -> Result<String, Refused> {
    let fix = "Write it as remove = \"d\", keep = \"z\"; names of two words in quotes.";
    let read: toml::Table = format!("said = {{ {typed} }}")
        .parse()
        .map_err(|error: toml::de::Error| Refused::one("keys", error.message().to_owned(), fix))?;
    let said = match read.get("said") {
        Some(Value::Table(said)) if !said.is_empty() && read.len() == 1 => said,
        _ => return Err(Refused::one("keys", "no command is named", fix)),
    };
    let mut map: toml::Table = kept.parse().unwrap_or_default();
    for (name, value) in said {
        match value {
            Value::Array(keys) if keys.is_empty() => drop(map.remove(name)),
            keys => drop(map.insert(name.clone(), keys.clone())),
        }
    }
    let text = map.to_string();
    with(&text)?;
    Ok(text)
}

/// Whether a command's keys may be others.
fn is_own(binding: &Binding) -> bool {
    binding.places.iter().all(|place| PLACES.iter().any(|(own, _)| own == place)) && binding.intent != Intent::OpenView
}

/// The table with the keys that `text` says.
///
/// # Errors
/// Refused with everything that is wrong: names and keys that are none, and keys that would mean two things, with both
/// names.
pub fn with(text: &str) -> Result<Table, Refused> {
    let said: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        Refused::one("keys", error.message().to_owned(), "Write lines like: remove = \"d\"")
    })?;
    let mut table = TABLE.to_vec();
    let mut faults = vec![];
    for (name, value) in &said {
        let keys = match keys_of(value) {
            Ok(keys) => keys,
            Err((problem, fix)) => {
                faults.push(Fault::new(name, problem, fix));
                continue;
            }
        };
        let mut found = false;
        for binding in table.iter_mut().filter(|binding| binding.name == name && is_own(binding)) {
            found = true;
            if keys.iter().any(|key| key == "Enter") && binding.intent != Intent::Open {
                faults.push(Fault::new(name, "Enter only opens: it is too near to do anything", "Choose another key."));
            }
            binding.keys = keys.iter().map(|key| name_of(key)).collect();
        }
        if !found {
            faults.push(Fault::new(name, "no command is called that", nearest(name)));
        }
    }
    faults.extend(conflicts(&table));
    if faults.is_empty() { Ok(table.into()) } else { Err(Refused { faults }) }
}

/// The name of a key, which stays to the end of the process: there are only as many as a keyboard has.
fn name_of(key: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = names.get(key) {
        return name;
    }
    let name: &'static str = String::leak(key.to_owned());
    names.insert(name);
    name
}

fn keys_of(value: &Value) -> Result<Vec<String>, (String, String)> {
    let fix = || format!("Give a key or a list of keys: a letter or sign, C-x, F5, or {}.", NAMED.join(", "));
    let texts = match value {
        Value::String(key) => vec![key.clone()],
        Value::Array(keys) => keys.iter().map(|key| key.as_str().unwrap_or_default().to_owned()).collect(),
        _ => vec![],
    };
    if texts.is_empty() {
        return Err(("it has no key".into(), fix()));
    }
    match texts.iter().find(|key| !is_key(key)) {
        Some(wrong) => Err((format!("{wrong:?} is no key"), fix())),
        None => Ok(texts),
    }
}

fn is_key(key: &str) -> bool {
    let control = key
        .strip_prefix("C-")
        .is_some_and(|letter| letter.len() == 1 && letter.chars().all(|c| c.is_ascii_lowercase()));
    let function = key.strip_prefix('F').and_then(|n| n.parse().ok()).is_some_and(|n: u8| (1..=12).contains(&n));
    let letter =
        typed(key).is_some_and(|text| text == " " || !text.chars().any(|c| c.is_control() || c.is_whitespace()));
    control || function || letter || NAMED.contains(&key)
}

fn conflicts(table: &[Binding]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = vec![];
    for (place, called) in PLACES {
        let here: Vec<&Binding> = table.iter().filter(|binding| binding.places.contains(&place)).collect();
        for (n, binding) in here.iter().enumerate() {
            for other in here.iter().skip(n) {
                let same = std::ptr::eq(*binding, *other);
                let twice = binding.keys.iter().enumerate().find(|(at, key)| {
                    if same {
                        binding.keys.iter().skip(at + 1).any(|again| again == *key)
                    } else {
                        other.keys.contains(key)
                    }
                });
                let Some((_, key)) = twice else { continue };
                let problem = format!("in the {called} {key} would be both {} and {}", binding.name, other.name);
                // The same pair meets in several places; once is enough.
                let pair = format!("would be both {} and {}", binding.name, other.name);
                if !faults.iter().any(|fault| fault.problem.ends_with(&pair)) {
                    faults.push(Fault::new(
                        *key,
                        problem,
                        format!("Give {} or {} another key.", binding.name, other.name),
                    ));
                }
            }
        }
    }
    faults
}

fn nearest(name: &str) -> String {
    let known = TABLE.iter().filter(|binding| is_own(binding)).map(|binding| binding.name);
    match closest(name, known, ALIKE) {
        Some(known) => format!("Did you mean {known}?"),
        None => {
            "? in the console shows every command by its name: those of the queue, a case, a board and a group.".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::find;

    fn faults(text: &str) -> Vec<String> {
        with(text).unwrap_err().faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn keys_change_places_and_everything_else_stays() {
        let table = with("remove = \"d\"\nkeep = [\"K\", \"F7\"]\nprevious = \"[\"\n\"hand over\" = \"C-o\"").unwrap();
        let intent = |place, key| find(&table, place, key).map(|binding| binding.intent);
        assert_eq!(intent(Place::Queue, "d"), Some(Intent::Remove));
        assert_eq!(intent(Place::Group, "F7"), Some(Intent::Keep));
        assert_eq!(intent(Place::Case, "C-o"), Some(Intent::HandOver));
        assert_eq!((intent(Place::Queue, "r"), intent(Place::Queue, "H")), (None, None));
        assert_eq!(intent(Place::Queue, "u"), Some(Intent::Undo));
        assert_eq!(with("").unwrap().len(), TABLE.len());
    }

    #[test]
    fn a_key_with_two_meanings_is_refused_with_both_names() {
        assert_eq!(
            faults("remove = \"x\""),
            ["x: in the queue x would be both remove and keep. Give remove or keep another key."]
        );
        assert_eq!(
            faults("\"more like it\" = \"M\""),
            ["M: in the group M would be both more like it and mark them. Give more like it or mark them another key."]
        );
        assert!(faults("hold = \"3\"")[0].contains("both hold and view"), "numbers open views");
        assert!(faults("hold = [\"z\", \"z\"]")[0].contains("both hold and hold"));
        assert!(with("remove = \"x\"\nkeep = \"r\"\nno = \"r\"").is_ok(), "they may change places");
    }

    #[test]
    fn what_is_typed_goes_into_the_map_and_an_empty_list_takes_a_line_out() {
        let map =
            put("# mine\nremove = \"d\"\n", "hold = \"F7\", \"hand over\" = [\"C-o\", \"O\"], \"the seller\" = \"F8\"")
                .unwrap();
        let table = with(&map).unwrap();
        let intent = |key| find(&table, Place::Queue, key).map(|binding| binding.intent);
        assert_eq!(
            [intent("d"), intent("F7"), intent("O")],
            [Intent::Remove, Intent::Hold, Intent::HandOver].map(Some)
        );
        assert_eq!(put(&map, "remove = [], hold=[], \"hand over\"=[], \"the seller\"=[]").unwrap(), "");
        assert_eq!(put("remov = \"d\"", "remov = []").unwrap(), "", "what can't be used any more can be taken out");
        let wrong = |typed| put("remove = \"d\"", typed).unwrap_err().to_string();
        assert!(wrong("keep = \"d\"").contains("in the queue d would be both remove and keep"));
        assert!(wrong("kep = \"f\"").contains("Did you mean keep?"));
        for none in ["", "  ", "remove", "remove = d", "} \n x = {", "a = 1 }, y = { b = 2", "remove.x = 3"] {
            assert!(
                wrong(none).starts_with("keys: ") || wrong(none).contains("it has no key"),
                "{none}: {}",
                wrong(none)
            );
        }
    }

    #[test]
    fn what_is_no_command_or_no_key_is_named() {
        assert_eq!(
            faults("remov = \"d\"\nhold = 3\nnote = [\"C-X\"]\nagain = \"Enter\"\ncancel = \"z\""),
            [
                "again: Enter only opens: it is too near to do anything. Choose another key.",
                "cancel: no command is called that. ? in the console shows every command by its name: those of the queue, a case, \
                 a board and a group.",
                "hold: it has no key. Give a key or a list of keys: a letter or sign, C-x, F5, or Space, Enter, Esc, Tab, \
                 Backspace, Up, Down, Left, Right, Home, End, PgUp, PgDn.",
                "note: \"C-X\" is no key. Give a key or a list of keys: a letter or sign, C-x, F5, or Space, Enter, Esc, Tab, \
                 Backspace, Up, Down, Left, Right, Home, End, PgUp, PgDn.",
                "remov: no command is called that. Did you mean remove?",
                "Enter: in the queue Enter would be both open and again. Give open or again another key.",
            ]
        );
        assert!(with("remove").is_err());
    }
}
