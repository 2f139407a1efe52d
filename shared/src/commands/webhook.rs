//! A brand's webhook that said that it is gone, and its coming back.

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        effect::{BrandNews, Effect},
        ids::BrandId,
        operator::Permission,
        refused::Refused,
        safe_text::SafeText,
    },
    store::{audit, brands, effects},
};

/// The brand's webhook at `url` answered 410: it is not called any more, until the brand has another one or somebody
/// resumes it. The brand is told by mail. `false` if that is so already, or the brand has another one by now.
///
/// # Errors
/// What the store says.
pub async fn gone(house: &House, actor: &Actor, brand: &BrandId, url: &str) -> Result<bool> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    if !brands::hook_gone(&mut tx, brand, url).await? {
        return Ok(false);
    }
    // The rest of a URL may be a secret.
    let host = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let host = SafeText::line(host.rsplit('@').next().unwrap_or_default(), 200).into_string();
    let event = house.event(actor, "brand.webhook_gone", format!("brand:{brand}"), None, json!({ "host": host }));
    audit::add(&mut tx, &[event]).await?;
    let effect = Effect::MailBrand { brand: brand.clone(), notice: None, news: BrandNews::HookGone { host } };
    effects::add(&mut tx, &[house.effect(effect, now)], now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Calls the brand's webhook again although it said that it is gone. `false` if it is called anyway.
///
/// # Errors
/// Refused without [`Permission::ManageBrands`], or without a reason.
pub async fn resume(house: &House, actor: &Actor, brand: &BrandId, reason: &str) -> Result<bool> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 500 {
        return Err(
            Refused::one("reason", "it is empty or longer than 500 bytes", "Say why it is called again.").into()
        );
    }
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageBrands).await?;
    if !brands::hook_resumed(&mut tx, brand).await? {
        return Ok(false);
    }
    let body = json!({ "reason": reason });
    audit::add(&mut tx, &[house.event(actor, "brand.webhook_resumed", format!("brand:{brand}"), None, body)]).await?;
    tx.commit().await?;
    Ok(true)
}
