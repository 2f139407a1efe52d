//! A console in use: the database behind it answers when it likes, and its screen shows frames when the link lets it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jointforce_shared::{
    commands::{
        approval::Waits,
        case::{Act, Acted, Request},
    },
    domain::{
        approval::Cause,
        ids::{ApprovalId, CaseId},
        operator::Role,
        time::Time,
    },
    fixtures::Random,
    store::{pictures::Standing, sellers::Names},
};

use crate::{
    fixture::{NOW, alike, board_row, case_id, dossier, figures, operator, row},
    keys::Place,
    model::{Model, SEEN_AFTER, Shown, dialog::Dialog},
    msg::{Cmd, Failure, Msg, Read},
    theme::Theme,
    update::update,
};

/// Cases of the database.
pub const CASES: usize = 60;

/// A console, the database that it asks, and the screen that it is seen on.
pub struct Session {
    pub model: Model,
    pub random: Random,
    /// What is on its way to the model, by the moment at which it comes.
    coming: BTreeMap<(i64, u64), Msg>,
    sent: u64,
    /// Frames that the screen has not shown yet, and what the last of them shows.
    frames: usize,
    drawn: Option<Shown>,
    /// The case that the screen shows, and since when.
    screen: Option<(CaseId, Time)>,
    pub decided: BTreeSet<CaseId>,
    versions: BTreeMap<CaseId, i64>,
    /// What is handed over or taken back must not be counted as decided by the key that is held.
    pub decisions: usize,
    trail: VecDeque<String>,
}

