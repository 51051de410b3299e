//! Signing out at the glass, with four digits of a phone or with the invitation that somebody came with: whose visits end.
//! Must never show a name or a unit to whoever types (R309).

use crate::service::contact::Unit;
use crate::service::guess::Lock;
use crate::service::invitation::{InvitationCode, Token};
use crate::service::number::{Number, Slip};

/// A visit that has not ended, as sign-out needs to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenVisit {
    pub number: Number,
    /// The host's unit: tells two visitors with the same four digits apart.
    pub unit: String,
    /// Empty for an invited guest, who has left none.
    pub phone_tail: String,
}

/// How an open visit is found by the invitation that it began with: by the random part of it. An invitation for several has
/// several visits; nobody can tell them apart, and each sign-out ends one.
pub fn key(invitation: &str) -> String {
    format!("invitation:{invitation}")
}

/// Who leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaver {
    /// The last four digits of the phone.
    Tail(String),
    /// The six digits that an invited guest came with.
    Code(InvitationCode),
    /// The same as a QR code: signed, so nobody guesses it.
    Token(Token),
}

impl Leaver {
    /// What somebody who tries out digits tries out.
    pub const fn lock(&self) -> Option<Lock> {
        match self {
            Leaver::Tail(_) => Some(Lock::SignOut),
            Leaver::Code(_) => Some(Lock::Invitation),
            Leaver::Token(_) => None,
        }
    }

    fn is_of(&self, visit: &OpenVisit) -> bool {
        match self {
            Leaver::Tail(tail) => visit.phone_tail == *tail,
            // The desk has looked for it by the invitation.
            Leaver::Code(_) | Leaver::Token(_) => true,
        }
    }
}

/// What a leaving visitor types or shows, and the unit where that is not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    pub who: Leaver,
    pub unit: Option<Unit>,
    /// Of the visit, where he has shown that too: tells it from others with the same digits.
    pub slip: Option<Slip>,
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

/// Which of the open visits end now. Two visits to one unit are one person who signed in twice.
pub fn leaving(command: &SignOut, open: &[OpenVisit]) -> SignedOut {
    let matching: Vec<&OpenVisit> = open
        .iter()
        .filter(|visit| command.who.is_of(visit))
        .filter(|visit| command.unit.as_ref().is_none_or(|unit| unit.as_str() == visit.unit))
        .collect();
    // An old slip with digits that fit says nothing against them.
    let shown = matching.iter().find(|visit| command.slip.is_some_and(|slip| slip.is_of(visit.number)));
    if let Some(shown) = shown {
        return SignedOut::Ended { numbers: vec![shown.number] };
    }
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

    fn sign_out(tail: &str, unit: Option<Unit>) -> SignOut {
        SignOut { who: Leaver::Tail(tail.into()), unit, slip: None }
    }

    #[test]
    fn a_slip_tells_which_of_two_visits_with_the_same_digits_ends() {
        let open = [visit(1, "1203", "0001"), visit(2, "1204", "0001")];
        assert_eq!(leaving(&sign_out("0001", None), &open), SignedOut::Ambiguous);
        for (slip, ended) in
            [("V-1121-02", SignedOut::Ended { numbers: vec![open[1].number] }), ("V-1120-02", SignedOut::Ambiguous)]
        {
            let command = SignOut { slip: Slip::parse(slip), ..sign_out("0001", None) };
            assert_eq!(leaving(&command, &open), ended, "{slip}");
        }
        let other = SignOut { slip: Slip::parse("V-1121-02"), ..sign_out("0002", None) };
        assert_eq!(leaving(&other, &open), SignedOut::Unknown, "a number alone ends nothing");
    }

    #[test]
    fn someone_who_signed_in_twice_is_signed_out_of_both() {
        let open = [visit(1, "1203", "0001"), visit(2, "1203", "0001")];
        let leaving = leaving(&sign_out("0001", None), &open);
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
            if let SignedOut::Ended { numbers } = leaving(&sign_out(&tail, wanted.clone()), &open) {
                let ended: Vec<_> = open.iter().filter(|visit| numbers.contains(&visit.number)).collect();
                prop_assert!(ended.iter().all(|visit| visit.phone_tail == tail));
                prop_assert!(ended.iter().all(|visit| visit.unit == ended[0].unit));
                prop_assert!(wanted.is_none_or(|unit| ended.iter().all(|visit| visit.unit == unit.as_str())));
            }
        }
    }
}
