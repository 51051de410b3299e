//! What is typed at the glass and on the guards' page: everything that is taken is taken again as it stands, keeps its limits,
//! and does not show itself to a log.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lobbyd::event::{Id, Slug};
use lobbyd::service::contact::{MAX_NAME, MAX_TEXT, Name, Phone, Text, Unit};
use lobbyd::service::delivery::ParcelCode;
use lobbyd::service::number::{Number, Slip};
use lobbyd::service::pass::PassCode;
use lobbyd::service::period::Period;
use lobbyd::service::progress::Receipt;
use lobbyd::service::wording;

fn details(text: &str) {
    if let Ok(name) = Name::parse(text) {
        assert!((1..=MAX_NAME).contains(&name.as_str().chars().count()));
        assert!(name.surname().is_none_or(|surname| name.as_str().starts_with(surname)));
        assert_eq!(Name::parse(name.as_str()).as_ref(), Ok(&name));
        assert_eq!(format!("{name:?}"), "Name(…)");
    }
    if let Ok(phone) = Phone::parse(text) {
        assert_eq!((Phone::parse(phone.as_str()).as_ref(), phone.tail().len()), (Ok(&phone), 4));
        assert_eq!(format!("{phone:?}"), "Phone(…)");
    }
    if let Ok(unit) = Unit::parse(text) {
        assert!(unit.as_str().len() <= Unit::MAX);
        assert_eq!(Unit::parse(unit.as_str()), Ok(unit));
    }
    if let Ok(words) = Text::parse(text) {
        assert!(words.as_str().chars().count() <= MAX_TEXT);
        assert_eq!(Text::parse(words.as_str()).as_ref(), Ok(&words), "what was stored is read again after a restart");
        assert_eq!(format!("{words:?}"), "Text(…)");
    }
}

fn names_of_things(text: &str) {
    let slug = Slug::from_text(text);
    assert!(slug.as_str().len() <= 64 && Slug::new(slug.as_str()).as_ref() == Ok(&slug));
    assert!(Id::parse(text).is_none_or(|id| Id::parse(&id.to_string()) == Some(id)));
    if let Ok(number) = Number::try_from(text.to_owned()) {
        assert_eq!(Number::try_from(String::from(number)).ok(), Some(number));
    }
    assert!(Slip::parse(text).is_none_or(|slip| slip.nth > 0));
    let (number, tail) = text.split_once('\n').unwrap_or((text, "8000"));
    assert!(Receipt::parse(number, tail).is_none_or(|receipt| receipt.nth > 0));
    if let Some(period) = Period::parse(text) {
        let (from, to) = period.span();
        assert!(from <= to, "{from} {to}");
        let _ = period.days();
    }
    assert!(
        PassCode::parse(text).is_ok_and(|code| PassCode::parse(code.as_str()) == Ok(code))
            || PassCode::parse(text).is_err()
    );
    assert!(
        ParcelCode::parse(text).is_ok_and(|code| ParcelCode::parse(code.as_str()) == Ok(code))
            || ParcelCode::parse(text).is_err()
    );
}

fuzz_target!(|text: &str| {
    details(text);
    names_of_things(text);
    for hit in wording::lint(text) {
        assert!(text.get(hit.at.0..hit.at.1).is_some(), "a phrase lies between two characters");
    }
});
