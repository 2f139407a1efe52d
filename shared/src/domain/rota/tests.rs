use super::*;

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// Berlin: days for ann and bob in turn, nights for sue, sue behind all of them.
fn rota() -> Rota {
    read(DAYS_AND_NIGHTS)
}

fn read(json: &str) -> Rota {
    serde_json::from_str(json).unwrap()
}

const DAYS_AND_NIGHTS: &str = r#"{
    "zone": "Europe/Berlin", "starts": "2026-03-02",
    "people": {"ann": "ann@market.example", "bob": "bob@market.example", "sue": "sue@market.example"},
    "levels": [
        [
            {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "09:00", "to": "21:00", "who": ["ann", "bob"]},
            {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "21:00", "to": "09:00", "who": ["sue"]}
        ],
        [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "00:00", "who": ["sue"]}]
    ],
    "overrides": [{"level": 1, "who": "bob", "from": "2026-03-04T12:00", "to": "2026-03-04T15:00"}]
}"#;

fn who(rota: &Rota, level: usize, moment: &str) -> String {
    rota.on_call(level, at(moment)).map_or_else(|| "nobody".into(), ToString::to_string)
}

#[test]
fn the_clock_on_the_wall_says_whose_turn_it_is() {
    let rota = rota();
    assert_eq!(rota.validate(), Ok(()));
    for (level, moment, name) in [
        (1, "2026-03-01T22:59:00Z", "nobody"), // before it starts, 1 March 23:59 in Berlin
        (1, "2026-03-01T23:00:00Z", "sue"),    // Sunday's night shift, half of it
        (1, "2026-03-02T08:00:00Z", "ann"),    // 09:00 in Berlin
        (1, "2026-03-02T19:59:59Z", "ann"),
        (1, "2026-03-02T20:00:00Z", "sue"),
        (1, "2026-03-04T10:59:00Z", "ann"),
        (1, "2026-03-04T11:00:00Z", "bob"), // the override
        (1, "2026-03-04T14:00:00Z", "ann"),
        (1, "2026-03-09T08:00:00Z", "bob"), // the second week
        (1, "2026-03-16T08:00:00Z", "ann"),
        (2, "2026-03-16T08:00:00Z", "sue"),
        (3, "2026-03-16T08:00:00Z", "nobody"),
        (0, "2026-03-16T08:00:00Z", "nobody"),
    ] {
        assert_eq!(who(&rota, level, moment), name, "level {level} at {moment}");
    }
}

#[test]
fn a_night_shift_belongs_to_the_week_in_which_it_began() {
    let mut rota = rota();
    rota.levels[0][1].who = vec!["ann".parse().unwrap(), "sue".parse().unwrap()];
    assert_eq!(who(&rota, 1, "2026-03-08T22:00:00Z"), "ann", "Sunday evening");
    assert_eq!(who(&rota, 1, "2026-03-09T02:00:00Z"), "ann", "the same night, on Monday");
    assert_eq!(who(&rota, 1, "2026-03-09T22:00:00Z"), "sue");
}

