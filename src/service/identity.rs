//! An identity number: asked for only where a site has decided to, and only of who has read what for and has agreed. It is checked and then
//! forgotten: what is kept are its last four characters and a keyed hash. Who says no is looked after by a guard, like anybody who does not want
//! to say who he is (R165).

use serde::{Deserialize, Serialize};

/// The version of the notice that was read: raised with every change of what it says. Stored with each consent.
pub const NOTICE: &str = "identity-2";
/// Characters of a number (GB 11643).
pub const LENGTH: usize = 18;
/// Weights of the first seventeen digits, and the last character by the sum modulo 11 (ISO 7064, MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const LAST: [u8; 11] = *b"10X98765432";
/// Of it is kept.
const TAIL: usize = 4;

/// A number that can be one. Never printed, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityNumber(String);

impl IdentityNumber {
    /// `None` where it is none: length, a day of birth that exists, the check character.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.trim().to_ascii_uppercase();
        let (digits, last) = number.as_bytes().split_at_checked(LENGTH - 1)?;
        let all_digits = digits.iter().all(u8::is_ascii_digit);
        let day = number.get(6..14).and_then(|day| chrono::NaiveDate::parse_from_str(day, "%Y%m%d").ok());
        let sum: u32 =
            digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
        let fits = all_digits && day.is_some() && *last == [LAST[sum as usize % 11]];
        fits.then_some(IdentityNumber(number))
    }

    /// For the keyed hash, and nothing else.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What is kept, with the hash that whoever has the site's key has made of it.
    pub fn given(&self, hash: [u8; 16]) -> Declared {
        let reference = format!("{:032x}", u128::from_be_bytes(hash));
        Declared::Given { tail: self.0[LENGTH - TAIL..].to_owned(), reference }
    }
}

impl std::fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityNumber(…)")
    }
}

/// What somebody has answered to the notice, and the days that it promised him: a site may change them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    pub days: u32,
    pub declared: Declared,
}

/// Whether he gave it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Declared {
    Given {
        tail: String,
        reference: String,
    },
    /// He does not want to: a guard comes.
    Declined,
}

impl std::fmt::Debug for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Declared::Given { .. } => "Given(…)",
            Declared::Declined => "Declined",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_day_of_birth_and_a_check_character() {
        let digits = "99010119900307299";
        let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let number = format!("{digits}{}", char::from(LAST[sum as usize % 11]));
        assert!(IdentityNumber::parse(&number).is_some(), "{number}");
        assert!(IdentityNumber::parse(&number.to_lowercase()).is_some());
        for last in "0123456789X".chars().filter(|last| !number.ends_with(*last)) {
            assert!(IdentityNumber::parse(&format!("{digits}{last}")).is_none(), "{last}");
        }
        for wrong in ["", "1", "990101199013072990", "ABCDEFGHIJKLMNOPQR", "9901011990030729900", "王明12345678901234"]
        {
            assert!(IdentityNumber::parse(wrong).is_none(), "{wrong}");
        }
        // The example of the standard.
        assert!(IdentityNumber::parse("11010519491231002X").is_some());
    }

    #[test]
    fn only_the_tail_and_the_hash_are_kept_and_nothing_is_printed() {
        let number = IdentityNumber::parse("11010519491231002X").unwrap();
        let given = number.given([7; 16]);
        assert_eq!(given, Declared::Given { tail: "002X".into(), reference: "07".repeat(16) });
        let printed = format!("{number:?} {given:?}");
        assert!(!printed.contains("002X") && !printed.contains("0707"), "{printed}");
        assert!(!serde_json::to_string(&given).unwrap().contains("11010519491231"));
    }
}
