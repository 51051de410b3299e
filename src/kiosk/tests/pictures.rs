//! Every page in every language on every glass: what is written fits, what answers a finger is large enough and has a name.

use super::*;
use crate::kiosk::model::Model;
use crate::service::matter::service::CATALOGUE;
use crate::service::price::{Prices, Range};

/// Every sample in every language, on every glass, in every look.
fn every_picture(mut look: impl FnMut(&str, (u32, u32, u32), &Scene)) {
    let kits = GLASSES.map(|glass| (glass, Kit::new(metrics(glass))));
    for language in Language::ALL {
        for name in names() {
            let mut app = reached(name, language, metrics(GLASSES[0])).unwrap();
            let sight = app.model.sight;
            for (glass, kit) in &kits {
                for seen in [sight, Sight::Large] {
                    app.model.sight = seen;
                    look(name, *glass, &view(&app.model, &Finger::default(), kit));
                }
            }
        }
    }
}

#[test]
fn every_text_fits_its_box() {
    // One place of each: a word in the frame is on every page.
    let mut over = BTreeMap::new();
    every_picture(|name, glass, scene| {
        for text in &scene.overflow {
            over.entry(format!("{} {text}", scene.language)).or_insert_with(|| format!("{name} {glass:?}"));
        }
    });
    assert!(over.is_empty(), "{over:#?}");
}

/// The sample has one price; a company may have one for each service.
#[test]
fn a_price_for_every_service_fits_its_line_and_its_note() {
    let kits = GLASSES.map(|glass| Kit::new(metrics(glass)));
    let mut over = BTreeMap::new();
    let mut look = |model: &Model, what: String| {
        for kit in &kits {
            let scene = view(model, &Finger::default(), kit);
            scene.overflow.iter().for_each(|text| _ = over.entry(text.to_string()).or_insert_with(|| what.clone()));
        }
    };
    let ranges = [Range { from: 9_950, to: 999_900 }, Range { from: 999_900, to: 999_900 }];
    for (language, range) in Language::ALL.into_iter().flat_map(|language| ranges.map(|range| (language, range))) {
        let list = CATALOGUE.iter().map(|entry| (entry.code.to_owned(), range)).collect();
        let prices = Prices(list);
        for group in 0..8 {
            let mut person = Person::at(crate::kiosk::Settings { prices: prices.clone(), ..settings(language) });
            for press in [Press::Open(Door::Services), Press::Open(Door::Catalogue), Press::Choose(group)] {
                person.touch(press);
            }
            look(&person.app.model, format!("{language:?}, group {group}"));
        }
        let mut app = reached("order.check", language, metrics(GLASSES[0])).unwrap();
        app.model.settings.prices = prices;
        look(&app.model, format!("{language:?}, read back"));
    }
    assert!(over.is_empty(), "{over:#?}");
}

/// As long as the configuration lets them be.
#[test]
fn the_longest_company_and_phone_fit_the_notice_in_large_letters() {
    let kits = GLASSES.map(|glass| Kit::new(metrics(glass)));
    for language in Language::ALL {
        let mut app = reached("visit.notice", language, metrics(GLASSES[0])).unwrap();
        app.model.settings.service_phone = Some("0".repeat(24));
        if let Some(asking) = &mut app.model.settings.identity {
            asking.company = "滨".repeat(40);
        }
        for sight in [app.model.sight, Sight::Large] {
            app.model.sight = sight;
            for kit in &kits {
                let overflow = view(&app.model, &Finger::default(), kit).overflow;
                assert!(overflow.is_empty(), "{language:?} {sight:?}: {overflow:?}");
            }
        }
    }
}

#[test]
fn everything_that_answers_a_finger_is_large_enough_and_lies_on_the_glass() {
    every_picture(|name, glass, scene| {
        for target in &scene.targets {
            // Letters, and the ten pills along the edge of a narrow glass, are as wide as there is room.
            let small = matches!(target.press, Press::Key(_));
            let least = metrics(glass).px(if small { 40 } else { 60 });
            assert!(target.area.w >= least && target.area.h >= least, "{name} {glass:?}: {target:?}");
            assert_eq!(target.area.intersection(scene.bounds), target.area, "{name} {glass:?} {target:?}");
        }
    });
}

/// A finger is 12 mm. Ten letters side by side are as wide as the glass lets them be: 8 mm on a standing 7″ glass, which
/// is 88 mm across; their rows are always high enough, and nothing between two keys is dead.
#[test]
fn a_key_answers_twelve_millimetres_high_wherever_it_is_touched() {
    for (width, height, dpi) in GLASSES {
        let millimetres = |pixels: i32| pixels as f32 / dpi as f32 * 25.4;
        let across = if width > height { 12.0 } else { 8.0 };
        for name in names().filter(|name| {
            ["name", "words", "detail", "wish", "letters", "symbols", "spelling"]
                .iter()
                .any(|word| name.ends_with(word))
        }) {
            let scene = reached(name, Language::Chinese, metrics((width, height, dpi))).unwrap().preview();
            let keys = scene.targets.iter().filter(|target| matches!(target.press, Press::Key(_)));
            let rows: BTreeMap<i32, Vec<_>> = keys.fold(BTreeMap::new(), |mut rows, key| {
                rows.entry(key.area.y).or_insert_with(Vec::new).push(key.area);
                rows
            });
            for area in rows.values().flatten() {
                let (w, h) = (millimetres(area.w), millimetres(area.h));
                assert!(w >= across && h >= 12.0, "{name} {width}x{height}: {w:.1} x {h:.1} mm");
            }
            for row in rows.values().filter(|row| row.len() > 6) {
                let dead = row.windows(2).find(|pair| pair[1].x != pair[0].right() && pair[0].y > scene.bounds.h / 2);
                assert!(dead.is_none(), "{name}: {dead:?}");
            }
        }
    }
}

#[test]
fn every_button_has_a_name_for_those_who_cannot_see_it() {
    for name in names() {
        let outline = reached(name, Language::English, metrics(GLASSES[0])).unwrap().preview().outline();
        assert!(!outline.screen.is_empty() && outline.language == "en");
        let mut ids = BTreeSet::new();
        for part in outline.parts.iter().filter(|part| part.role == Role::Button) {
            assert!(!part.label.is_empty() && !part.id.ends_with('.'), "{name}: {part:?}");
            assert!(ids.insert(part.id.clone()), "{name} has two {}", part.id);
        }
    }
}
