//! What a reader would miss: every word of every entry, the way back, and that what is not valid any more is gone.

use crate::config::handbook::{EXAMPLE, entry};
use crate::event::Now;
use crate::kiosk::app::App;
use crate::kiosk::input::SETTLE;
use crate::kiosk::language::Language;
use crate::kiosk::model::{Input, Moment};
use crate::kiosk::press::Press;
use crate::kiosk::samples::settings;
use crate::kiosk::screens::Door;
use crate::kiosk::theme::{Metrics, Sight};
use crate::service::knowledge::{Entry, Handbook};
use chrono::{DateTime, TimeDelta};
use embedded_graphics::prelude::Size;
use std::time::Duration;

const GLASSES: [(u32, u32, u32); 2] = [(800, 480, 133), (720, 1280, 208)];

/// Somebody who reads.
struct Reader {
    app: App,
    moment: Moment,
}

impl Reader {
    fn new(entries: Vec<Entry>, language: Language, (width, height, dpi): (u32, u32, u32)) -> Self {
        let now = Now { utc: DateTime::from_timestamp(1_795_242_360, 0).unwrap(), synced: true };
        let moment = Moment { now, at: Duration::ZERO };
        let mut app = App::new(settings(language), Metrics::new(Size::new(width, height), dpi), moment);
        app.update(Input::Handbook(Handbook::new(entries).public()), moment);
        Reader { app, moment }
    }

    fn offers(&self, press: Press) -> bool {
        self.app.preview().targets.iter().any(|target| target.press == press)
    }

    fn touch(&mut self, press: Press) {
        assert!(self.offers(press), "{press:?} is not on {:?}", self.app.preview().outline());
        self.moment.at += SETTLE;
        self.app.update(Input::Click(press), self.moment);
    }

    fn touch_all(&mut self, presses: &[Press]) {
        presses.iter().for_each(|press| self.touch(*press));
    }

    fn part(&self, id: &str) -> Option<String> {
        let scene = self.app.preview();
        assert!(scene.overflow.is_empty(), "{:?}", scene.overflow);
        scene.parts.into_iter().find(|part| part.id == id).map(|part| part.label)
    }

    /// Everything that the entry on the glass says, page by page.
    fn read_on(&mut self) -> String {
        let mut said = self.part("handbook.text").expect("an entry is on the glass");
        while self.offers(Press::Next) {
            self.touch(Press::Next);
            said += &self.part("handbook.text").expect("an entry has pages");
        }
        assert!(self.offers(Press::Finish));
        said
    }
}

fn examples() -> Vec<Entry> {
    EXAMPLE.iter().map(|(name, text)| entry(name, text).unwrap()).collect()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

const TO_HANDBOOK: [Press; 2] = [Press::Open(Door::Services), Press::Open(Door::Handbook)];

#[test]
fn every_word_of_every_entry_can_be_read_on_every_glass() {
    let long = format!("{}{}", "一段很长的话。".repeat(60), "averyverylongword".repeat(20));
    let (_, lifts) = EXAMPLE.iter().find(|(name, _)| *name == "lifts").unwrap();
    let mut entries = examples();
    entries.push(entry("endless", &format!("{lifts}\n## Heading\n{long}\n")).unwrap());
    for (glass, large) in [(GLASSES[0], false), (GLASSES[0], true), (GLASSES[1], false)] {
        for language in [Language::Chinese, Language::English] {
            for wanted in entries.iter().filter(|entry| entry.level.name() == "public") {
                let mut reader = Reader::new(vec![wanted.clone()], language, glass);
                reader.app.model.sight = if large { Sight::Large } else { Sight::Normal };
                reader.touch_all(&TO_HANDBOOK);
                reader.touch(Press::Choose(0));
                let text = wanted.texts.in_language(language.tag());
                let whole: String = text.blocks.iter().map(|block| block.text.as_str()).collect();
                assert_eq!(bare(&reader.read_on()), bare(&whole), "{} {glass:?}", wanted.id);
            }
        }
    }
}

/// R139.
#[test]
fn who_can_be_asked_and_the_last_day_stand_below_every_page() {
    let mut reader = Reader::new(examples(), Language::Chinese, GLASSES[0]);
    reader.touch_all(&TO_HANDBOOK);
    reader.touch(Press::Choose(3));
    for _ in 0..2 {
        assert_eq!(reader.part("handbook.contact").unwrap(), "咨询：工程部 010-5555 0100");
        assert_eq!(reader.part("handbook.until").unwrap(), "有效期至 2035-12-31");
        reader.touch(Press::Next);
    }
}

#[test]
fn back_leads_page_by_page_to_the_menu() {
    let mut reader = Reader::new(examples(), Language::Chinese, GLASSES[0]);
    reader.touch_all(&TO_HANDBOOK);
    reader.touch_all(&[Press::Choose(1), Press::Choose(0), Press::Next, Press::Back, Press::Back]);
    assert_eq!(reader.app.preview().screen, "handbook.list");
    reader.touch(Press::Back);
    assert_eq!(reader.app.preview().screen, "handbook.sections");
    // A section of one entry has no list, on the way back neither.
    reader.touch_all(&[Press::Choose(3), Press::Back]);
    assert_eq!(reader.app.preview().screen, "handbook.sections");
    reader.touch(Press::Back);
    assert_eq!(reader.app.preview().screen, "services");
}

/// R146.
#[test]
fn an_entry_leaves_the_glass_when_its_last_day_is_over_even_while_it_is_read() {
    let (name, text) = EXAMPLE.iter().find(|(name, _)| *name == "assembly").unwrap();
    let today = entry(name, &text.replace("2035-12-31", "2026-11-21")).unwrap();
    let mut reader = Reader::new(vec![today], Language::English, GLASSES[1]);
    reader.touch_all(&TO_HANDBOOK);
    reader.touch(Press::Choose(0));
    assert!(reader.part("handbook.text").is_some());
    reader.moment.now.utc += TimeDelta::hours(10);
    reader.app.update(Input::Tick, reader.moment);
    assert_eq!(reader.part("handbook.text"), None);
    reader.touch(Press::Back);
    assert!(reader.offers(Press::Open(Door::Catalogue)) && !reader.offers(Press::Open(Door::Handbook)));
}

#[test]
fn without_entries_nothing_is_offered() {
    let mut reader = Reader::new(Vec::new(), Language::Chinese, GLASSES[0]);
    reader.touch(Press::Open(Door::Services));
    assert!(!reader.offers(Press::Open(Door::Handbook)));
}

#[test]
fn a_long_list_has_pages_and_every_entry_is_on_one() {
    let (_, text) = EXAMPLE.iter().find(|(name, _)| *name == "assembly").unwrap();
    let many: Vec<_> = (0..40).map(|n| entry(&format!("e{n:02}"), text).unwrap()).collect();
    for glass in GLASSES {
        let mut reader = Reader::new(many.clone(), Language::English, glass);
        reader.touch_all(&TO_HANDBOOK);
        reader.touch(Press::Choose(0));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..40 {
            let parts = reader.app.preview().parts;
            seen.extend(parts.into_iter().filter_map(|part| part.id.strip_prefix("handbook.e").map(str::to_owned)));
            reader.touch(Press::Next);
        }
        assert_eq!(seen.len(), 40);
    }
}
