//! What is one's own about a console: its look and its keys, kept for whoever sits here or said when it was started.

use jointforce_shared::domain::operator::preferences::{Preferences, ThemeName};

use crate::{
    keys::{TABLE, Table, own},
    theme::{Look, Theme},
};

/// What the start said. It wins over what is kept.
#[derive(Debug, Clone)]
pub struct Given {
    /// The colours.
    pub theme: Option<ThemeName>,
    /// Whether nothing but ASCII is drawn.
    pub ascii: bool,
    /// The table with the keys of a file.
    pub keys: Option<Table>,
    /// How it looks where nobody chose: what the terminal says of itself.
    pub around: Look,
}

/// Look and keys of a console.
#[derive(Debug, Clone)]
pub struct Own {
    /// What is kept for whoever sits here.
    pub kept: Preferences,
    /// What the start said.
    pub given: Given,
    /// The table of keys: the house's, or with one's own keys in it.
    pub keys: Table,
    /// What is wrong with the keys that are kept, so that the house's count; said as long as it is so.
    pub fault: Option<String>,
}

impl Own {
    /// What one has where nothing is kept.
    pub fn new(given: Given) -> Self {
        let keys = given.keys.clone().unwrap_or_else(|| TABLE.into());
        Self { kept: Preferences::default(), given, keys, fault: None }
    }

    /// How it looks.
    pub fn look(&self) -> Look {
        let theme = self.given.theme.or(self.kept.theme).map_or(self.given.around.theme, Theme::of);
        Look { theme, ascii: self.given.ascii || self.kept.ascii || self.given.around.ascii }
    }

    /// Takes what is kept now. Keys that can't be used keep nobody from their seat: another version took them.
    pub fn keep(&mut self, kept: Preferences) {
        let read = match &self.given.keys {
            Some(table) => Ok(table.clone()),
            None if kept.keys.is_empty() => Ok(TABLE.into()),
            None => own::with(&kept.keys),
        };
        self.kept = kept;
        let fault = read.as_ref().err().and_then(|refused| refused.faults.first());
        self.fault = fault.map(|fault| format!("{}: {}", fault.field, fault.problem));
        self.keys = read.unwrap_or_else(|_| TABLE.into());
    }
}

impl Default for Own {
    fn default() -> Self {
        let around = Look { theme: Theme::DARK, ascii: false };
        Self::new(Given { theme: None, ascii: false, keys: None, around })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Intent, key_of};

    #[test]
    fn what_the_start_said_wins_over_what_is_kept_and_that_over_the_terminal() {
        let around = Look { theme: Theme::MONO, ascii: false };
        let given = Given { theme: None, ascii: false, keys: None, around };
        let mut own = Own::new(given.clone());
        assert_eq!(own.look(), around);
        let kept = Preferences { theme: Some(ThemeName::Light), ascii: true, keys: "remove = \"d\"".into() };
        own.keep(kept.clone());
        assert_eq!(own.look(), Look { theme: Theme::LIGHT, ascii: true });
        assert_eq!(key_of(&own.keys, Intent::Remove), "d");
        let table = own::with("remove = \"z\"").unwrap();
        let mut own = Own::new(Given { theme: Some(ThemeName::Dark), keys: Some(table), ..given.clone() });
        own.keep(kept);
        assert_eq!((own.look().theme, key_of(&own.keys, Intent::Remove)), (Theme::DARK, "z"));
        let mut own = Own::new(Given { ascii: true, ..given });
        own.keep(Preferences::default());
        assert!(own.look().ascii);
    }

    #[test]
    fn keys_that_can_not_be_used_are_named_and_the_houses_count() {
        let mut own = Own::default();
        let kept = |keys: &str| Preferences { keys: keys.into(), ..Preferences::default() };
        own.keep(kept("gone = \"d\""));
        assert_eq!(own.fault.as_deref(), Some("gone: no command is called that"));
        assert_eq!(key_of(&own.keys, Intent::Remove), "r");
        own.keep(kept("keep = \"z\""));
        assert_eq!((own.fault.as_ref(), key_of(&own.keys, Intent::Keep)), (None, "z"));
    }
}