impl Session {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, "session", 0);
        let role = *random.pick(&[Role::Moderator, Role::Moderator, Role::Senior, Role::Auditor]);
        let size = *random.pick(&[(80, 24), (40, 12), (200, 60), (24, 6)]);
        let (model, first) = Model::new(operator("ann", role), Default::default(), NOW, size);
        let mut session = Self {
            model,
            random,
            coming: BTreeMap::new(),
            sent: 0,
            frames: 0,
            drawn: None,
            screen: None,
            decided: BTreeSet::new(),
            versions: BTreeMap::new(),
            decisions: 0,
            trail: VecDeque::new(),
        };
        session.answer(first);
        session
    }

    fn fail(&self, what: &str) -> ! {
        panic!("{what}\nafter {:?}\nat {:?} {:?}", self.trail, self.model.place(), self.model.focus())
    }

    /// Time passes; what comes meanwhile comes, and deadlines are kept.
    pub fn pass(&mut self, span: i64) {
        let end = Time(self.model.now.0 + span);
        loop {
            let next = self.coming.first_key_value().map(|((at, _), _)| Time(*at));
            let deadline = self.model.deadline();
            match next {
                Some(at) if at <= end && at <= deadline => {
                    let Some((_, msg)) = self.coming.pop_first() else { return };
                    self.model.now = at.max(self.model.now);
                    self.tell(msg);
                }
                _ if deadline <= end => {
                    self.model.now = deadline.max(self.model.now);
                    self.tell(Msg::Tick);
                    if self.model.deadline() <= self.model.now {
                        self.fail("a deadline that is not over when it was kept: the loop would spin");
                    }
                }
                _ => break,
            }
        }
        self.model.now = end;
    }

    /// A message reaches the model, and what it asks for is looked at and answered.
    pub fn tell(&mut self, msg: Msg) {
        if let Msg::Drawn(shown) = &msg {
            self.frames -= 1;
            if self.screen.map(|(case, _)| case) != shown.case {
                self.screen = shown.case.map(|case| (case, self.model.now));
            }
        }
        let before = Before {
            focus: self.model.focus(),
            count: match &self.model.dialog {
                Some(Dialog::Count(count)) if count.line.text().trim() == count.targets.len().to_string() => {
                    Some(count.targets.iter().map(|target| target.case).collect())
                }
                _ => None,
            },
        };
        let is_input = matches!(msg, Msg::Key(_));
        let cmds = update(&mut self.model, msg);
        self.check(&cmds, &before, is_input);
        self.answer(cmds);
        self.draw();
    }

    fn check(&mut self, cmds: &[Cmd], before: &Before, is_input: bool) {
        let decides = |request: &Request| matches!(request.act, Act::Remove(_) | Act::Keep(_));
        let decided: Vec<&Request> = cmds
            .iter()
            .flat_map(|cmd| match cmd {
                Cmd::Act(request) => std::slice::from_ref(&**request),
                Cmd::Together(requests) => requests,
                _ => &[],
            })
            .filter(|request| decides(request))
            .collect();
        if !decided.is_empty() && !is_input {
            self.fail("a decision that no key made");
        }
        if let Some(counted) = &before.count {
            if !decided.iter().all(|request| counted.contains(&request.case)) {
                self.fail("a batch that decides what was not counted");
            }
        } else if let [request] = decided.as_slice() {
            let case = request.case;
            if before.focus != Some(case) {
                self.fail(&format!("a decision on {case}, which is neither open nor selected"));
            }
            match self.screen {
                Some((shown, since)) if shown == case && self.model.now.since(since) >= SEEN_AFTER => {}
                other => self.fail(&format!("a decision on {case}, of which the screen shows {other:?}")),
            }
            self.decisions += 1;
        } else if !decided.is_empty() {
            self.fail("several decisions that were not counted");
        }
        for cmd in cmds {
            if let Cmd::Lease(case) = cmd
                && self.model.open.as_ref().is_none_or(|open| open.case != *case)
            {
                self.fail(&format!("a lease on {case}, which is not open"));
            }
        }
    }

    /// What changed is drawn, and reaches the screen after a while; no more than two frames are on the way.
    fn draw(&mut self) {
        let shown: Shown = self.model.shown();
        if self.frames < 2 && self.drawn.as_ref() != Some(&shown) {
            let lag = *self.random.pick(&[0, 2_000, 20_000, 150_000, 600_000]);
            let frames = self.coming.iter().filter(|(_, msg)| matches!(msg, Msg::Drawn(_)));
            let last = frames.map(|((at, _), _)| *at).max().unwrap_or(0);
            self.drawn = Some(shown.clone());
            self.frames += 1;
            self.send((self.model.now.0 + lag).max(last), Msg::Drawn(shown));
        }
        if self.random.percent(0.3) {
            let area = ratatui::layout::Rect::new(0, 0, self.model.size.0, self.model.size.1);
            crate::view::view(&self.model, &Theme::DARK, &mut ratatui::buffer::Buffer::empty(area));
        }
    }

    fn send(&mut self, at: i64, msg: Msg) {
        self.sent += 1;
        self.coming.insert((at, self.sent), msg);
    }

    fn failure(&mut self) -> Option<Failure> {
        let away = self.random.percent(30.0);
        self.random.percent(4.0).then(|| Failure { words: "no".into(), away })
    }

    fn answer(&mut self, cmds: Vec<Cmd>) {
        for cmd in cmds {
            let failure = self.failure();
            let Some(msg) = self.answer_one(cmd, failure) else { continue };
            let lag = *self.random.pick(&[500, 3_000, 40_000, 900_000]);
            self.send(self.model.now.0 + lag, msg);
        }
    }

    fn number(case: CaseId) -> Option<usize> {
        (0..CASES).find(|n| case_id(*n) == case)
    }

    fn version(&self, case: CaseId) -> i64 {
        self.versions.get(&case).copied().unwrap_or(1)
    }

    fn answer_one(&mut self, cmd: Cmd, failure: Option<Failure>) -> Option<Msg> {
        Some(match (cmd, failure) {
            (Cmd::Queue { ticket, .. }, Some(failure)) => Msg::Failed(Read::Queue(ticket), failure),
            (Cmd::Queue { ticket, filter, after, limit }, None) => {
                let open = (0..CASES).filter(|n| !self.decided.contains(&case_id(*n))).map(|n| {
                    let mut row = row(n);
                    row.version = self.version(row.place.case);
                    row
                });
                let wanted = open.filter(|row| {
                    after.is_none_or(|after| row.place > after)
                        && filter.brand.as_ref().is_none_or(|brand| *brand == row.brand)
                        && filter.seller.as_ref().is_none_or(|seller| *seller == row.seller)
                        && filter.titles.iter().all(|title| row.title.contains(title.as_str()))
                });
                Msg::Queue { ticket, rows: wanted.take(usize::try_from(limit).unwrap()).collect() }
            }
            (Cmd::Dossier(case), Some(failure)) => Msg::Failed(Read::Dossier(case), failure),
            (Cmd::Dossier(case), None) => {
                let found = Self::number(case).map(|n| {
                    let mut dossier = dossier(n);
                    dossier.case.version = self.version(case);
                    Box::new(dossier)
                });
                Msg::Dossier(case, found)
            }
            (Cmd::Lease(case), Some(failure)) => Msg::Failed(Read::Lease(case), failure),
            (Cmd::Lease(case), None) => Msg::Leased(case, !self.random.percent(10.0)),
            (Cmd::Act(request), Some(failure)) => Msg::Acted(request, Err(failure)),
            (Cmd::Act(request), None) => self.acted(*request),
            (Cmd::Together(requests), failure) => {
                let waits = Waits { approval: ApprovalId::from_ulid(Default::default()), cause: Cause::OwnTeam };
                let cases = requests.iter().map(|request| request.case).collect();
                Msg::Filed(cases, failure.map_or(Ok(waits), Err))
            }
            (Cmd::Preview(cases, reason), _) => Msg::Preview(cases, reason, vec![]),
            (Cmd::Do(deed, _), failure) => Msg::Done(deed, failure.map_or(Ok("done".into()), Err)),
            (Cmd::Group(..), Some(failure)) => Msg::Group(Box::new(Err(failure))),
            (Cmd::Group(case, by), None) => {
                let mut group = alike(self.random.below(12));
                (group.card.case, group.by) = (case, by);
                Msg::Group(Box::new(Ok((!self.random.percent(10.0)).then_some(group))))
            }
            (Cmd::Board(kind), Some(failure)) => Msg::Board(kind, Err(failure)),
            (Cmd::Board(kind), None) => {
                let many = self.random.below(30);
                Msg::Board(kind, Ok((0..many).map(board_row).collect()))
            }
            (Cmd::Text(text), failure) => Msg::Text(text, failure.map_or(Ok(vec!["a line".into(); 70]), Err)),
            (Cmd::Staff, _) => Msg::Staff(vec![operator("bob", Role::Moderator), operator("carla", Role::Senior)]),
            (Cmd::Brands, _) => Msg::Brands(vec!["Acme".into(), "Délice".into()]),
            (Cmd::Sellers(start), failure) => {
                Msg::Sellers(start, failure.map_or(Ok(Names { names: vec!["Luckystar 99".into()], is_all: true }), Err))
            }
            (Cmd::Ping, failure) => {
                if failure.is_some_and(|failure| failure.away) {
                    Msg::Away
                } else {
                    Msg::There
                }
            }
            (Cmd::Preferences, _) => Msg::Preferences(Default::default()),
            (Cmd::WhereISat, _) => Msg::Sat(None),
            (Cmd::Figures, failure) => Msg::Figures(failure.map_or(Ok(Box::new(figures())), Err)),
            (Cmd::Picture(url), failure) => Msg::Picture(url, failure.map_or(Ok(Standing::Asked), Err)),
            (Cmd::Beat(_) | Cmd::Release(_) | Cmd::Views | Cmd::Sit(_) | Cmd::Waiting | Cmd::Redraw | Cmd::Quit, _) => {
                return None;
            }
        })
    }

    fn acted(&mut self, request: Request) -> Msg {
        let (case, version) = (request.case, self.version(request.case));
        if request.version.is_some_and(|seen| seen != version) {
            return Msg::Acted(Box::new(request), Err(Failure { words: "it changed".into(), away: false }));
        }
        let state = match request.act {
            Act::Remove(_) | Act::Keep(_) => {
                self.decided.insert(case);
                "removed"
            }
            Act::Undo => {
                self.decided.remove(&case);
                "open"
            }
            _ => "open",
        };
        self.versions.insert(case, version + 1);
        let waits = self
            .random
            .percent(2.0)
            .then(|| Waits { approval: ApprovalId::from_ulid(Default::default()), cause: Cause::OwnTeam });
        let acted = Acted { case, version: version + 1, state, grace_until: None, compensated: false, waits };
        Msg::Acted(Box::new(request), Ok(acted))
    }

    pub fn key(&mut self, name: &str) {
        self.note(name);
        self.tell(Msg::Key(name.to_owned()));
    }

    pub fn note(&mut self, what: &str) {
        self.trail.push_back(what.to_owned());
        if self.trail.len() > 40 {
            self.trail.pop_front();
        }
    }

    /// A key is held: it repeats after a while, and then fast. It decides once at most.
    pub fn hold(&mut self, name: &str, delay: i64, times: usize) {
        let before = self.decisions;
        for n in 0..times {
            self.key(name);
            self.pass(if n == 0 { delay } else { 33_000 });
        }
        if self.decisions > before + 1 {
            self.fail(&format!("{name} was held, and decided {} cases", self.decisions - before));
        }
    }

    /// Escape leads back to the queue from anywhere.
    pub fn leave(&mut self) {
        if self.model.cover.is_some() {
            ["C-u", "a", "n", "n", "Enter"].iter().for_each(|key| self.key(key));
        }
        for _ in 0..5 {
            self.pass(1_000);
            self.key("Esc");
        }
        if self.model.place() != Place::Queue || self.model.open.is_some() || self.model.board.is_some() {
            self.fail("Escape does not lead back to the queue");
        }
    }
}

/// How the console stood before a message.
struct Before {
    focus: Option<CaseId>,
    /// What is decided when the typed count is confirmed now.
    count: Option<Vec<CaseId>>,
}
