//! What a line means where it was typed.

use super::{
    choices::{CHOICES, Choice, WHOLE, binding, explained, has_number, views},
    desk::{Desk, Said},
    lists,
};
use crate::{
    keys::{self, Intent, Place},
    model::dialog::Dialog,
    msg::Msg,
    update::update,
};

impl Desk {
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
                "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => vec![key(line)],
                "n" if matches!(self.model.dialog, Some(Dialog::Reasons(_))) => vec![key(line)],
                "+" if self.has_pages() => vec![key(self.model.key(Intent::PageDown))],
                "-" if self.has_pages() => vec![key(self.model.key(Intent::PageUp))],
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
            Place::Pager => vec![key("Esc")],
            Place::Group => self.of_group(line),
            Place::Board => self.of_board(line),
            Place::Queue if self.list.is_some() => self.of_list(line),
            Place::Queue | Place::Case => self.chosen(line, place),
        }
    }

    fn has_pages(&self) -> bool {
        matches!(&self.model.dialog, Some(Dialog::Choices(choices)) if choices.pages() > 1)
    }

    /// The number of the kept view that a line names.
    fn view<'a>(&self, line: &'a str) -> Option<&'a str> {
        let is_kept = |slot: &&str| self.model.views.iter().any(|view| view.slot.to_string() == *slot);
        line.strip_prefix('v').filter(is_kept)
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
        if line == "b" && self.model.open.as_ref().is_some_and(|open| open.board.is_some()) {
            return vec![Msg::Key("Esc".to_owned())];
        }
        let number = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let out = if place == Place::Case { vec![Msg::Key("Esc".to_owned())] } else { vec![] };
        if let Some(slot) = self.view(line) {
            return out.into_iter().chain([Msg::Key(slot.to_owned())]).collect();
        }
        let intent = match number.map(|at| CHOICES.get(at).copied()) {
            Some(Some(Choice::Do(intent))) => Some(intent),
            Some(Some(Choice::List)) => {
                (self.list, self.heard) = (Some(0), None);
                return out;
            }
            Some(Some(Choice::Views)) => {
                let views = views(&self.model);
                self.first.extend(views);
                return vec![];
            }
            Some(None) => None,
            None => keys::find(&self.model.own.keys, place, line)
                .map(|binding| binding.intent)
                .filter(|intent| has_number(*intent)),
        };
        let Some((intent, binding)) = intent.and_then(|intent| Some((intent, binding(intent)?))) else {
            return self.unknown();
        };
        if !binding.places.contains(&place) {
            self.first.push("There is no case here now.".to_owned());
            return vec![];
        }
        vec![Msg::Key(self.model.key(intent).to_owned())]
    }

    /// On a board: numbers are its rows, letters the keys of what can be done with the one that was said.
    fn of_board(&mut self, line: &str) -> Vec<Msg> {
        match line {
            "0" | "q" => return vec![Msg::Key("q".to_owned())],
            "" if self.row.take().is_some() => return vec![],
            "" => return vec![Msg::Key("Esc".to_owned())],
            _ => {}
        }
        if let Ok(number) = line.parse::<usize>() {
            let Some(key) = number.checked_sub(1).and_then(|at| self.rows.get(at)).cloned() else {
                return self.unknown();
            };
            let Some(board) = &mut self.model.board else { return vec![] };
            match board.rows.iter().flatten().position(|row| row.key == key) {
                Some(at) => {
                    (board.cursor, self.row) = (at, Some(key));
                    // The same row once more is said once more.
                    self.said = Said::Reading;
                }
                None => self.first.push("This row is not there any more.".to_owned()),
            }
            return vec![];
        }
        let deeds = [Intent::Yes, Intent::No, Intent::Open];
        let deed = deeds.into_iter().find(|intent| lists::letter(&self.model, *intent) == line);
        let other = || keys::find(&self.model.own.keys, Place::Board, line).map(|binding| binding.intent);
        match deed {
            Some(_) if self.row.is_none() => {
                self.first.push("Type a row's number first. Nothing was done.".to_owned());
                vec![]
            }
            Some(intent) => vec![Msg::Key(self.model.key(intent).to_owned())],
            None => match other().filter(|intent| has_number(*intent)) {
                Some(_) => {
                    self.row = None;
                    vec![Msg::Key(line.to_owned())]
                }
                None => self.unknown(),
            },
        }
    }

    /// In a group: numbers leave cases out or take them in, letters decide all of them.
    fn of_group(&mut self, line: &str) -> Vec<Msg> {
        if line.is_empty() {
            return vec![Msg::Key("Esc".to_owned())];
        }
        let decides = [Intent::Remove, Intent::Keep, Intent::Group].map(|intent| self.model.key(intent));
        if decides.contains(&line) {
            return vec![Msg::Key(line.to_owned())];
        }
        let Some(Dialog::Group(group)) = &mut self.model.dialog else { return vec![] };
        let many = group.kin.as_ref().map_or(0, Vec::len);
        let Some(numbers) = lists::numbers(line).filter(|all| all.iter().all(|number| *number <= many)) else {
            return self.unknown();
        };
        for number in numbers {
            group.cursor = number - 1;
            group.toggle();
        }
        let left = group.targets().len();
        self.first.push(format!("{left} of {} are decided together now.", many + 1));
        vec![]
    }

    /// In the queue's list: numbers mark and unmark, letters decide what is marked.
    fn of_list(&mut self, line: &str) -> Vec<Msg> {
        let at = self.list.unwrap_or(0);
        match line {
            "0" | "q" => return vec![Msg::Key("q".to_owned())],
            "" => self.list = None,
            "+" if at + lists::ROWS < self.model.queue.rows.len() => self.list = Some(at + lists::ROWS),
            "-" if at > 0 => self.list = Some(at.saturating_sub(lists::ROWS)),
            "+" | "-" => self.first.push("There are no more.".to_owned()),
            // No list has so many rows: the number means what it means elsewhere.
            _ if line.parse() == Ok(WHOLE) => {
                self.list = Some(0);
                return vec![Msg::Key(self.model.key(Intent::Unfilter).to_owned())];
            }
            _ => {
                if let Some(slot) = self.view(line) {
                    self.list = Some(0);
                    return vec![Msg::Key(slot.to_owned())];
                }
                return self.marked(line);
            }
        }
        vec![]
    }

    fn marked(&mut self, line: &str) -> Vec<Msg> {
        let [remove, keep, forget] =
            [Intent::Remove, Intent::Keep, Intent::Unmark].map(|intent| self.model.key(intent));
        if line == forget {
            self.first.push("Nothing is marked now.".to_owned());
            return vec![Msg::Key(line.to_owned())];
        }
        if line == remove || line == keep {
            if self.model.marks.is_empty() {
                self.first.push("Nothing is marked. Nothing was done.".to_owned());
                return vec![];
            }
            return vec![Msg::Key(line.to_owned())];
        }
        let cases: Option<Vec<_>> = lists::numbers(line)
            .and_then(|numbers| numbers.into_iter().map(|number| self.cases.get(number - 1).copied()).collect());
        let Some(cases) = cases else { return self.unknown() };
        // The queue moves on meanwhile: what was said with a number is marked, wherever it is now.
        for case in cases {
            let Some(at) = self.model.queue.position(case) else {
                self.first.push(format!("Case {} is not in the queue any more.", case.short()));
                continue;
            };
            let height = self.model.queue_height();
            self.model.queue.go(at, height);
            let name = binding(Intent::Mark).map_or("", |binding| binding.keys[0]);
            let cmds = update(&mut self.model, Msg::Key(name.to_owned()));
            self.asked.extend(cmds);
        }
        self.first.push(format!("{} marked.", self.model.marks.len()));
        vec![]
    }

    fn unknown(&mut self) -> Vec<Msg> {
        self.first.push("There is no such choice. Nothing was done.".to_owned());
        vec![]
    }
}
