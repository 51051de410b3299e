//! The memory of the whole process: what is let go is overwritten first. A name that somebody typed lives in many copies, in
//! the field, the picture, the command, its JSON; each is gone when its owner lets it go, and no owner can forget to. It
//! must never look at what it holds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;

/// The system's allocator with a clean slate behind it. It costs one pass over what is freed, and that text which grows moves
/// instead of stretching. What is still held is its owner's matter ([`Typed`](crate::kiosk)), and so are the stack and SQLite's pages.
pub struct Wiping;

#[global_allocator]
static MEMORY: Wiping = Wiping;

// SAFETY: every request goes to the system's allocator as it came, and so does what it answers. `realloc` stays the trait's
// own: new memory, a copy, and the old memory through `dealloc`.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the system's condition.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller gives up these bytes, all of them his until now; nobody reads them any more.
        unsafe {
            place.write_bytes(0, layout.size());
            // The optimiser drops writes that nobody reads; this is a read.
            System.dealloc(black_box(place), layout);
        }
    }
}
