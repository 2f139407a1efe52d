//! What is one's own: colours, signs and keys, chosen here and kept wherever one sits.

use jointforce_shared::domain::operator::preferences::ThemeName;

use super::deed;
use crate::{deed::Deed, model::Model, msg::Cmd};

/// Offers the themes, and all signs or none but ASCII.
pub fn offer_themes(model: &mut Model) -> Vec<Cmd> {
    let themes = ThemeName::ALL.iter().copied().map(Some).chain([None]).map(Deed::Theme);
    let deeds = themes.chain([Deed::Ascii(!model.own.kept.ascii)]).collect();
    let now = model.own.given.theme.or(model.own.kept.theme);
    let now = now.map_or_else(|| "what the terminal says".to_owned(), |theme| theme.to_string());
    deed::offer(model, format!("Theme, now {now}"), deeds)
}

/// Offers other keys, and the house's again where somebody has others.
pub fn offer_keys(model: &mut Model) -> Vec<Cmd> {
    let mut deeds = vec![Deed::OwnKeys];
    deeds.extend((!model.own.kept.keys.is_empty()).then_some(Deed::HouseKeys));
    deed::offer(model, "Your keys", deeds)
}
