//! Who stood at the door, as a reference that the office can compare and nobody can turn back into a card number.
//! A 26-bit Wiegand card has 16.7 million values: a plain hash of it is reversed in seconds, so every hash here is
//! keyed with the site's key. A PIN is never hashed at all: see [`CredentialRule`](super::rule::CredentialRule).

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What identifies people: ONVIF's RecognitionType (types.xsd).
pub const TYPES: [&str; 10] =
    ["Card", "PIN", "Fingerprint", "Face", "Iris", "Vein", "Palm", "Retina", "LicensePlate", "REX"];

/// The one type that has no reference.
pub const PIN: &str = "PIN";

/// The site's secret, taken up by the hash already: that is half of the work of each short text. References of two sites cannot be
/// compared. It is never shown, not even by `Debug`.
#[derive(Clone)]
pub struct SiteKey(Hmac<Sha256>);

impl std::fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SiteKey(secret)")
    }
}

impl SiteKey {
    pub fn new(secret: [u8; 32]) -> Self {
        SiteKey(Hmac::new_from_slice(&secret).expect("HMAC takes a key of any length"))
    }

    /// 16 bytes of HMAC-SHA256. `purpose` keeps hashes for different uses apart; each part goes in with its length.
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.0.clone();
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        first
    }

    /// The reference of a credential: 32 hex digits.
    pub fn reference(&self, normal: &Normal) -> String {
        format!("{:032x}", u128::from_be_bytes(self.digest("credential", &[normal.0.as_bytes()])))
    }
}

/// How a device writes the id of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// A card's number in hex digits, with or without separators: `94D8FC5F`, `94:d8:fc:5f`, `0094D8FC5F`.
    Hex,
    /// A card's number in decimal digits, or in hex with a trailing `h` (Tasmota: 7748328 and `763AE8h`).
    Number,
    /// A name that means something only to the device or system that gave it: a person id, a slot, a token.
    #[default]
    Token,
}

impl Form {
    pub const NAMES: [(&'static str, Form); 3] = [("hex", Form::Hex), ("number", Form::Number), ("token", Form::Token)];
}

/// The one way in which an id is written before it is hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct Normal(String);

/// A card is the same card at every reader, so a card's number has no scope; a token has the product's and the `scope`'s.
pub fn normal(form: Form, id: &str, product: &str, scope: &str) -> Normal {
    let id = id.trim();
    let number = match form {
        Form::Hex => hex(id),
        Form::Number => match id.strip_suffix(['h', 'H']) {
            Some(digits) => hex(digits),
            None => decimal(id),
        },
        Form::Token => None,
    };
    Normal(match (number, form) {
        (Some(number), _) => format!("number {number:X}"),
        (None, Form::Token) => format!("token {}:{product}{}:{scope}{id}", product.len(), scope.len()),
        (None, _) => format!("text {}", id.to_lowercase()),
    })
}

/// Up to 128 bits: the longest UID of a card has 80 (ISO 14443 triple size).
fn hex(id: &str) -> Option<u128> {
    let digits: String = id.chars().filter(|c| !matches!(c, ':' | '-' | ' ')).collect();
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
}

fn decimal(id: &str) -> Option<u128> {
    id.bytes().all(|b| b.is_ascii_digit()).then(|| id.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(form: Form, id: &str) -> String {
        SiteKey::new([7; 32]).reference(&normal(form, id, "product", "front"))
    }

    #[test]
    fn one_card_is_one_credential_however_a_reader_writes_it() {
        let card = reference(Form::Number, "7748328");
        for (form, id) in [
            (Form::Number, "763AE8h"),
            (Form::Number, "0007748328"),
            (Form::Hex, "763ae8"),
            (Form::Hex, "00763AE8"),
            (Form::Hex, "76:3A:E8"),
            (Form::Hex, "76-3a-e8"),
        ] {
            assert_eq!(reference(form, id), card, "{id}");
        }
        assert_eq!(card.len(), 32);
        assert_ne!(reference(Form::Number, "7748329"), card);
        assert_ne!(
            reference(Form::Number, "4302741608"),
            reference(Form::Number, "7774312"),
            "more than 32 bits count"
        );
    }

    #[test]
    fn a_slot_number_is_not_a_card_number_and_not_another_locks_slot() {
        let key = SiteKey::new([7; 32]);
        let of = |scope: &str| key.reference(&normal(Form::Token, "3", "zigbee2mqtt", scope));
        assert_ne!(of("front"), of("back"));
        assert_ne!(of("front"), reference(Form::Number, "3"));
    }

    #[test]
    fn another_site_gives_another_reference() {
        let normal = normal(Form::Hex, "94D8FC5F", "p", "");
        assert_ne!(SiteKey::new([1; 32]).reference(&normal), SiteKey::new([2; 32]).reference(&normal));
        assert_eq!(format!("{:?}", SiteKey::new([1; 32])), "SiteKey(secret)");
    }
}
