//! Commands of one sender that must be stored in the order in which they were handed over, although many are under way at
//! once. Never lets one be stored that stands behind a refused one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One train. Clones are the same train; once it has stopped it never goes on: its sender begins another one.
#[derive(Clone, Default)]
pub struct Train(Arc<AtomicBool>);

impl Train {
    /// Something of it was refused: nothing behind it is stored.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Something of it was refused.
    pub fn has_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
