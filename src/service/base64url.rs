//! Bytes as text that stands in a QR code, a signed command, a file and `lobby.toml`: base64url without padding (RFC 4648, section 5). One text for
//! each row of bytes and no other: what is not canonical is refused, or a signature would hold for two texts.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The value of each letter; what is none has [`NONE`].
const VALUES: [u8; 256] = values();
const NONE: u8 = 64;

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < LETTERS.len() {
        values[LETTERS[value] as usize] = value as u8;
        value += 1;
    }
    values
}

pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        let letter = |nth: usize| char::from(LETTERS[(word >> (18 - 6 * nth)) as usize & 63]);
        text.extend((0..=group.len()).map(letter));
    }
    text
}

/// `None` for anything that [`encode`] does not write.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for letter in group {
            let value = VALUES[usize::from(*letter)];
            if value == NONE {
                return None;
            }
            word = word << 6 | u32::from(value);
        }
        let spare = (6 * group.len()) % 8;
        if group.len() == 1 || word & ((1 << spare) - 1) != 0 {
            return None;
        }
        word >>= spare;
        bytes.extend((0..group.len() - 1).rev().map(|nth| (word >> (8 * nth)) as u8));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_standard_read_as_it_says() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")]
        {
            assert_eq!((encode(bytes.as_bytes()).as_str(), decode(text)), (text, Some(bytes.as_bytes().to_vec())));
        }
        for bad in ["Z", "Zh", "Zm9", "Zg==", "Zm 9v", "+/", "汉"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn bytes_have_one_text(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[A-Za-z0-9_=+-]{0,20}") {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