#[test]
fn turns_have_neither_gap_nor_overlap_when_clocks_change() {
    let mut rota = rota();
    // A shift that changes hands within the hour that is missing on 29 March and there twice on 25 October.
    rota.levels[0][0].from = civil::time(2, 30, 0, 0);
    rota.levels[0][1].to = civil::time(2, 30, 0, 0);
    assert_eq!(rota.validate(), Ok(()));
    for (from, until) in
        [("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"), ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z")]
    {
        let turns = rota.turns(1, at(from), at(until));
        assert_eq!((turns[0].from, turns[turns.len() - 1].until), (at(from), at(until)));
        for (one, next) in turns.iter().zip(&turns[1..]) {
            assert_eq!(one.until, next.from);
        }
        for turn in &turns {
            for moment in [turn.from, Time((turn.from.0 + turn.until.0) / 2), Time(turn.until.0 - 1)] {
                assert_eq!(rota.on_call(1, moment), turn.who.as_ref(), "{moment} in {turn:?}");
            }
        }
    }
}

#[test]
fn a_turn_is_one_shift_or_one_override() {
    let rota = rota();
    let turn = rota.turn_at(1, at("2026-03-03T10:00:00Z")).unwrap();
    assert_eq!((turn.from, turn.until), (at("2026-03-03T08:00:00Z"), at("2026-03-03T20:00:00Z")));
    let turn = rota.turn_at(1, at("2026-03-04T11:00:00Z")).unwrap();
    assert_eq!((turn.from, turn.until), (at("2026-03-04T11:00:00Z"), at("2026-03-04T14:00:00Z")));
    let always = rota.turn_at(2, at("2026-03-04T11:00:00Z")).unwrap();
    assert_eq!(always.from, at("2026-03-03T23:00:00Z"), "a day is a shift, though the same person follows");
    assert_eq!(rota.turn_at(1, at("2026-01-01T00:00:00Z")), None);
}

fn said(rota: &Rota) -> Vec<String> {
    rota.validate().unwrap_err().faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_hole_or_an_overlap_is_refused_with_its_first_moment() {
    let mut hole = rota();
    hole.levels[0][1].days.remove(&Weekday::Saturday);
    assert_eq!(
        said(&hole),
        [
            "levels[0]: nobody is on call at level 1 from Sat 2026-03-07 21:00 (Europe/Berlin) until Sun 2026-03-08 09:00 \
          (Europe/Berlin). Give that time to somebody: lengthen a shift or add one."
        ]
    );
    let mut overlap = rota();
    overlap.levels[0][0].to = civil::time(22, 0, 0, 0);
    assert_eq!(
        said(&overlap),
        [
            "levels[0]: shifts 0 and 1 are both on call at level 1 from Mon 2026-03-02 21:00 (Europe/Berlin). Let the first \
          end where the second begins."
        ]
    );
    let mut stand_ins = rota();
    stand_ins.overrides.push(Override { who: "sue".parse().unwrap(), ..stand_ins.overrides[0].clone() });
    assert!(said(&stand_ins)[0].contains("overrides 0 and 1 are both on call at level 1 from Wed 2026-03-04 12:00"));
}

#[test]
fn every_other_fault_is_named_at_once() {
    let mut broken = rota();
    broken.zone = Zone::from("Mars/Olympus".to_owned());
    broken.ends = Some(broken.starts);
    broken.people.insert("ann".parse().unwrap(), "ann".into());
    broken.people.remove(&"bob".parse::<OperatorId>().unwrap());
    broken.overrides[0].level = 9;
    broken.overrides[0].to = broken.overrides[0].from;
    broken.levels[1][0].who.clear();
    let fields: Vec<_> = broken.validate().unwrap_err().faults.into_iter().map(|fault| fault.field).collect();
    assert_eq!(
        fields,
        [
            "zone",
            "ends",
            "people.ann",
            "levels[0][0].who",
            "overrides[0].who",
            "levels[1][0].who",
            "overrides[0].level",
            "overrides[0].to"
        ]
    );
    assert_eq!(
        said(&Rota { levels: vec![], ..rota() })[0],
        "levels: there is none. Give at least one level, a list of shifts."
    );
    assert!(serde_json::from_str::<Rota>(&DAYS_AND_NIGHTS.replace("09:00", "9 o'clock")).is_err());
    assert!(serde_json::from_str::<Rota>(&DAYS_AND_NIGHTS.replace("levels", "stufen")).is_err());
}

#[test]
fn a_hole_that_comes_later_is_found_before_it_is_there() {
    let mut rota = rota();
    let (from, until) = (at("2026-03-10T12:00:00Z"), at("2026-03-11T12:00:00Z"));
    assert_eq!(rota.first_hole(from, until, |_| true), None);
    let but_sue = |who: &OperatorId| who.as_str() != "sue";
    assert_eq!(rota.first_hole(from, until, but_sue), Some((2, from)), "she is behind everybody, also now");
    rota.levels.pop();
    assert_eq!(rota.first_hole(from, until, but_sue), Some((1, at("2026-03-10T20:00:00Z"))));
    rota.ends = Some(civil::date(2026, 3, 11));
    assert_eq!(rota.first_hole(from, until, |_| true), Some((1, at("2026-03-10T23:00:00Z"))));
}

#[test]
fn a_rota_survives_its_text() {
    let mut before = rota();
    before.ends = Some(civil::date(2027, 1, 1));
    let text = serde_json::to_string(&before).unwrap();
    assert!(text.contains(r#""from":"09:00","to":"21:00""#), "{text}");
    assert_eq!(read(&text), before);
}
