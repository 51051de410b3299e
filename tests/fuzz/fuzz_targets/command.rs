//! What comes on the office's `cmd/{name}` and `ack`. The first line is the name; the rest is tried as it is, and as somebody
//! signs it who has the key.
#![no_main]

use common::now;
use libfuzzer_sys::fuzz_target;
use lobbyd::event::Slug;
use lobbyd::service::base64url::encode;
use lobbyd::service::office_command::{Addressee, Signer, key_name, read, stored_through};
use lobbyd::service::signature::PrivateKey;

fuzz_target!(|bytes: &[u8]| {
    let key = PrivateKey::from_seed(&[9; 32]).expect("32 bytes are a seed");
    let slug = |text| Slug::new(text).expect("a slug");
    let signers = vec![Signer { name: "office".into(), public: key.public(), may: None }];
    let to = Addressee { site: slug("riverside"), gateway: slug("lobby-1"), boot: "b1".into(), signers };
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (name, payload) = (String::from_utf8_lossy(&bytes[..at]), bytes.get(at + 1..).unwrap_or_default());

    // Whatever it is: without the key it is nobody's command.
    let refused = read(&name, payload, false, &to, now()).expect_err("nobody has signed it");
    assert!(refused.signer.is_none() && refused.id.is_none(), "nothing of it is believed");

    let header = format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, key_name(&key.public()));
    let said = format!("{}.{}", encode(header.as_bytes()), encode(payload));
    let sent = format!("{said}.{}", encode(&key.sign(said.as_bytes())));
    if let Ok(command) = read(&name, sent.as_bytes(), false, &to, now()) {
        assert_eq!(command.order.name().as_str(), name);
    }
    assert!(read(&name, sent.as_bytes(), true, &to, now()).is_err(), "a retained command is never obeyed");
    let _ = stored_through(payload, true, "e1");
});
