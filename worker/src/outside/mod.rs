//! stub
#![allow(missing_docs)]
use jointforce_shared::{
    domain::{effect::Effect, refused::Refused, time::Time},
    store::{Db, effects::carry::Claimed},
};
use std::{path::PathBuf, time::Duration};
#[derive(Debug, Clone)]
pub struct OutsideConfig {
    pub mail: MailRoute,
    pub mail_from: String,
    pub marketplace: Option<Marketplace>,
    pub timeout: Duration,
}
#[derive(Debug, Clone)]
pub enum MailRoute {
    Smtp(String),
    Folder(PathBuf),
}
#[derive(Debug, Clone)]
pub struct Marketplace {
    pub url: String,
    pub secret: String,
}
pub struct Outside {
    config: OutsideConfig,
}
pub enum Sent {
    Sent,
    NothingToSend(&'static str),
}
pub enum Fault {
    Retry { why: String, after: Option<Duration> },
    Never { why: String },
}
impl Outside {
    pub fn new(config: OutsideConfig) -> Result<Self, Refused> {
        Ok(Self { config })
    }
    pub fn has_marketplace(&self) -> bool {
        self.config.marketplace.is_some()
    }
    pub async fn carry(&self, _db: &Db, _e: &Claimed, _p: &Effect, _now: Time) -> Result<Sent, Fault> {
        Ok(Sent::Sent)
    }
}
