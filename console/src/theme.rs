//! Colours. Whatever a colour says, a word beside it says too; without colours nothing is lost.

use jointforce_shared::domain::operator::preferences::ThemeName;
use ratatui::style::{Color, Modifier, Style};

/// The styles of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Text.
    pub text: Style,
    /// What matters less.
    pub dim: Style,
    /// Headings.
    pub head: Style,
    /// The bar at the top.
    pub bar: Style,
    /// Keys.
    pub key: Style,
    /// The cursor's row.
    pub cursor: Style,
    /// What went well.
    pub good: Style,
    /// What needs a look.
    pub warn: Style,
    /// What is urgent or went wrong.
    pub bad: Style,
    /// Where one types.
    pub input: Style,
    /// The frame of a dialog.
    pub frame: Style,
}

/// How the console looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// Whether nothing but ASCII is drawn.
    pub ascii: bool,
}

impl Look {
    /// The look that fits an environment: `NO_COLOR`, `TERM`, and the locale's variables.
    pub fn around(variable: impl Fn(&str) -> Option<String>) -> Self {
        let theme = Theme::choose(variable("NO_COLOR").as_deref(), variable("TERM").as_deref());
        // As in POSIX the first that is set counts. Without any nothing is known, as over SSH, and UTF-8 is usual.
        let set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find(|name| set(name)).and_then(|name| variable(name));
        let plain = locale.is_some_and(|locale| matches!(locale.as_str(), "C" | "POSIX"));
        Self { theme, ascii: plain }
    }
}

impl Theme {
    /// The theme of that name.
    pub const fn of(name: ThemeName) -> Self {
        match name {
            ThemeName::Dark => Self::DARK,
            ThemeName::Light => Self::LIGHT,
            ThemeName::Contrast => Self::CONTRAST,
            ThemeName::Mono => Self::MONO,
        }
    }

    /// The theme for a terminal whose `NO_COLOR` and `TERM` are these.
    fn choose(no_color: Option<&str>, term: Option<&str>) -> Self {
        let plain = no_color.is_some_and(|value| !value.is_empty()) || matches!(term, None | Some("dumb" | "vt100"));
        if plain { Self::MONO } else { Self::DARK }
    }

    /// On a dark ground; the sixteen colours, so that the terminal's own palette decides what they look like.
    pub const DARK: Self = Self {
        text: Style::new(),
        dim: Style::new().fg(Color::DarkGray),
        head: Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD),
        bar: Style::new().add_modifier(Modifier::REVERSED),
        key: Style::new().fg(Color::Yellow),
        cursor: Style::new().add_modifier(Modifier::BOLD),
        good: Style::new().fg(Color::Green),
        warn: Style::new().fg(Color::Yellow),
        bad: Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD),
        input: Style::new().add_modifier(Modifier::UNDERLINED),
        frame: Style::new().fg(Color::Cyan),
    };

    /// On a light ground, where yellow and the bright colours can't be read.
    pub const LIGHT: Self = Self {
        text: Style::new(),
        dim: Style::new().fg(Color::DarkGray),
        head: Style::new().fg(Color::Blue).add_modifier(Modifier::BOLD),
        bar: Style::new().add_modifier(Modifier::REVERSED),
        key: Style::new().fg(Color::Blue),
        cursor: Style::new().add_modifier(Modifier::BOLD),
        good: Style::new().fg(Color::Green),
        warn: Style::new().fg(Color::Magenta),
        bad: Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        input: Style::new().add_modifier(Modifier::UNDERLINED),
        frame: Style::new().fg(Color::Blue),
    };

    /// High contrast, on any ground: the terminal's own two colours, nothing dim.
    pub const CONTRAST: Self = Self {
        text: Style::new(),
        dim: Style::new(),
        head: Style::new().add_modifier(Modifier::BOLD).add_modifier(Modifier::UNDERLINED),
        bar: Style::new().add_modifier(Modifier::REVERSED).add_modifier(Modifier::BOLD),
        key: Style::new().add_modifier(Modifier::BOLD),
        cursor: Style::new().add_modifier(Modifier::BOLD),
        good: Style::new().add_modifier(Modifier::BOLD),
        warn: Style::new().add_modifier(Modifier::BOLD).add_modifier(Modifier::UNDERLINED),
        bad: Style::new().add_modifier(Modifier::BOLD).add_modifier(Modifier::REVERSED),
        input: Style::new().add_modifier(Modifier::UNDERLINED),
        frame: Style::new().add_modifier(Modifier::BOLD),
    };

    /// Without colours.
    pub const MONO: Self = Self {
        text: Style::new(),
        dim: Style::new().add_modifier(Modifier::DIM),
        head: Style::new().add_modifier(Modifier::BOLD),
        bar: Style::new().add_modifier(Modifier::REVERSED),
        key: Style::new().add_modifier(Modifier::BOLD),
        cursor: Style::new().add_modifier(Modifier::BOLD),
        good: Style::new(),
        warn: Style::new().add_modifier(Modifier::BOLD),
        bad: Style::new().add_modifier(Modifier::BOLD),
        input: Style::new().add_modifier(Modifier::UNDERLINED),
        frame: Style::new(),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Theme; 4] = [Theme::DARK, Theme::LIGHT, Theme::CONTRAST, Theme::MONO];

    fn styles(theme: &Theme) -> [Style; 11] {
        let Theme { text, dim, head, bar, key, cursor, good, warn, bad, input, frame } = *theme;
        [text, dim, head, bar, key, cursor, good, warn, bad, input, frame]
    }

    #[test]
    fn every_theme_keeps_to_the_sixteen_colours_and_to_the_terminals_own_ground() {
        for style in ALL.iter().flat_map(styles) {
            assert!(!matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_))), "{style:?}");
            assert_eq!(style.bg, None);
        }
        for theme in [Theme::MONO, Theme::CONTRAST] {
            assert!(styles(&theme).iter().all(|style| style.fg.is_none()));
        }
    }

    #[test]
    fn the_look_fits_the_environment_where_nobody_chose() {
        let look = |set: &[(&str, &str)]| {
            Look::around(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        let xterm = ("TERM", "xterm-256color");
        assert_eq!(look(&[xterm]), Look { theme: Theme::DARK, ascii: false });
        assert_eq!(look(&[xterm, ("NO_COLOR", "1")]).theme, Theme::MONO);
        assert_eq!(look(&[xterm, ("NO_COLOR", "")]).theme, Theme::DARK);
        assert_eq!(look(&[("TERM", "dumb")]).theme, Theme::MONO);
        assert!(look(&[xterm, ("LANG", "C")]).ascii);
        assert!(look(&[xterm, ("LANG", "en_GB.UTF-8"), ("LC_ALL", "POSIX")]).ascii);
        assert!(!look(&[xterm, ("LANG", "C"), ("LC_CTYPE", "C.UTF-8"), ("LC_ALL", "")]).ascii);
    }
}
