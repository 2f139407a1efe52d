//! What is wrong with a rota: holes, overlaps, and people that it doesn't know.

use jiff::civil;

use super::{Rota, WEEK, minute_of_week, turns::minutes_after};
use crate::domain::refused::{Fault, Refused};

impl Rota {
    /// Checks a rota that came from a file.
    ///
    /// # Errors
    /// Every fault, each with its fix; of the holes and overlaps of a level the first of each, with its moment.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        if let Err(refused) = self.zone.validate("zone") {
            faults.extend(refused.faults);
        }
        if self.ends.is_some_and(|ends| ends <= self.starts) {
            faults.push(Fault::new(
                "ends",
                "it is not after the rota's first day",
                "Give a later day, or leave it out.",
            ));
        }
        for (who, mail) in &self.people {
            if !is_address(mail) {
                let problem = "it is no mail address";
                faults.push(Fault::new(format!("people.{who}"), problem, "Give name@host: pages are mailed there."));
            }
        }
        if self.levels.is_empty() {
            faults.push(Fault::new("levels", "there is none", "Give at least one level, a list of shifts."));
        }
        self.unknown_people(&mut faults);
        for level in 0..self.levels.len() {
            self.coverage(level, &mut faults);
        }
        self.overrides(&mut faults);
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }

    fn unknown_people(&self, faults: &mut Vec<Fault>) {
        let of_shifts = self.levels.iter().enumerate().flat_map(|(level, shifts)| {
            let field = move |n| format!("levels[{level}][{n}].who");
            shifts.iter().enumerate().flat_map(move |(n, shift)| shift.who.iter().map(move |who| (field(n), who)))
        });
        let of_overrides =
            self.overrides.iter().enumerate().map(|(n, over)| (format!("overrides[{n}].who"), &over.who));
        for (field, who) in of_shifts.chain(of_overrides) {
            if !self.people.contains_key(who) {
                faults.push(Fault::new(field, format!("{who} is not among the people"), "Add them with an address."));
            }
        }
        for (level, shifts) in self.levels.iter().enumerate() {
            for (n, shift) in shifts.iter().enumerate() {
                let lacking = [("days", shift.days.is_empty()), ("who", shift.who.is_empty())];
                for (field, _) in lacking.into_iter().filter(|(_, empty)| *empty) {
                    let field = format!("levels[{level}][{n}].{field}");
                    faults.push(Fault::new(field, "it is empty", "Name at least one, or take the shift out."));
                }
            }
        }
    }

    /// Looks at each minute of the rota's first seven days: the week after is like it.
    fn coverage(&self, level: usize, faults: &mut Vec<Fault>) {
        let first = minute_of_week(minutes_after(self.starts, 0));
        let shifts = &self.levels[level];
        let having = |n: i64| {
            let minute = (first + n).rem_euclid(WEEK);
            shifts.iter().enumerate().filter(move |(_, shift)| {
                shift.spans().any(|(start, length)| (minute - start).rem_euclid(WEEK) < length)
            })
        };
        let wall = |n| self.moment(minutes_after(self.starts, n));
        let field = || format!("levels[{level}]");
        if let Some(hole) = (0..WEEK).find(|n| having(*n).next().is_none()) {
            let end = (hole..WEEK).find(|n| having(*n).next().is_some()).unwrap_or(WEEK);
            let problem = format!("nobody is on call at level {} from {} until {}", level + 1, wall(hole), wall(end));
            faults.push(Fault::new(field(), problem, "Give that time to somebody: lengthen a shift or add one."));
        }
        let twice = (0..WEEK).find_map(|n| {
            let mut having = having(n);
            let two = (having.next()?, having.next()?);
            Some((n, two.0.0, two.1.0))
        });
        if let Some((n, one, other)) = twice {
            let problem = format!("shifts {one} and {other} are both on call at level {} from {}", level + 1, wall(n));
            faults.push(Fault::new(field(), problem, "Let the first end where the second begins."));
        }
    }

    fn overrides(&self, faults: &mut Vec<Fault>) {
        for (n, over) in self.overrides.iter().enumerate() {
            let field = |name: &str| format!("overrides[{n}].{name}");
            if over.level == 0 || over.level > self.levels.len() {
                let fix = format!("Give a level from 1 to {}.", self.levels.len());
                faults.push(Fault::new(field("level"), format!("there is no level {}", over.level), fix));
            }
            if over.to <= over.from {
                faults.push(Fault::new(field("to"), "it is not after its beginning", "Give a later moment."));
            }
            let before = self.overrides[..n].iter().enumerate();
            let clash = before.filter(|(_, other)| other.level == over.level).find_map(|(other_n, other)| {
                let from = over.from.max(other.from);
                (from < over.to.min(other.to)).then_some((other_n, from))
            });
            if let Some((other, from)) = clash {
                let level = over.level;
                let problem =
                    format!("overrides {other} and {n} are both on call at level {level} from {}", self.moment(from));
                faults.push(Fault::new(format!("overrides[{n}]"), problem, "Let one end where the other begins."));
            }
        }
    }

    fn moment(&self, wall: civil::DateTime) -> String {
        format!("{} ({})", wall.strftime("%a %Y-%m-%d %H:%M"), self.zone)
    }
}

/// Something, an `@`, something with no blank in it: the mail server says the rest.
fn is_address(text: &str) -> bool {
    let plain = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    plain && text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}
