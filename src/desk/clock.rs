//! Service time for every room of the daemon: all read it here, only the desk's thread lets it jump. So a ring that was
//! received and the desk that judges its age never live in two different years.

use crate::event::{Now, Reading};
use crate::service::timeline::{Step, Timeline};
use std::sync::{Arc, PoisonError, RwLock};

/// A handle; clones share the timeline.
#[derive(Clone)]
pub struct Clock {
    read: Arc<dyn Fn() -> Reading + Send + Sync>,
    timeline: Arc<RwLock<Timeline>>,
}

impl Clock {
    pub(super) fn new(read: Arc<dyn Fn() -> Reading + Send + Sync>, begin: impl FnOnce(Reading) -> Timeline) -> Self {
        let timeline = begin(read());
        Clock { read, timeline: Arc::new(RwLock::new(timeline)) }
    }

    pub fn now(&self) -> Now {
        let reading = (self.read)();
        self.timeline().now(reading)
    }

    /// Both clocks as they stand.
    pub(super) fn read(&self) -> Reading {
        (self.read)()
    }

    pub(super) fn step(&self, reading: Reading) -> Option<Step> {
        self.timeline().step(reading)
    }

    /// See [`Timeline::follow`].
    pub(super) fn follow(&self, reading: Reading) {
        self.timeline.write().unwrap_or_else(PoisonError::into_inner).follow(reading);
    }

    /// A copy of the line as it runs now.
    pub(super) fn timeline(&self) -> Timeline {
        *self.timeline.read().unwrap_or_else(PoisonError::into_inner)
    }
}
