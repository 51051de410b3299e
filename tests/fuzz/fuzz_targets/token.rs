//! Invitations: text that a stranger's telephone shows, and bytes that an issuer's own program has signed. What opens is exactly
//! what signing it again writes, so one invitation has one token.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lobbyd::event::Slug;
use lobbyd::service::base64url;
use lobbyd::service::invitation::{Draft, InvitationCode, Issuers, MAX_TEXT, MAX_USES, Refused, Token, site_mark};
use lobbyd::service::signature::PrivateKey;
use std::sync::LazyLock;

const SEED: [u8; 32] = [9; 32];

struct Issuer {
    key: PrivateKey,
    site: Slug,
    known: Issuers,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let key = PrivateKey::from_seed(&SEED).expect("32 bytes");
    let site = Slug::new("riverside").expect("a slug");
    let known = Issuers { site: site_mark(&site), keys: vec![key.public()] };
    Issuer { key, site, known }
});

/// The token that somebody with the key writes who does not use our program. `\x00`: its own head, which no fuzzer guesses.
fn signed(bytes: &[u8]) -> String {
    let mut said = bytes.to_vec();
    if let Some((0, rest)) = bytes.split_first() {
        let public = ISSUER.key.public().id();
        said = [&[1], &public[..], &ISSUER.known.site[..], rest].concat();
    }
    let signature = ISSUER.key.sign(&said);
    said.extend(signature);
    format!("LB1.{}", base64url::encode(&said))
}

fn open(written: &str) {
    let Some(token) = Token::parse(written) else { return };
    assert!(token.as_str().len() <= MAX_TEXT && format!("{token:?}") == "Token(…)");
    let Ok(found) = token.open(&ISSUER.known) else { return };
    assert!((1..=MAX_USES).contains(&found.uses) && found.from < found.until);
    let digits = found.code.digits();
    assert_eq!(InvitationCode::parse(&digits), Some(found.code));
    let (unit, host, visitor) = (found.unit, found.host, found.visitor);
    let (site, id) = (ISSUER.site.clone(), found.id);
    let draft = Draft { site, id, from: found.from, until: found.until, uses: found.uses, unit, host, visitor };
    let (again, code) = draft.sign(&ISSUER.key).expect("what was read can be written");
    assert_eq!((again.as_str(), code), (token.as_str(), found.code));
    // The same at another house.
    let elsewhere = Issuers { site: [0; 8], ..ISSUER.known.clone() };
    assert_eq!(token.open(&elsewhere).err(), Some(Refused::OtherSite));
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(written) = std::str::from_utf8(bytes) {
        open(written);
        if let Some(read) = base64url::decode(written) {
            assert_eq!(base64url::encode(&read), written, "one text for each row of bytes");
        }
        let code = InvitationCode::parse(written);
        assert!(code.is_none_or(|code| code.digits() == written));
    }
    open(&signed(bytes));
});
