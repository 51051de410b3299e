//! Small things from outside: what the page of the board `browser` says of a finger and a scanner, an identity number, a certificate, and an
//! envelope that `lobbyd office verify` reads. Each is tried on all of it.
#![no_main]

use embedded_graphics::prelude::{Point, Size};
use libfuzzer_sys::fuzz_target;
use lobbyd::board::Touch;
use lobbyd::board::browser::{reading_of, touch_of};
use lobbyd::event::ledger::Ledger;
use lobbyd::health::certificates::validity;
use lobbyd::service::identity::{IdentityNumber, LENGTH};

const GLASS: Size = Size::new(800, 480);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Some(Touch::Down(Point { x, y }) | Touch::Move(Point { x, y }) | Touch::Up(Point { x, y })) =
        touch_of(&text, GLASS)
    {
        assert!((0..800).contains(&x) && (0..480).contains(&y), "a finger is on the glass");
    }
    let _ = reading_of(&text);
    if let Some(number) = IdentityNumber::parse(&text) {
        assert_eq!(number.as_bytes().len(), LENGTH);
        let kept = format!("{:?}", number.given([0; 16]));
        let whole = String::from_utf8_lossy(number.as_bytes()).into_owned();
        assert!(!kept.contains(&whole), "it is never printed whole");
    }
    let _ = validity(bytes);
    let mut ledger = Ledger::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        let _ = ledger.enter(line);
    }
    for (_, book) in ledger.books() {
        assert!(book.first <= book.newest);
        let _ = (book.missing(), book.late(), book.gaps().take(10).count(), book.is_whole());
    }
});
