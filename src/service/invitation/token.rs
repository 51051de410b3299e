//! The token that a resident sends to a guest: who invites, to which unit, from when until when, how often, signed. Reads and
//! writes the exact bytes; decides nothing about time and uses, and believes nothing before the signature is checked.
//!
//! `LB1.` and base64url of: version (1), key id (4 bytes), site (8), id (12), from and until (seconds since 1970, 4 each, big
//! endian), uses (1), unit, host, visitor (a length byte and UTF-8 each; an empty visitor is none), Ed25519 signature (64) over all
//! the bytes before it.

use super::Refused;
use crate::event::Slug;
use crate::service::base64url;
use crate::service::contact::{Name, Unit};
use crate::service::signature::{KeyId, PrivateKey, PublicKey, SIGNATURE};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// Longest token as text: a QR code of this many bytes is still read from a phone's screen at arm's length.
pub const MAX_TEXT: usize = 300;
/// Longest name of a host as the visitor reads it, in characters, and in bytes: three for each Chinese character.
pub const MAX_HOST: usize = 20;
const MAX_HOST_BYTES: usize = 60;
/// Longest name of a visitor in bytes: what is left of [`MAX_TEXT`].
const MAX_VISITOR_BYTES: usize = 42;
/// Most arrivals of one invitation: a wedding, not a demonstration.
pub const MAX_USES: u8 = 100;
/// Longest time from beginning to end, in seconds: a year, for a nurse who comes every day.
const MAX_SPAN: u32 = 366 * 24 * 3600;

const PREFIX: &str = "LB1.";
const VERSION: u8 = 1;
/// Six digits.
const CODES: u64 = 1_000_000;

/// A site as a token names it.
pub type SiteMark = [u8; 8];
/// What tells invitations apart: random bytes of the issuer.
pub type TokenId = [u8; 12];

/// What an invitation is called in the journal: the random part of it, with which nobody comes in.
pub fn name(id: TokenId) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A token as it was scanned or handed over. Its Debug shows nothing: whoever has the text may come in with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Text that may be a token. Whether it is one is known only after [`Token::open`].
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = text.len() <= MAX_TEXT && text.starts_with(PREFIX);
        fits.then(|| Token(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says, whoever has signed it: of one that was opened when it was kept, and whose key may have gone since.
    pub fn said(&self) -> Option<Invitation> {
        let bytes = self.bytes()?;
        let (said, signature) = bytes.split_last_chunk::<SIGNATURE>()?;
        Invitation::read(said, signature)
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        self.0.strip_prefix(PREFIX).and_then(base64url::decode)
    }

    /// What it says, if one of these issuers has signed it, for this site.
    ///
    /// # Errors
    /// [`Refused::Forged`], [`Refused::UnknownKey`], [`Refused::OtherSite`].
    pub fn open(&self, issuers: &Issuers) -> Result<Invitation, Refused> {
        let bytes = self.bytes().ok_or(Refused::Forged)?;
        let (said, signature) = bytes.split_last_chunk::<SIGNATURE>().ok_or(Refused::Forged)?;
        let invitation = Invitation::read(said, signature).ok_or(Refused::Forged)?;
        let mut known = issuers.keys.iter().filter(|key| key.id() == invitation.key).peekable();
        if known.peek().is_none() {
            return Err(Refused::UnknownKey);
        }
        if !known.any(|key| key.has_signed(said, signature)) {
            return Err(Refused::Forged);
        }
        if invitation.site != issuers.site { Err(Refused::OtherSite) } else { Ok(invitation) }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Whose invitations count here. Several keys at once, so that a new one is known before the old one ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issuers {
    pub site: SiteMark,
    pub keys: Vec<PublicKey>,
}

/// A site as its tokens name it.
pub fn site_mark(site: &Slug) -> SiteMark {
    first(&Sha256::digest(site.as_str()))
}

fn first<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&digest[..N]);
    part
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub key: KeyId,
    pub site: SiteMark,
    pub id: TokenId,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// At least 1.
    pub uses: u8,
    pub unit: Unit,
    /// What the visitor reads: 王女士.
    pub host: Name,
    pub visitor: Option<Name>,
    /// What a visitor types who has no picture to show.
    pub code: InvitationCode,
}

impl Invitation {
    /// `said`: everything before the signature. `None` where it is not exactly what [`Draft::sign`] writes.
    fn read(said: &[u8], signature: &[u8; SIGNATURE]) -> Option<Self> {
        let mut rest = Rest(said);
        if rest.array()? != [VERSION] {
            return None;
        }
        let (key, site, id) = (rest.array()?, rest.array()?, rest.array()?);
        let (from, until) = (u32::from_be_bytes(rest.array()?), u32::from_be_bytes(rest.array()?));
        let [uses] = rest.array()?;
        let unit = rest.text(Unit::MAX)?;
        let host = shown_name(rest.text(MAX_HOST_BYTES)?).filter(|host| host.as_str().chars().count() <= MAX_HOST)?;
        let visitor = rest.text(MAX_VISITOR_BYTES)?;
        let visitor = if visitor.is_empty() { None } else { Some(shown_name(visitor)?) };
        let unit = Unit::parse(unit).ok().filter(|read| read.as_str() == unit)?;
        let sound = rest.0.is_empty() && (1..=MAX_USES).contains(&uses) && from < until && until - from <= MAX_SPAN;
        let time = |seconds: u32| DateTime::from_timestamp(seconds.into(), 0);
        let code = InvitationCode::of(signature);
        let (from, until) = (time(from)?, time(until)?);
        sound.then_some(Invitation { key, site, id, from, until, uses, unit, host, visitor, code })
    }
}

/// A name in the one form in which it may stand: letters of any script and what stands between them. No sign that turns the
/// direction of writing, no picture.
fn shown_name(text: &str) -> Option<Name> {
    let plain = text.chars().all(|c| c.is_alphanumeric() || " ·.'’-".contains(c));
    Name::parse(text).ok().filter(|name| plain && name.as_str() == text)
}

/// Bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn text(&mut self, most: usize) -> Option<&'a str> {
        let [length] = self.array()?;
        let (text, rest) = self.0.split_at_checked(length.into()).filter(|_| usize::from(length) <= most)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

/// Six digits, made of the signature: whoever invites cannot choose them. Its Debug shows nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvitationCode(u32);

impl InvitationCode {
    pub const DIGITS: usize = 6;

    /// The first 8 bytes of SHA-256 of the signature, as a number, its last six digits.
    fn of(signature: &[u8; SIGNATURE]) -> Self {
        let number = u64::from_be_bytes(first(&Sha256::digest(signature)));
        InvitationCode((number % CODES) as u32)
    }

    /// As it was typed.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == Self::DIGITS && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|_| digits).map(InvitationCode)
    }

    /// As it stands in the journal.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// As it stood in the journal.
    pub fn stored(number: u32) -> Option<Self> {
        (u64::from(number) < CODES).then_some(InvitationCode(number))
    }

    /// As it is told to the guest. Not a `Display`: it belongs in no log.
    pub fn digits(self) -> String {
        format!("{:06}", self.0)
    }
}

