//! Counter-notices: received from sellers, answered by brands, ended by time. Each step changes the counter-notice
//! through its own table ([`crate::domain::counter_notice::table`]) and the case through [`super::case`]'s.

mod advance;
mod answer;
mod receive;
mod window;

pub(super) use self::advance::{moved, reinstate};
pub use self::{
    answer::{Answered, answer, take_back, tell_suit},
    receive::{Received, receive},
    window::end_windows,
};
