//! What is said next, and what an answer means. No I/O.

use jointforce_shared::domain::{
    ids::CaseId, operator::Operator, policy::Policy, safe_text::SafeText, span, time::Time,
};

use crate::{
    keys::{self, Intent, Place, TABLE},
    model::{Lease, Model, dialog::Dialog},
    msg::{Cmd, Msg},
    update::update,
    view,
};

/// Columns and rows that texts are made for. So narrow, a case has one column.
const SIZE: (u16, u16) = (72, 200);

/// What can be chosen on a case, by number from 1. The numbers stay what they are whatever the case, so that hands can
/// learn them; what can't be had now says why.
pub const CHOICES: [Intent; 18] = [
    Intent::Remove,
    Intent::Keep,
    Intent::Hold,
    Intent::Escalate,
    Intent::AskBrand,
    Intent::Note,
    Intent::Skip,
    Intent::Next,
    Intent::Undo,
    Intent::Repeat,
    Intent::HandOver,
    Intent::Release,
    Intent::Tell,
    Intent::Contest,
    Intent::SellerPage,
    Intent::BrandPage,
    Intent::Filter,
    Intent::ShiftNote,
];

/// What was said last, so that it is said once.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Reading,
    Case(Heard),
    /// Its text without numbers: a clock in it is no news.
    Dialog(String),
    Nothing,
    /// Nobody typed for a while.
    Covered,
}

/// A case in one version, and whether it is ours.
type Heard = (CaseId, i64, Lease);

/// A console of lines.
pub struct Desk {
    /// Everything it knows.
    pub model: Model,
    said: Said,
    /// The case that was said whole last.
    heard: Option<Heard>,
    toast: Option<(String, Time)>,
    away: bool,
    /// Lines to say before anything else.
    first: Vec<String>,
}

impl Desk {
    /// A desk before anything was read, and what has to be read first.
    pub fn new(me: Operator, policy: Policy, now: Time) -> (Self, Vec<Cmd>) {
        let hello = format!("Joint Force. {}, {}.", me.name, me.role.as_str().replace('_', "-"));
        let (model, cmds) = Model::new(me, policy, now, SIZE);
        let hello = vec![SafeText::line(&hello, 200).into_string(), help()];
        (Self { model, said: Said::Reading, heard: None, toast: None, away: false, first: hello }, cmds)
    }

    /// Something happened.
    pub fn handle(&mut self, msg: Msg, now: Time) -> Vec<Cmd> {
        self.model.now = now;
        update(&mut self.model, msg)
    }

    /// A line came before its question.
    pub fn ignored(&mut self) {
        self.first.push("That was typed before this was shown, and ignored.".to_owned());
    }

    /// What there is to say that was not said, and what has to be read for it.
    pub fn look(&mut self) -> (Vec<String>, Vec<Cmd>) {
        let cmds = self.open_next();
        let mut lines = std::mem::take(&mut self.first);
        lines.extend(self.news());
        let now = self.now_there();
        if now != self.said {
            lines.extend(self.say(&now));
            self.said = now;
        }
        if let Said::Case(heard) = self.said {
            // It is said whole: from now on it can be decided.
            self.heard = Some(heard);
            let shown = self.model.shown();
            if self.model.seen.is_none() {
                update(&mut self.model, Msg::Drawn(shown));
            }
        }
        (lines, cmds)
    }

    /// Without an open case the first one that is free is opened.
    fn open_next(&mut self) -> Vec<Cmd> {
        let model = &mut self.model;
        if model.cover.is_some() || model.dialog.is_some() || model.open.is_some() {
            return vec![];
        }
        let me = model.me.id.clone();
        let others = |who: &Option<_>| who.as_ref().is_some_and(|who| *who != me);
        let free = model.queue.rows.iter().position(|row| {
            let taken = others(&row.lease_by) || others(&row.held_by) || others(&row.assigned_to);
            !taken && !model.sent.contains_key(&row.place.case)
        });
        let Some(at) = free else { return vec![] };
        let height = model.queue_height();
        model.queue.go(at, height);
        update(model, Msg::Key("Enter".to_owned()))
    }

    /// Messages that were not said yet.
    fn news(&mut self) -> Vec<String> {
        let model = &self.model;
        let mut lines = vec![];
        if model.away.is_some() != self.away {
            self.away = model.away.is_some();
            if self.away {
                lines.push("Attention: the database does not answer. It is tried again.".to_owned());
            }
        }
        if let Some(toast) = &model.toast {
            let seen = (toast.words.clone(), toast.until);
            if self.toast.as_ref() != Some(&seen) {
                let words = SafeText::line(&toast.words, 400);
                lines.push(if toast.bad { format!("Attention: {words}") } else { words.into_string() });
                self.toast = Some(seen);
            }
        }
        lines
    }

    fn now_there(&self) -> Said {
        let model = &self.model;
        match (&model.dialog, &model.open) {
            _ if model.cover.is_some() => Said::Covered,
            (Some(Dialog::Reading(reading)), _) if reading.lines.is_none() => Said::Reading,
            (Some(_), _) => {
                let words = view::words(model, SIZE).concat();
                Said::Dialog(words.chars().filter(|c| !c.is_ascii_digit()).collect())
            }
            (None, Some(open)) => match model.dossier(open.case) {
                Some(kept) if open.lease != Lease::Asked => Said::Case((open.case, kept.case.version, open.lease)),
                _ => Said::Reading,
            },
            (None, None) if model.queue.loaded => Said::Nothing,
            (None, None) => Said::Reading,
        }
    }

