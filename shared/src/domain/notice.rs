//! stub
#![allow(missing_docs)]
use super::{brand::Brand, ids::*, reason::ReasonCode, refused::Refused, right::Right, time::Time, words::words};
use std::collections::HashMap;
#[derive(Debug, Clone, Default)]
pub struct RawNotice {
    pub reference: String,
    pub brand: String,
    pub right: String,
    pub listings: Vec<String>,
}
impl RawNotice {
    pub fn listing_names(&self) -> Vec<&str> {
        vec![]
    }
}
#[derive(Debug, Clone)]
pub struct KnownListing {
    pub id: ListingId,
    pub seller: SellerId,
    pub version: i64,
    pub territory: String,
    pub nice_class: Option<u8>,
    pub live: bool,
    pub sold: i64,
}
words! { /// r
Role { /// p
Principal = "principal", } }
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notifier {
    pub name: String,
    pub email: String,
    pub role: Role,
}
pub struct Known<'a> {
    pub brand: Option<&'a Brand>,
    pub right: Option<&'a Right>,
    pub listings: &'a HashMap<String, KnownListing>,
}
#[derive(Debug, Clone)]
pub struct Notice {
    pub brand: BrandId,
    pub reference: String,
    pub reason: ReasonCode,
    pub right: RightId,
    pub listings: Vec<KnownListing>,
    pub notifier: Notifier,
    pub explanation: String,
    pub signature: String,
    pub evidence: Vec<String>,
    pub digest: String,
}
pub fn parse(_raw: &RawNotice, _k: &Known, _limit: usize, _now: Time) -> Result<Notice, Refused> {
    Err(Refused::one("", "", ""))
}
pub fn reference(raw: &RawNotice) -> String {
    raw.reference.clone()
}
pub fn digest(raw: &RawNotice) -> String {
    raw.reference.clone()
}
