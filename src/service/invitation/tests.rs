//! What is signed reads back; nothing else is read at all.

use super::*;
use crate::event::Slug;
use crate::service::base64url;
use crate::service::contact::{Name, Unit};
use crate::service::number::Series;
use crate::service::signature::PrivateKey;
use proptest::prelude::*;

const NOON: i64 = 1_795_233_600;

fn at(minutes: i64) -> Now {
    Now { utc: DateTime::from_timestamp(NOON + 60 * minutes, 0).unwrap(), synced: true }
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_seed(&[seed; 32]).unwrap()
}

fn site(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn issuers() -> Issuers {
    Issuers { site: site_mark(&site("riverside")), keys: vec![key(1).public(), key(2).public()] }
}

fn draft() -> Draft {
    Draft {
        site: site("riverside"),
        id: [7; 12],
        from: at(0).utc,
        until: at(120).utc,
        uses: 2,
        unit: Unit::parse("3-1203").unwrap(),
        host: Name::parse("王女士").unwrap(),
        visitor: Some(Name::parse("测试甲").unwrap()),
    }
}

fn token(draft: &Draft) -> Token {
    draft.sign(&key(1)).unwrap().0
}

#[test]
fn what_was_signed_reads_back_with_either_key_in_use() {
    for seed in [1, 2] {
        let (token, code) = draft().sign(&key(seed)).unwrap();
        let read = token.open(&issuers()).unwrap();
        assert_eq!((read.unit.as_str(), read.host.as_str(), read.uses), ("3-1203", "王女士", 2));
        assert_eq!((read.from, read.until, read.code), (draft().from, draft().until, code));
        assert_eq!(InvitationCode::parse(&code.digits()), Some(code));
    }
}

/// As docs/invitations.md has it, for whoever writes a program that signs: made by a program in Python, from what is written there.
#[test]
fn the_token_that_another_program_has_signed_is_read_and_is_the_one_that_we_would_sign() {
    let page = include_str!("../../../docs/invitations.md");
    let text = page.lines().find(|line| line.starts_with("LB1.")).unwrap();
    let key = PrivateKey::from_seed(&std::array::from_fn::<_, 32, _>(|n| n as u8)).unwrap();
    assert!(page.contains(&key.public().to_string()));
    let read = Token::parse(text).unwrap().open(&Issuers { keys: vec![key.public()], ..issuers() }).unwrap();
    assert!(page.contains(&read.code.digits()));
    let draft = Draft { id: std::array::from_fn(|n| n as u8), from: read.from, until: read.until, ..draft() };
    assert_eq!(read.from.to_rfc3339(), "2026-11-22T02:00:00+00:00");
    assert_eq!(draft.sign(&key).unwrap().0.as_str(), text);
}

#[test]
fn the_longest_token_fits_its_qr_code() {
    let longest = Draft {
        unit: Unit::parse(&"9".repeat(16)).unwrap(),
        host: Name::parse(&"王".repeat(20)).unwrap(),
        visitor: Some(Name::parse(&"测".repeat(14)).unwrap()),
        ..draft()
    };
    let token = token(&longest);
    assert!((290..=MAX_TEXT).contains(&token.as_str().len()), "{}", token.as_str().len());
    assert!(token.open(&issuers()).is_ok());
}

#[test]
fn another_key_another_site_and_no_key_at_all_are_refused() {
    let foreign = draft().sign(&key(3)).unwrap().0;
    assert_eq!(foreign.open(&issuers()), Err(Refused::UnknownKey));
    let elsewhere = token(&Draft { site: site("hillside"), ..draft() });
    assert_eq!(elsewhere.open(&issuers()), Err(Refused::OtherSite));
    assert_eq!(token(&draft()).open(&Issuers::default()), Err(Refused::UnknownKey));
}

#[test]
fn what_no_token_may_say_is_not_signed() {
    let bad = [
        Draft { uses: 0, ..draft() },
        Draft { uses: MAX_USES + 1, ..draft() },
        Draft { until: draft().from, ..draft() },
        Draft { until: draft().from + TimeDelta::days(367), ..draft() },
        Draft { from: DateTime::UNIX_EPOCH - TimeDelta::days(1), ..draft() },
        Draft { host: Name::parse(&"王".repeat(21)).unwrap(), ..draft() },
        Draft { host: Name::parse("王\u{202e}女士").unwrap(), ..draft() },
        Draft { visitor: Some(Name::parse(&"测".repeat(15)).unwrap()), ..draft() },
    ];
    for draft in bad {
        assert!(draft.sign(&key(1)).is_err(), "{draft:?}");
    }
}

#[test]
fn an_invitation_holds_in_its_time_and_for_its_arrivals_and_only_with_a_known_clock() {
    let invitation = token(&draft()).open(&issuers()).unwrap();
    let mut kept = Kept::of(&invitation);
    assert_eq!(kept.holds(&invitation, at(-1)), Err(Refused::NotYet { from: draft().from }));
    assert_eq!(kept.holds(&invitation, at(0)), Ok(Holds::Fresh));
    assert_eq!(kept.holds(&invitation, at(120)), Err(Refused::Expired));
    assert_eq!(kept.holds(&invitation, Now { synced: false, ..at(0) }), Err(Refused::NoClock));
    let number = Number { series: Series::Visit, day: 20_261_121, nth: 7 };
    (kept.used, kept.last) = (2, Some((number, at(10).utc)));
    assert_eq!(kept.holds(&invitation, at(11)), Ok(Holds::Again(number)));
    assert_eq!(kept.holds(&invitation, at(12)), Err(Refused::UsedUp));
    assert_eq!(kept.holds(&invitation, at(9)), Err(Refused::UsedUp), "a clock that went back opens nothing");
}

#[test]
fn of_several_with_one_code_the_one_that_fits_the_time_is_meant() {
    let of = |from: i64, until: i64| {
        let draft = Draft { from: at(from).utc, until: at(until).utc, ..draft() };
        let invitation = token(&draft).open(&issuers()).unwrap();
        let kept = Kept::of(&invitation);
        (invitation, kept)
    };
    let meant_at = |minute| meant(vec![of(0, 60), of(60, 120), of(100, 200)], at(minute)).unwrap();
    assert_eq!(meant_at(30).unwrap().0.until, at(60).utc);
    assert_eq!(meant_at(150).unwrap().0.until, at(200).utc);
    assert_eq!(meant_at(110), Err(Refused::Unsure));
    assert_eq!(meant_at(-5), Err(Refused::NotYet { from: at(0).utc }));
    assert_eq!(meant_at(300), Err(Refused::Expired));
    assert_eq!(meant(Vec::new(), at(0)), None);
}

#[test]
fn nothing_of_it_is_printed() {
    let (token, code) = draft().sign(&key(1)).unwrap();
    let printed = format!("{token:?} {code:?} {:?} {:?}", key(1), token.open(&issuers()));
    assert!(!printed.contains("LB1") && !printed.contains('王') && !printed.contains(&code.digits()), "{printed}");
}

proptest! {
    #[test]
    fn any_flipped_bit_is_refused(bit in any::<prop::sample::Index>()) {
        let token = token(&draft());
        let mut bytes = base64url::decode(&token.as_str()[4..]).unwrap();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = Token::parse(&format!("LB1.{}", base64url::encode(&bytes))).unwrap();
        prop_assert!(matches!(changed.open(&issuers()), Err(Refused::Forged | Refused::UnknownKey)));
    }

    #[test]
    fn a_token_that_is_cut_or_longer_is_refused(keep in 0..200_usize, tail in "[A-Za-z0-9_-]{1,8}") {
        let whole = token(&draft());
        let cut = Token::parse(&whole.as_str()[..4 + keep.min(whole.as_str().len() - 5)]).unwrap();
        prop_assert_eq!(cut.open(&issuers()), Err(Refused::Forged));
        let longer = Token::parse(&format!("{}{tail}", whole.as_str())).unwrap();
        prop_assert!(longer.open(&issuers()).is_err());
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), body in "[A-Za-z0-9_-]{0,296}") {
        for text in [text, format!("LB1.{body}")] {
            if let Some(token) = Token::parse(&text) {
                prop_assert!(token.open(&issuers()).is_err());
            }
            let _ = InvitationCode::parse(&text);
        }
    }
}
