//! When the call lamp at the kiosk burns: somebody has called there for a person and still waits. Pure: it looks at a case.

use super::case::{Case, Source};
use super::number::Series;

/// States in which nobody waits any more: an emergency that has ended is only called back about (R091).
const OVER: [&str; 2] = ["ended", "closed"];

/// The series whose cases are calls for a person.
pub const CALLS: [Series; 2] = [Series::Help, Series::Emergency];

/// Whether this case lights the lamp. A case that the desk opened by itself, after wrong codes, is nobody's call.
pub fn burns_for(case: &Case) -> bool {
    let docket = &case.docket;
    CALLS.contains(&docket.number.series) && docket.source == Source::Kiosk && !OVER.contains(&case.matter.state())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::case::walk::staff;
    use crate::service::matter::trial::{Trial, noon};
    use crate::service::matter::{MatterStep, Opening};
    use crate::service::staff::Role;
    use crate::service::{emergency, help};

    #[test]
    fn the_lamp_burns_until_whoever_came_has_helped() {
        let mut call = Trial::open(&Opening::Help(help::Request { language: "en".into() }), noon());
        assert!(burns_for(&call.case));
        let guard = staff(Role::Guard);
        call.step(MatterStep::Help(help::Step::CallOff), &guard).unwrap();
        assert!(!burns_for(&call.case));
    }

    #[test]
    fn it_goes_out_with_the_emergency_and_not_with_the_call_back() {
        let request = emergency::Request { language: "en".into(), placed: None };
        let mut call = Trial::open(&Opening::Emergency(request), noon());
        assert!(burns_for(&call.case));
        let over = emergency::Step::CallOff { reason: emergency::CallOff::Mistake, note: None };
        call.step(MatterStep::Emergency(over), &staff(Role::Guard)).unwrap();
        assert!(!burns_for(&call.case), "{}", call.case.state());
    }

    #[test]
    fn what_was_called_elsewhere_lights_nothing_here() {
        let mut call = Trial::open(&Opening::Help(help::Request { language: "en".into() }), noon());
        call.case.docket.source = Source::Phone;
        assert!(!burns_for(&call.case));
    }
}
