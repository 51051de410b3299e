//! A command as it travels: JWS in its compact form (RFC 7515) with Ed25519 (RFC 8037), as libraries of every language write it.
//! The signature is over exactly the bytes that were sent, and nothing of a command is believed before it holds.

use super::{Objection, Signer};
use crate::service::base64url;
use crate::service::signature::{KeyId, PrivateKey, PublicKey};
use serde::Deserialize;
use serde_json::{Value, json};

/// What the standard calls Ed25519: the older name (RFC 8037) and the newer one (RFC 9864).
const ALGORITHMS: [&str; 2] = ["EdDSA", "Ed25519"];

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    /// Whatever the sender insists on, nothing of it is known here.
    crit: Option<Value>,
}

/// As `kid` names a key: eight hex digits.
pub fn key_name(key: &PublicKey) -> String {
    format!("{:08x}", u32::from_be_bytes(key.id()))
}

/// What was signed, and by whom.
///
/// # Errors
/// [`Objection::Unsigned`], [`Objection::UnknownKey`], [`Objection::Forged`].
pub fn open<'a>(sent: &[u8], signers: &'a [Signer]) -> Result<(Vec<u8>, &'a Signer), Objection> {
    let no = Objection::Unsigned;
    let text = std::str::from_utf8(sent).map_err(|_| no("it is not text"))?;
    let (said, signature) = text.rsplit_once('.').ok_or(no("it has not three parts with a point between them"))?;
    let (header, payload) = said.split_once('.').ok_or(no("it has not three parts with a point between them"))?;
    let header: Option<Header> = base64url::decode(header).and_then(|header| serde_json::from_slice(&header).ok());
    let header = header.ok_or(no("its header is not one with `alg` and `kid`"))?;
    if !ALGORITHMS.contains(&header.alg.as_str()) || header.crit.is_some() {
        return Err(no("its header asks for another algorithm than EdDSA, or for something critical"));
    }
    let payload = base64url::decode(payload).ok_or(no("its payload is not base64url without padding"))?;
    let signature = base64url::decode(signature).ok_or(no("its signature is not base64url without padding"))?;
    let id = Some(header.kid.as_str()).filter(|kid| kid.len() == 2 * size_of::<KeyId>());
    let id = id.and_then(|kid| u32::from_str_radix(kid, 16).ok()).map(u32::to_be_bytes);
    let mut known = signers.iter().filter(|signer| Some(signer.public.id()) == id).peekable();
    if known.peek().is_none() {
        return Err(Objection::UnknownKey);
    }
    let signer = known.find(|signer| signer.public.has_signed(said.as_bytes(), &signature));
    signer.map(|signer| (payload, signer)).ok_or(Objection::Forged)
}

/// The text that is sent for these bytes.
pub fn seal(payload: &[u8], key: &PrivateKey) -> String {
    let header = json!({"alg": ALGORITHMS[0], "kid": key_name(&key.public())}).to_string();
    let said = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload));
    let signature = base64url::encode(&key.sign(said.as_bytes()));
    format!("{said}.{signature}")
}
