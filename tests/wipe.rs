//! After a wipe the heap of the process holds nothing that somebody typed. A process of its own: it reads its whole memory,
//! and must hold no copy of what it looks for.

use embedded_graphics::prelude::Size;
use lobbyd::kiosk::{App, Input, Language, Metrics, samples};
use std::fs::{File, read_to_string};
use std::os::unix::fs::FileExt;
use std::time::Duration;

/// What the samples type, and how it looks on the glass. They stand in the program's text, which is not searched.
/// (Their flat is the one that the hint on the glass names as an example, so it is always there.)
const MARKS: [&str; 9] = [
    // The end of a text: the allocator itself writes over the beginning of what is freed.
    "door are full",
    "王小明",
    "13800138000",
    "138 0013 8000",
    "11010519491231",
    "110105 19491231",
    "Anna Lee",
    "k7fm2x",
    "K7FM2X",
];

/// Long enough for every idle question and every page that waits for somebody.
const LONG: Duration = Duration::from_secs(30);

/// Somewhere to read memory into; its own place is left out of the search.
struct Search {
    memory: File,
    chunk: Vec<u8>,
}

/// Bytes read at once; a mark across the border of two chunks is read again with the next.
const CHUNK: usize = 1 << 20;
const OVERLAP: usize = 64;

impl Search {
    fn new() -> Self {
        Search { memory: File::open("/proc/self/mem").unwrap(), chunk: vec![0; CHUNK] }
    }

    /// The first mark found on the heap, by its place in the list.
    fn find(&mut self) -> Option<usize> {
        let here = &raw const *self as u64;
        let maps = read_to_string("/proc/self/maps").unwrap();
        maps.lines()
            .filter_map(heap)
            .filter(|(from, to)| !(*from..*to).contains(&here))
            .find_map(|(from, to)| self.look(from, to))
    }

    fn look(&mut self, from: u64, to: u64) -> Option<usize> {
        let own = self.chunk.as_ptr() as u64..self.chunk.as_ptr() as u64 + CHUNK as u64;
        let mut at = from;
        while at < to {
            let wanted = CHUNK.min((to - at) as usize);
            let Ok(read) = self.memory.read_at(&mut self.chunk[..wanted], at) else { break };
            let found = mark(&self.chunk[..read], |n| !own.contains(&(at + n as u64)));
            if found.is_some() || read <= OVERLAP {
                return found;
            }
            at += (read - OVERLAP) as u64;
        }
        None
    }
}

/// Memory without a file behind it: the heap and the arenas of threads.
fn heap(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_whitespace();
    let (range, rights) = (words.next()?, words.next()?);
    let name = words.nth(3).unwrap_or_default();
    let (from, to) = range.split_once('-')?;
    let writable = rights.starts_with("rw") && (name.is_empty() || name == "[heap]");
    let hex = |text| u64::from_str_radix(text, 16).ok();
    writable.then_some((hex(from)?, hex(to)?))
}

fn mark(bytes: &[u8], counts: impl Fn(usize) -> bool) -> Option<usize> {
    let begins: [bool; 256] = std::array::from_fn(|byte| MARKS.iter().any(|mark| mark.as_bytes()[0] == byte as u8));
    let here = |n: usize, mark: &str| bytes[n..].starts_with(mark.as_bytes());
    let starts = bytes.iter().enumerate().filter(|(n, byte)| begins[usize::from(**byte)] && counts(*n));
    starts.filter_map(|(n, _)| MARKS.iter().position(|mark| here(n, mark))).next()
}

/// A page as somebody has left it, drawn.
fn left(name: &str, language: Language) -> App {
    samples::sample(name, language, Metrics::new(Size::new(800, 480), 133)).unwrap()
}

/// The idle question, and nobody who answers it. An emergency that goes on is ended by the next visitor's first touch; here
/// it goes with the kiosk.
fn wipe(app: &mut App) {
    let mut moment = app.model.moment;
    for _ in 0..20 {
        moment.at += LONG;
        app.update(Input::Tick, moment);
    }
    app.draw();
}

#[test]
fn nothing_that_was_typed_is_on_the_heap_after_a_wipe() {
    let mut search = Search::new();
    let goes_on = |name: &str| ["emergency.place", "emergency.choose"].iter().any(|page| name.starts_with(page));
    // What the search is worth: it finds what is there.
    for (name, language) in [("visit.phone", Language::Chinese), ("complaint.words.typed", Language::English)] {
        let app = left(name, language);
        assert!(search.find().is_some(), "{name} is on the glass and was not found");
        drop(app);
        assert_eq!(search.find(), None, "{name}, dropped");
    }
    for language in [Language::Chinese, Language::English] {
        for name in samples::names().filter(|name| !goes_on(name)) {
            let mut app = left(name, language);
            wipe(&mut app);
            let page = app.scene().screen.clone();
            assert_eq!(page, "home", "{name}");
            // Each search is a look through all memory: one for each flow, and what is left of any is found by the next.
            if name.ends_with("typed") || name.ends_with("received") || name.ends_with("check") {
                assert_eq!(search.find(), None, "{name} has left mark number");
            }
        }
    }
    assert_eq!(search.find(), None);
}
