//! The shell's clock, and the ids that it draws. The domain takes both as arguments.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use ulid::Ulid;

use crate::domain::time::Time;

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine.
    #[default]
    System,
    /// A test that sets it.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// Now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the shell that may ask the machine")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => jiff::Timestamp::now().into(),
            Self::Set(micros) => Time(micros.load(Ordering::SeqCst)),
        }
    }

    /// A new id: `clock.id(CaseId::from_ulid)`. Those of one process sort in the order in which they were drawn, those
    /// of several by time to the millisecond.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the shell that may draw ids")]
    pub fn id<T>(&self, make: fn(Ulid) -> T) -> T {
        // Of each clock its own: two tests in one process must not take turns at one millisecond.
        static LAST: Mutex<BTreeMap<usize, Ulid>> = Mutex::new(BTreeMap::new());
        let mut all = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        let last = all.entry(self.which()).or_default();
        let ms = self.now().unix_ms();
        *last = match last.increment() {
            Some(next) if last.timestamp_ms() == ms => next,
            _ => Ulid::from_parts(ms, Ulid::new().random()),
        };
        make(*last)
    }

    /// Tells the clocks of one process apart.
    fn which(&self) -> usize {
        match self {
            Self::System => 0,
            Self::Set(micros) => Arc::as_ptr(micros).addr(),
        }
    }
}
