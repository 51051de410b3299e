//! Who may ask for what, and every reason for which it is refused.

use super::*;
use crate::service::base64url;
use crate::service::invitation::Token;
use proptest::prelude::*;
use serde_json::json;

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn now() -> Now {
    Now { utc: time("2026-11-21T12:00:00Z"), synced: true }
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_seed(&[seed; 32]).unwrap()
}

/// Key 1 may do everything, key 2 only ping.
fn lobby() -> Addressee {
    let slug = |text| Slug::new(text).unwrap();
    let signer = |name: &str, seed, may| Signer { name: name.to_owned(), public: key(seed).public(), may };
    Addressee {
        site: slug("riverside"),
        gateway: slug("lobby-1"),
        boot: "b1".into(),
        signers: vec![signer("office", 1, None), signer("monitor", 2, Some(vec![Name::Ping]))],
    }
}

fn draft(command: &str, arguments: Value) -> Draft {
    Draft {
        version: CONTRACT,
        id: "c-1".into(),
        who: "shift leader".into(),
        gateway: "riverside/lobby-1".into(),
        boot: "b1".into(),
        command: command.into(),
        issued_at: time("2026-11-21T11:59:00Z"),
        expires_at: time("2026-11-21T12:05:00Z"),
        arguments: arguments.as_object().unwrap().clone(),
    }
}

fn ping() -> Draft {
    draft("ping", json!({}))
}

fn send(draft: &Draft) -> Result<OfficeCommand, Refused> {
    read(&draft.command, draft.sign(&key(1)).unwrap().as_bytes(), false, &lobby(), now())
}

/// Why this is refused, and whether its id and its signer are told.
fn why(answer: Result<OfficeCommand, Refused>) -> (&'static str, bool, bool) {
    let refused = answer.unwrap_err();
    (refused.objection.code(), refused.id.is_some(), refused.signer.is_some())
}

#[test]
fn a_good_command_is_read() {
    let read = send(&ping()).unwrap();
    assert_eq!((read.order, read.signer.as_str(), read.who.as_str()), (Order::Ping, "office", "shift leader"));
    let replay = send(&draft("replay", json!({"from_seq": 7}))).unwrap();
    assert_eq!(replay.order, Order::Replay { from_seq: 7 });
}

#[test]
fn nobody_uses_up_anothers_ids() {
    let of = |seed| read("ping", ping().sign(&key(seed)).unwrap().as_bytes(), false, &lobby(), now()).unwrap();
    assert_eq!((of(1).record, of(1).id), (of(1).record, of(2).id));
    assert_ne!(of(1).record, of(2).record);
}

#[test]
fn an_invitation_is_handed_over_as_its_token() {
    let read = send(&draft("invite", json!({"token": "LB1.x"}))).unwrap();
    assert_eq!(read.order, Order::Invite(Token::parse("LB1.x").unwrap()));
    assert!(!format!("{read:?}").contains("LB1.x"), "whoever has the text may come in with it");
    for bad in [json!({}), json!({"token": "x"}), json!({"token": 1})] {
        assert_eq!(why(send(&draft("invite", bad))).0, "malformed");
    }
}

/// Made with Python's cryptography and the key 1, not with this program.
#[test]
fn what_another_program_has_signed_is_read() {
    let sent = include_str!("example.jws").trim();
    assert_eq!(read("ping", sent.as_bytes(), false, &lobby(), now()).unwrap().id, "c-python");
}

