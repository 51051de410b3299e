//! PINs and passwords: made, hashed with Argon2id, compared. Slow on purpose, so never on a thread that serves the
//! network. A secret leaves this file only as its hash, and is never logged.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;

/// OWASP's second choice for Argon2id: 19 MiB, two passes, one lane. Two at a time fit a Pi beside the kiosk.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Digits of a PIN that the program makes.
const MADE_DIGITS: u32 = 8;
/// A PIN is digits only; with fewer than six, 5 tries in 15 minutes find it in days.
const PIN: std::ops::RangeInclusive<usize> = 6..=12;
/// Fewest characters of a password, and most bytes: hashing must not be a way to keep the machine busy.
const PASSWORD: usize = 10;
pub const MAX_SECRET: usize = 128;

/// What stands at the top of every list of stolen passwords, and this product's own name.
const COMMON: [&str; 10] =
    ["password", "passw0rd", "qwertyuiop", "iloveyou", "1q2w3e4r5t", "admin", "woaini", "lobbyd", "qwerty", "letmein"];

/// Why a secret cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("a PIN has 6 to 12 digits, a password at least 10 characters")]
    Short,
    #[error("it is too long")]
    Long,
    #[error("it is too easy to guess")]
    Common,
}

/// # Errors
/// When it is too short, too long, or among the first that anybody would try.
pub fn check(secret: &str, id: &str) -> Result<(), Weak> {
    if secret.len() > MAX_SECRET {
        return Err(Weak::Long);
    }
    let low = secret.to_lowercase();
    if secret.bytes().all(|b| b.is_ascii_digit()) {
        if !PIN.contains(&secret.len()) {
            return Err(Weak::Short);
        }
        return if guessable(secret.as_bytes()) { Err(Weak::Common) } else { Ok(()) };
    }
    if secret.chars().count() < PASSWORD {
        return Err(Weak::Short);
    }
    let common = COMMON.iter().any(|common| low.contains(common) && low.len() < common.len() + 4);
    let poor = secret.chars().collect::<std::collections::BTreeSet<_>>().len() < 5;
    if common || poor || low.contains(&id.to_lowercase()) { Err(Weak::Common) } else { Ok(()) }
}

/// Steps of one size (123456, 777777, 97531…), a pattern said twice or thrice, or a year of birth at either end.
fn guessable(digits: &[u8]) -> bool {
    let step = |pair: &[u8]| (i16::from(pair[1]) - i16::from(pair[0])).rem_euclid(10);
    let steady = digits.windows(2).all(|pair| step(pair) == step(&digits[..2]));
    let repeats =
        |length: usize| digits.len().is_multiple_of(length) && digits.chunks(length).all(|c| c == &digits[..length]);
    steady || (1..=digits.len() / 2).any(repeats) || is_date(digits)
}

/// `19900101`: a birthday is the first thing that a colleague tries.
fn is_date(digits: &[u8]) -> bool {
    let number =
        |range: std::ops::Range<usize>| digits[range].iter().fold(0, |n, digit| n * 10 + u32::from(digit - b'0'));
    digits.len() == 8
        && (1930..=2030).contains(&number(0..4))
        && (1..=12).contains(&number(4..6))
        && (1..=31).contains(&number(6..8))
}

/// A PIN of eight digits that is not among the guessable ones.
pub fn make() -> String {
    loop {
        let random = u128::from_be_bytes(crate::event::Id::random().0);
        let pin = format!("{:08}", random % 10_u128.pow(MADE_DIGITS));
        if check(&pin, "").is_ok() {
            return pin;
        }
    }
}

/// The hash of a secret as it stands in the staff's file. Takes some 50 ms on a PC, some 300 ms on a Pi.
pub fn hash(secret: &str) -> String {
    let salt = SaltString::encode_b64(&crate::event::Id::random().0).expect("sixteen bytes are a salt");
    hasher().hash_password(secret.as_bytes(), &salt).expect("the parameters are sound").to_string()
}

/// Whether `secret` is the one behind `hash`; where there is no hash, the same work for nothing, so that the time of an
/// answer does not tell who works here.
pub fn verify(secret: &str, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| self::hash("nobody's secret"));
    let known = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let spare = NOBODY.as_str();
    let against = known.as_ref().map_or_else(|| PasswordHash::new(spare), |known| Ok(known.clone()));
    let fits = against.is_ok_and(|against| hasher().verify_password(secret.as_bytes(), &against).is_ok());
    fits && known.is_some()
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_again_and_no_other_is() {
        let hash = hash("58203741");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !hash.contains("58203741"));
        assert!(verify("58203741", Some(&hash)));
        assert!(!verify("58203742", Some(&hash)) && !verify("58203741", None) && !verify("nobody's secret", None));
        assert!(!verify("58203741", Some("not a hash")));
    }

    #[test]
    fn what_everybody_would_try_first_is_refused() {
        for weak in ["123456", "000000", "987654", "121212", "20260101", "13579135", "12345", "1234567890123"] {
            assert!(check(weak, "wang").is_err(), "{weak}");
        }
        for weak in ["short", "password12", "wang-password-1", "aaaaaaaaaaaa", &"x".repeat(200)] {
            assert!(check(weak, "wang").is_err(), "{weak}");
        }
        for good in ["582037", "58203741", "a good long one", "门口的石狮子今天晚上不睡"] {
            assert_eq!(check(good, "wang"), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_made_pin_can_be_used() {
        for _ in 0..100 {
            let pin = make();
            assert_eq!((pin.len(), check(&pin, "")), (8, Ok(())));
        }
    }
}
