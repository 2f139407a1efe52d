//! Models of every kind at every size.

use jointforce_shared::{domain::time::Time, fixtures::Random};

use super::{
    corpus::{self, Pair},
    everywhere::{self, SCREENS},
    glass::Glass,
    strange::strange_case,
};
use crate::{
    fixture::{case_id, press, see},
    keys::{Intent, TABLE},
    msg::Msg,
    theme::{Look, Theme},
    update::update,
};

/// Models that are drawn; ten thousand with `JOINTFORCE_HOSTILE=1`.
const MODELS: usize = 2_000;

/// A size from 1 to `most`, small ones as often as large ones.
fn size(random: &mut Random, most: f64) -> u16 {
    most.powf(random.unit()).round().max(1.0) as u16
}

#[test]
fn no_model_leaves_its_area_or_sends_anything_but_drawing() {
    let pairs = corpus::strings();
    let keys: Vec<&str> = TABLE.iter().filter(|b| b.intent != Intent::Quit).flat_map(|b| &*b.keys).copied().collect();
    let looks = [Theme::DARK, Theme::LIGHT, Theme::CONTRAST, Theme::MONO].map(|theme| Look { theme, ascii: false });
    let models = if std::env::var_os("JOINTFORCE_HOSTILE").is_some() { 10_000 } else { MODELS };
    let mut glass = Glass::new();
    let mut drawn = 0;
    for seed in 0.. {
        let random = &mut Random::new(seed, "fuzz", 0);
        let pair = Pair(random.pick(&pairs).0.clone(), random.pick(&pairs).1.clone());
        let (name, way) = random.pick(SCREENS);
        let mut model = everywhere::model((size(random, 300.0), size(random, 100.0)), &pair);
        way(&mut model, &pair);
        let look = random.pick(&looks);
        let mut trail = vec![(*name).to_owned()];
        // One model leads to others: a key, an answer, another size.
        for _ in 0..8 {
            let (fault, _) = glass.show(&model, look);
            assert_eq!(fault, None, "seed {seed}, {trail:?} at {:?} with {pair:?}", model.size);
            drawn += 1;
            match random.below(6) {
                0 => {
                    let (width, height) = (size(random, 300.0), size(random, 100.0));
                    trail.push(format!("{width}x{height}"));
                    update(&mut model, Msg::Resize(width, height));
                }
                1 => {
                    let n = random.below(4);
                    trail.push(format!("case {n}"));
                    update(&mut model, Msg::Dossier(case_id(n), Some(Box::new(strange_case(n, &pair)))));
                }
                2 => {
                    let span = random.between(0, 3_000_000_000);
                    trail.push(format!("{span} µs"));
                    model.now = Time(model.now.0 + span);
                    update(&mut model, Msg::Tick);
                }
                _ => {
                    see(&mut model);
                    let key = *random.pick(&keys);
                    trail.push(key.to_owned());
                    press(&mut model, key);
                }
            }
        }
        if drawn >= models {
            break;
        }
    }
}