#[test]
fn what_nobody_known_has_signed_is_refused_and_nothing_of_it_is_believed() {
    let lobby = lobby();
    let arrive = |sent: &str| why(read("ping", sent.as_bytes(), false, &lobby, now()));
    let good = ping().sign(&key(1)).unwrap();
    let parts: Vec<&str> = good.split('.').collect();
    let plain = serde_json::to_string(&ping()).unwrap();
    let header = |json: &str| format!("{}.{}.{}", base64url::encode(json.as_bytes()), parts[1], parts[2]);
    for unsigned in [
        plain.as_str(),
        "",
        "..",
        &format!("{}.{}.", parts[0], parts[1]).replace('.', ""),
        &header(r#"{"alg":"none","kid":"00000000"}"#),
        &header(r#"{"alg":"HS256","kid":"00000000"}"#),
        &header(r#"{"alg":"EdDSA"}"#),
        &header(r#"{"alg":"EdDSA","kid":"00000000","crit":["b64"]}"#),
        &format!("{good}="),
    ] {
        assert_eq!(arrive(unsigned), ("unsigned", false, false), "{unsigned}");
    }
    assert_eq!(arrive(&ping().sign(&key(3)).unwrap()), ("unknown-key", false, false));
    assert_eq!(arrive(&header(r#"{"alg":"EdDSA","kid":"+0000001"}"#)), ("unknown-key", false, false));
    // Another payload under the same signature, no signature, and the one of another command.
    let other = Draft { who: "somebody".into(), ..ping() }.sign(&key(1)).unwrap();
    let others: Vec<&str> = other.split('.').collect();
    for forged in [[parts[0], others[1], parts[2]], [parts[0], parts[1], ""], [parts[0], parts[1], others[2]]] {
        assert_eq!(arrive(&forged.join(".")), ("forged", false, false));
    }
}

#[test]
fn without_a_signer_in_the_configuration_nobody_commands() {
    let nobody = Addressee { signers: Vec::new(), ..lobby() };
    let sent = ping().sign(&key(1)).unwrap();
    assert_eq!(why(read("ping", sent.as_bytes(), false, &nobody, now())).0, "unknown-key");
}

#[test]
fn a_command_is_for_one_gateway_one_boot_and_one_topic() {
    assert_eq!(why(send(&Draft { gateway: "riverside/lobby-2".into(), ..ping() })), ("other-gateway", true, true));
    assert_eq!(why(send(&Draft { boot: "b0".into(), ..ping() })), ("other-boot", true, true));
    let sent = ping().sign(&key(1)).unwrap();
    assert_eq!(why(read("replay", sent.as_bytes(), false, &lobby(), now())).0, "malformed");
    assert_eq!(why(read("ping", sent.as_bytes(), true, &lobby(), now())), ("retained", true, true));
}

#[test]
fn a_command_is_for_its_time_and_for_nobody_who_does_not_know_the_time() {
    let at = |seconds: i64, synced| {
        let now = Now { utc: now().utc + TimeDelta::seconds(seconds), synced };
        read("ping", ping().sign(&key(1)).unwrap().as_bytes(), false, &lobby(), now)
    };
    assert!(at(300, true).is_ok() && at(-120, true).is_ok(), "to the last second, and with a clock a minute late");
    assert_eq!(why(at(301, true)).0, "expired");
    assert_eq!(why(at(-121, true)).0, "not-yet");
    assert_eq!(why(at(0, false)), ("no-clock", true, true));
    let expires = |text: &str| why(send(&Draft { expires_at: time(text), ..ping() })).0;
    assert_eq!((expires("2026-11-22T12:00:00Z"), expires("2026-11-21T11:59:00Z")), ("malformed", "malformed"));
}

#[test]
fn an_unknown_or_malformed_command_is_refused_by_name() {
    assert_eq!(why(send(&draft("dance", json!({})))).0, "unknown");
    assert_eq!(why(send(&draft("replay", json!({"from_seq": 0})))).0, "malformed");
    assert_eq!(why(send(&draft("replay", json!({"from_seq": -1})))).0, "malformed");
    assert_eq!(why(send(&Draft { who: String::new(), ..ping() })), ("malformed", true, true));
    assert_eq!(why(send(&Draft { id: "x".repeat(129), ..ping() })), ("malformed", false, true));
    let sealed =
        |payload: &str| read("ping", signed::seal(payload.as_bytes(), &key(1)).as_bytes(), false, &lobby(), now());
    assert_eq!(why(sealed("\u{0}")), ("malformed", false, true));
    let refused = sealed(r#"{"id":"c-1","open":"door"}"#).unwrap_err();
    assert!(refused.objection.to_string().contains("unknown field `open`"), "{refused:?}");
    let large = Draft { arguments: json!({"x": "x".repeat(MAX_COMMAND)}).as_object().unwrap().clone(), ..ping() };
    assert!(large.sign(&key(1)).is_err());
    assert_eq!(why(read("ping", &vec![b'x'; MAX_COMMAND + 1], false, &lobby(), now())).0, "malformed");
}

#[test]
fn a_newer_office_is_told_so_whatever_else_its_command_says() {
    let sealed =
        |payload: &str| read("ping", signed::seal(payload.as_bytes(), &key(1)).as_bytes(), false, &lobby(), now());
    let refused = sealed(r#"{"version":2,"id":"c-1","to":["riverside/lobby-1"],"priority":"high"}"#).unwrap_err();
    assert_eq!((refused.objection.code(), refused.id.as_deref()), ("newer", Some("c-1")));
    assert!(refused.objection.to_string().contains("version 2"), "{}", refused.objection);
    assert_eq!(why(sealed(r#"{"version":"two","id":"c-1"}"#)).0, "malformed");
    assert!(send(&ping()).is_ok());
    let written = |version| serde_json::to_string(&Draft { version, ..ping() }).unwrap();
    assert!(!written(CONTRACT).contains("version"), "a gateway of before this word takes it, too");
    assert_eq!(why(sealed(&written(3))).0, "newer");
}

#[test]
fn an_argument_that_nobody_knows_is_named_and_nothing_is_done() {
    for (command, arguments) in [
        ("ping", json!({"loud": true})),
        ("replay", json!({"from_seq": 1, "loud": true})),
        ("invite", json!({"token": "LB1.x", "loud": true})),
        ("watch-list", json!({"remove": ["w-1"], "loud": true})),
    ] {
        let refused = send(&draft(command, arguments)).unwrap_err();
        assert_eq!(refused.objection.code(), "malformed", "{command}");
        assert!(refused.objection.to_string().contains("`loud`"), "{command}: {}", refused.objection);
    }
}

#[test]
fn a_name_or_a_number_at_the_wrong_place_is_not_told() {
    let member = |key: &str, value: Value| {
        let mut member = json!({"id": "ji", "name": "测试", "role": "guard"});
        member[key] = value;
        draft("staff", json!({ "set": [member] }))
    };
    for (sent, says) in [
        (member("name", json!(13_900_007_341_u64)), "expected a string"),
        (member("role", json!("王小明")), "unknown variant, expected one of"),
        (member("id", json!("王小明")), "is not a slug"),
        (member("trades", json!(["13900007341"])), "is no trade"),
        (member("王小明", json!(1)), "unknown field, expected one of"),
        (draft("staff", json!({"remove": ["王小明"]})), "is not a slug"),
    ] {
        let refused = send(&sent).unwrap_err().objection.to_string();
        assert!(refused.contains(says), "{refused}");
        assert!(!refused.contains("王小明") && !refused.contains("139"), "{refused}");
    }
    let sealed = format!(r#"{{"id":"c-1","who":13900007341,"gateway":"{}"}}"#, "riverside/lobby-1");
    let refused = read("ping", signed::seal(sealed.as_bytes(), &key(1)).as_bytes(), false, &lobby(), now());
    let refused = refused.unwrap_err().objection.to_string();
    assert!(refused.contains("expected a string") && !refused.contains("139"), "{refused}");
}

#[test]
fn a_signer_asks_only_for_what_he_may() {
    let by_monitor =
        |draft: Draft| read(&draft.command, draft.sign(&key(2)).unwrap().as_bytes(), false, &lobby(), now());
    assert_eq!(by_monitor(ping()).unwrap().signer, "monitor");
    assert_eq!(why(by_monitor(draft("replay", json!({"from_seq": 1})))), ("not-allowed", true, true));
}

#[test]
fn a_repeated_command_is_the_same_event_and_a_refused_one_too() {
    let gateway = Slug::new("lobby-1").unwrap();
    let read = send(&ping()).unwrap();
    assert_eq!(accepted(&read, &gateway, now()).identity, accepted(&read, &gateway, now()).identity);
    let no = Refused { id: None, signer: None, objection: Objection::Retained };
    let event = |payload: &[u8]| refused("ping", &no, payload, &gateway, now()).identity;
    assert_eq!(event(b"x"), event(b"x"));
}

#[test]
fn a_mark_of_another_journal_moves_nothing() {
    assert_eq!(stored_through(br#"{"seq": 7}"#, false, "e1"), Some(Some(7)));
    assert_eq!(stored_through(br#"{"seq": 7}"#, true, "e1"), None);
    assert_eq!(stored_through(br#"{"seq": 7, "epoch": "e1"}"#, true, "e1"), Some(Some(7)));
    assert_eq!(stored_through(br#"{"seq": null}"#, false, "e1"), Some(None), "it marks no more");
    assert_eq!(stored_through(br#"{"seq": null}"#, true, "e1"), None);
    assert_eq!(stored_through(b"{}", false, "e1"), None, "that says nothing");
    assert_eq!(stored_through(br#"{"seq": 7, "epoch": "e0"}"#, false, "e1"), None);
    assert_eq!(stored_through(b"7", false, "e1"), None);
}

proptest! {
    #[test]
    fn no_payload_panics(payload in prop::collection::vec(any::<u8>(), 0..200), retained: bool) {
        prop_assert!(read("replay", &payload, retained, &lobby(), now()).is_err());
        let sealed = signed::seal(&payload, &key(1));
        prop_assert!(read("replay", sealed.as_bytes(), retained, &lobby(), now()).unwrap_err().signer.is_some());
        let _ = stored_through(&payload, retained, "e1");
    }

    #[test]
    fn one_changed_byte_is_never_carried_out(at in 0usize..1000, with in 1u8..=255) {
        let mut sent = ping().sign(&key(1)).unwrap().into_bytes();
        let at = at % sent.len();
        sent[at] ^= with;
        prop_assert!(read("ping", &sent, false, &lobby(), now()).is_err());
    }
}
