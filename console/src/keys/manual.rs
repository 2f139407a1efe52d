//! The table of keys as documentation: the README's section, the manual page and `--help`.

use std::fmt::Write as _;

use jointforce_shared::domain::ask::fields::{FIELDS, NOT, TITLES};

use super::{Binding, Place, TABLE};

/// Around the part of the README that is made from the table.
const BEGIN: &str = "<!-- keys: made by `jointforce-console keys --into README.md` -->\n";
const END: &str = "<!-- end of keys -->\n";

/// Where a binding counts, in words.
fn places(binding: &Binding) -> String {
    let name = |place: &Place| match place {
        Place::Queue => "queue",
        Place::Board => "board",
        Place::Case => "case",
        Place::Menu => "menu",
        Place::Prompt | Place::Picker => "line",
        Place::Pager => "text",
        Place::Group => "group",
    };
    let mut names: Vec<_> = binding.places.iter().map(name).collect();
    names.dedup();
    names.join(", ")
}

/// The keys, `1` to `9` in short.
fn keys(binding: &Binding) -> Vec<&'static str> {
    if binding.keys.len() == 9 { vec!["1", "…", "9"] } else { binding.keys.to_vec() }
}

/// How each field of the filter language is written, and what it asks for.
fn filters() -> impl Iterator<Item = (String, String)> {
    let fields = FIELDS.iter().map(|entry| (entry.example.to_owned(), entry.explained()));
    fields.chain([TITLES, NOT].map(|(example, what)| (example.to_owned(), what.to_owned())))
}

/// As a table in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| keys | where | what |\n|---|---|---|\n");
    for binding in TABLE {
        let keys: Vec<_> = keys(binding).iter().map(|key| format!("`{key}`")).collect();
        // Writing into a String can't fail.
        let _ = writeln!(text, "| {} | {} | {} |", keys.join(" "), places(binding), binding.what);
    }
    text.push_str("\n| filter | what |\n|---|---|\n");
    for (example, what) in filters() {
        let _ = writeln!(text, "| `{example}` | {what} |");
    }
    text
}

/// As plain text, for `--help` and the manual page.
pub fn plain() -> String {
    let mut text = String::from("Keys:\n");
    let width = TABLE.iter().map(|binding| keys(binding).join(" ").chars().count()).max().unwrap_or(0);
    for binding in TABLE {
        let _ = writeln!(text, "  {:<width$}  {} ({})", keys(binding).join(" "), binding.what, places(binding));
    }
    text.push_str("\nFilter:\n");
    for (example, what) in filters() {
        let _ = writeln!(text, "  {example:<22} {what}");
    }
    text
}

/// A README with this table in the place of the one it has; `None` if it has no place for one.
pub fn put_into(readme: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{}{END}{after}", markdown()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_table_of_keys() {
        let readme = include_str!("../../../README.md");
        let made = put_into(readme).expect("a place for the keys");
        assert!(made == readme, "the table of keys changed: run `jointforce-console keys --into README.md`");
    }

    #[test]
    fn a_readme_without_a_place_is_left_alone() {
        assert_eq!(put_into("# Nothing\n"), None);
        let old = format!("a\n{BEGIN}| before |\n{END}z\n");
        let new = put_into(&old).unwrap();
        assert!(
            new.starts_with("a\n") && new.ends_with("z\n") && new.contains("| `r` |") && !new.contains("| before |")
        );
    }
}
