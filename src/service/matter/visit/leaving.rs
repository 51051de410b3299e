//! Signing out with four digits at the glass: whose visits end. Must never show a name or a unit to whoever types (R309).

use crate::service::contact::Unit;
use crate::service::number::Number;

/// A visit that has not ended, as sign-out needs to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenVisit {
    pub number: Number,
    /// The host's unit: tells two visitors with the same four digits apart.
    pub unit: String,
    pub phone_tail: String,
}

/// What a leaving visitor types: the last four digits of the phone, and the unit where that is not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    pub phone_tail: String,
    pub unit: Option<Unit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedOut {
    /// Goodbye (R171). More than one where a visitor signed in twice for the same unit.
    Ended { numbers: Vec<Number> },
    /// Several visits to different units end in these digits: ask for the unit. Names and units are not shown (R309).
    Ambiguous,
    /// Nobody with these digits is signed in; the screen asks to repeat (R220) and offers a person.
    Unknown,
}

/// Which of the open visits whose phone ends in the typed digits end now. Two visits to one unit are one person who
/// signed in twice.
pub fn leaving(command: &SignOut, open: &[OpenVisit]) -> SignedOut {
    let matching: Vec<&OpenVisit> = open
        .iter()
        .filter(|visit| visit.phone_tail == command.phone_tail)
        .filter(|visit| command.unit.as_ref().is_none_or(|unit| unit.as_str() == visit.unit))
        .collect();
    match matching.first() {
        None => SignedOut::Unknown,
        Some(first) if matching.iter().any(|visit| visit.unit != first.unit) => SignedOut::Ambiguous,
        Some(_) => SignedOut::Ended { numbers: matching.iter().map(|visit| visit.number).collect() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::number::Series;
    use proptest::prelude::*;

    fn visit(nth: u32, unit: &str, tail: &str) -> OpenVisit {
        let number = Number { series: Series::Visit, day: 20_261_121, nth };
        OpenVisit { number, unit: unit.into(), phone_tail: tail.into() }
    }

    #[test]
    fn someone_who_signed_in_twice_is_signed_out_of_both() {
        let open = [visit(1, "1203", "0001"), visit(2, "1203", "0001")];
        let leaving = leaving(&SignOut { phone_tail: "0001".into(), unit: None }, &open);
        assert_eq!(leaving, SignedOut::Ended { numbers: vec![open[0].number, open[1].number] });
    }

    proptest! {
        #[test]
        fn signing_out_never_ends_a_visit_of_another_phone_or_unit(
            visits in prop::collection::vec((0..3u32, 0..3u32), 0..8), tail in 0..3u32, unit in prop::option::of(0..3u32)
        ) {
            let open: Vec<_> = visits.iter().enumerate()
                .map(|(n, (unit, tail))| visit(n as u32 + 1, &format!("120{unit}"), &format!("000{tail}"))).collect();
            let wanted = unit.map(|unit| Unit::parse(&format!("120{unit}")).unwrap());
            let tail = format!("000{tail}");
            if let SignedOut::Ended { numbers } = leaving(&SignOut { phone_tail: tail.clone(), unit: wanted.clone() }, &open) {
                let ended: Vec<_> = open.iter().filter(|visit| numbers.contains(&visit.number)).collect();
                prop_assert!(ended.iter().all(|visit| visit.phone_tail == tail));
                prop_assert!(ended.iter().all(|visit| visit.unit == ended[0].unit));
                prop_assert!(wanted.is_none_or(|unit| ended.iter().all(|visit| visit.unit == unit.as_str())));
            }
        }
    }
}
