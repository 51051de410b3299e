//! What is on the glass and what must not leave it, on the samples.

use crate::kiosk::app::App;
use crate::kiosk::language::Language;
use crate::kiosk::samples::reached;
use crate::kiosk::scene::Item;
use crate::kiosk::theme::Metrics;
use embedded_graphics::prelude::Size;

fn shown(sample: &str) -> (App, String) {
    let app = reached(sample, Language::Chinese, Metrics::new(Size::new(800, 480), 133)).unwrap();
    let items = app.preview().items;
    let texts = items.iter().map(|item| match item {
        Item::Text { text, .. } => text.as_str(),
        _ => "",
    });
    let texts = texts.collect();
    (app, texts)
}

/// R072, R135; R309: on the glass for who holds the slip, and nowhere else.
#[test]
fn who_does_it_and_what_was_written_are_on_the_glass_and_in_no_outline() {
    let (app, picture) = shown("progress.ticket");
    assert!(picture.contains("陈师傅") && picture.contains("配件下午三点送到"), "{picture}");
    assert!(picture.contains("最迟明天"), "{picture}");
    let elsewhere = format!("{:?} {:?}", app.preview().outline(), app.model);
    assert!(!elsewhere.contains("陈师傅") && !elsewhere.contains("配件") && !elsewhere.contains("8000"), "{elsewhere}");
}

#[test]
fn a_number_stands_there_as_on_the_slip_and_the_phone_of_a_try_that_failed_is_gone() {
    let (_, picture) = shown("progress.number");
    assert!(picture.contains("R-1121-07"), "{picture}");
    let (app, picture) = shown("progress.number.unknown");
    assert!(picture.contains("R-1121-07") && picture.contains("没有找到这张单子"), "{picture}");
    assert!(!format!("{picture} {:?}", app.model).contains("8000"));
}

#[test]
fn a_long_history_begins_with_its_newest_page_and_has_a_way_to_the_rest() {
    let (_, newest) = shown("progress.ticket.done");
    assert!(newest.contains("已办好"), "{newest}");
    let (_, earlier) = shown("progress.ticket.long");
    assert!(earlier.contains("更早 2/") && !earlier.contains("已回访"), "{earlier}");
}
