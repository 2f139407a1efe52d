//! Colours. Whatever a colour says, a word beside it says too; without colours nothing is lost.

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

impl Theme {
    /// The theme for a terminal whose `NO_COLOR` and `TERM` are these.
    pub fn choose(no_color: Option<&str>, term: Option<&str>) -> Self {
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