impl std::fmt::Debug for InvitationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationCode(…)")
    }
}

/// What is to be signed.
#[derive(Debug, Clone)]
pub struct Draft {
    pub site: Slug,
    pub id: TokenId,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub uses: u8,
    pub unit: Unit,
    pub host: Name,
    pub visitor: Option<Name>,
}

/// Why a draft cannot become a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no invitation: it must end after it begins and within {} days, be good for 1 to {MAX_USES} arrivals, and name \
     its host in at most {MAX_HOST} characters and its visitor in at most {} Chinese characters, without signs such as emoji",
    MAX_SPAN / 86_400,
    MAX_VISITOR_BYTES / 3
)]
pub struct NoInvitation;

impl Draft {
    /// The token, signed, and its six digits.
    ///
    /// # Errors
    /// When the draft says what no token can say.
    pub fn sign(&self, key: &PrivateKey) -> Result<(Token, InvitationCode), NoInvitation> {
        let seconds = |time: DateTime<Utc>| u32::try_from(time.timestamp()).map_err(|_| NoInvitation);
        let mut bytes = vec![VERSION];
        bytes.extend(key.public().id());
        bytes.extend(site_mark(&self.site));
        bytes.extend(self.id);
        bytes.extend(seconds(self.from)?.to_be_bytes());
        bytes.extend(seconds(self.until)?.to_be_bytes());
        bytes.push(self.uses);
        for text in [self.unit.as_str(), self.host.as_str(), self.visitor.as_ref().map_or("", Name::as_str)] {
            bytes.push(u8::try_from(text.len()).map_err(|_| NoInvitation)?);
            bytes.extend(text.as_bytes());
        }
        let signature = key.sign(&bytes);
        // One reader says what a token may say.
        let read = Invitation::read(&bytes, &signature).ok_or(NoInvitation)?;
        bytes.extend(signature);
        Ok((Token(format!("{PREFIX}{}", base64url::encode(&bytes))), read.code))
    }
}
