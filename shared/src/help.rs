//! Help that is wrapped where it is shown, but for what is to be copied.

/// A blank at which no line is broken.
const NO_BREAK: &str = "\u{a0}";

/// The text with lines that begin with a brace or a bracket, or with blanks before one, as words that can't be wrapped; see
/// [`shown`].
#[must_use]
pub fn unbroken(text: &str) -> String {
    let is_code = |line: &str| line.trim_start().starts_with(['{', '}', '[', ']', '"']);
    let lines = text.lines().map(|line| if is_code(line) { line.replace(' ', NO_BREAK) } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

/// What clap says, as it is printed. Its usage names what the environment gave as if it had to be given: that is left out.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = text.replace(NO_BREAK, " ");
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let by_environment = EVERYWHERE.iter().filter(|_| line.starts_with("Usage: "));
        shown += &by_environment.fold(line.to_owned(), |line, flag| line.replace(flag, ""));
    }
    shown
}

/// Flags of every command that are never needed, as a usage names them.
const EVERYWHERE: [&str; 7] = [
    " --database-url <URL>",
    " --database-url-file <FILE>",
    " --redis-url <URL>",
    " --data-dir <DIR>",
    " --config <FILE>",
    " --theme <NAME>",
    " --keys <FILE>",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_not_broken_and_printed_as_it_was() {
        let text = "Some prose.\n\n{\"a b\": 1,\n  \"c\": [1, 2]}\nmore prose";
        let unbroken = unbroken(text);
        assert!(unbroken.lines().nth(2).is_some_and(|line| !line.contains(' ')), "{unbroken}");
        assert_eq!(shown(&unbroken), text);
    }

    #[test]
    fn a_usage_names_only_what_has_to_be_given() {
        let said = "error: …\n\nUsage: jointforce-worker dead show --database-url <URL> <ID>\n";
        assert_eq!(shown(said), "error: …\n\nUsage: jointforce-worker dead show <ID>\n");
    }
}
