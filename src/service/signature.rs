//! Ed25519 (RFC 8032) as invitations and the office's commands use it: who holds which key is said in `lobby.toml`, and nothing
//! that a stranger has written is believed before its signature is checked. Keeps no key longer than its owner does.

use super::base64url;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Bytes of a signature, and of the seed that is a private key.
pub const SIGNATURE: usize = 64;
pub const SEED: usize = 32;

/// Which public key something was signed with: the first bytes of its SHA-256. Two keys may have the same; then both are tried.
pub type KeyId = [u8; 4];

/// The public half of a key, 32 bytes; as text base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    pub fn id(&self) -> KeyId {
        let mut id = KeyId::default();
        let length = id.len();
        id.copy_from_slice(&Sha256::digest(self.0)[..length]);
        id
    }

    /// Whether the other half of this key has signed exactly these bytes.
    pub fn has_signed(&self, said: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(said, signature).is_ok()
    }
}

impl TryFrom<String> for PublicKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = base64url::decode(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(PublicKey).ok_or(
            "is no public key: write the 43 characters that \"lobbyd invite key\" or \"lobbyd office key\" has printed",
        )
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

/// The private half.
pub struct PrivateKey(Ed25519KeyPair);

impl PrivateKey {
    /// `seed`: [`SEED`] random bytes. `None` for another number of them.
    pub fn from_seed(seed: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(PrivateKey)
    }

    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    pub fn sign(&self, said: &[u8]) -> [u8; SIGNATURE] {
        let mut bytes = [0; SIGNATURE];
        bytes.copy_from_slice(self.0.sign(said).as_ref());
        bytes
    }
}

/// Never prints the key.
impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1, test 2.
    #[test]
    fn the_standards_example_is_signed_as_it_says() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect()
        };
        let key =
            PrivateKey::from_seed(&bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")).unwrap();
        let public = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(base64url::decode(&key.public().to_string()), Some(public));
        let signature = key.sign(&[0x72]);
        assert_eq!(signature[..4], [0x92, 0xa0, 0x09, 0xa9]);
        assert!(key.public().has_signed(&[0x72], &signature) && !key.public().has_signed(&[0x73], &signature));
        assert!(!key.public().has_signed(&[0x72], &signature[1..]) && PrivateKey::from_seed(&[1; 31]).is_none());
        assert_eq!(format!("{key:?}"), "PrivateKey(…)");
    }
}