    fn say(&self, now: &Said) -> Vec<String> {
        match now {
            Said::Reading => vec![],
            Said::Covered => {
                let idle = span::words(self.model.policy.console.cover_after);
                vec![format!("No line for {idle}: your leases were given back. Type {} to go on.", self.model.me.id)]
            }
            Said::Nothing => vec![
                if self.model.queue.rows.is_empty() {
                    "The queue is empty. A new case is told here by itself.".to_owned()
                } else {
                    "No case is free: colleagues have all of them. A free one is told here by itself.".to_owned()
                },
                menu(),
            ],
            // Back from a question: what was said of it still holds.
            Said::Case(heard) if self.heard == Some(*heard) => vec![String::new(), menu()],
            Said::Case((case, _, lease)) => {
                let whose = match lease {
                    Lease::Ours => "yours for now",
                    Lease::Refused if self.model.decided().is_some() => "decided",
                    Lease::Refused => "read only, somebody else has it",
                    Lease::Asked | Lease::None => "to read",
                };
                let mut lines = vec![String::new(), format!("Case {}, {whose}.", case.short())];
                lines.extend(view::words(&self.model, SIZE));
                lines.extend([String::new(), menu()]);
                lines
            }
            Said::Dialog(_) => {
                let mut lines = vec![String::new()];
                lines.extend(view::words(&self.model, SIZE).into_iter().filter(|line| line.trim() != ">"));
                lines.push(
                    match self.model.place() {
                        Place::Menu => "Type a number, or only Enter to change nothing.",
                        Place::Pager => "Enter goes on.",
                        _ => "Type it, or only Enter to change nothing.",
                    }
                    .to_owned(),
                );
                if matches!(&self.model.dialog, Some(Dialog::Reasons(_))) && self.model.place() == Place::Menu {
                    lines.push("n writes a note first.".to_owned());
                }
                lines
            }
        }
    }

    /// What a line means, as keys.
    pub fn typed(&mut self, line: &str) -> Vec<Msg> {
        let key = |name: &str| Msg::Key(name.to_owned());
        if self.model.cover.is_some() {
            let letters = line.chars().map(|letter| Msg::Key(letter.to_string()));
            return std::iter::once(key("C-u")).chain(letters).chain([key("Enter")]).collect();
        }
        if self.now_there() == Said::Reading && !matches!(line, "0" | "q") {
            self.ignored();
            return vec![];
        }
        let place = self.model.place();
        match place {
            Place::Menu if line.is_empty() => vec![key("Esc")],
            Place::Menu => match line {
                "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "n" => vec![key(line)],
                _ => self.unknown(),
            },
            Place::Prompt | Place::Picker if line.is_empty() => {
                // Out of a note it is back to the numbers, with no note.
                vec![key("Esc")]
            }
            Place::Prompt | Place::Picker => {
                // What stood there is replaced: nobody can see where a cursor is.
                vec![key("C-u"), Msg::Paste(line.to_owned()), key("Enter")]
            }
            Place::Pager | Place::Group => vec![key("Esc")],
            Place::Queue | Place::Case | Place::Board => self.chosen(line, place),
        }
    }

    fn chosen(&mut self, line: &str, place: Place) -> Vec<Msg> {
        match line {
            "0" | "q" => return vec![Msg::Key("q".to_owned())],
            // The whole once more.
            "" => {
                (self.said, self.heard) = (Said::Reading, None);
                return vec![];
            }
            "?" => {
                self.first.extend(explained());
                return vec![];
            }
            _ => {}
        }
        let number = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let intent = match number {
            Some(at) => CHOICES.get(at).copied(),
            None => keys::find(self.model.keys, place, line)
                .map(|binding| binding.intent)
                .filter(|intent| CHOICES.contains(intent)),
        };
        let Some(binding) = intent.and_then(binding) else { return self.unknown() };
        if !binding.places.contains(&place) {
            self.first.push("There is no case here now.".to_owned());
            return vec![];
        }
        vec![Msg::Key(binding.keys[0].to_owned())]
    }

    fn unknown(&mut self) -> Vec<Msg> {
        self.first.push("There is no such choice. Nothing was done.".to_owned());
        vec![]
    }
}

fn binding(intent: Intent) -> Option<&'static keys::Binding> {
    TABLE.iter().find(|binding| binding.intent == intent)
}

fn named(intent: Intent) -> impl Iterator<Item = &'static keys::Binding> {
    binding(intent).into_iter()
}

/// The choices by number, in one line for the ear.
fn menu() -> String {
    let choices = CHOICES.iter().copied().flat_map(named).enumerate();
    let choices = choices.map(|(n, binding)| format!("{} {}", n + 1, binding.name)).collect::<Vec<_>>();
    format!("Choose: {}, 0 quit.", choices.join(", "))
}

fn explained() -> Vec<String> {
    let choices = CHOICES.iter().copied().flat_map(named).enumerate();
    let mut lines: Vec<_> =
        choices.map(|(n, binding)| format!("{} {}: {}.", n + 1, binding.name, binding.what)).collect();
    lines.push("0 quit: gives the case back and leaves. Enter alone says the case again.".to_owned());
    lines
}

fn help() -> String {
    "Type the number of a choice and Enter. ? says what each does, Enter alone says the case again, 0 quits.".to_owned()
}
