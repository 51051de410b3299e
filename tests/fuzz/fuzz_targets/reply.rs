//! What anybody may publish as a guard's reply: a task that is read reads back, and its result is JSON whatever the sender's id is.
#![no_main]

use common::{now, says_nothing};
use libfuzzer_sys::fuzz_target;
use lobbyd::event::Slug;
use lobbyd::service::reply::{MAX_REPLY, read, refused, result};

fuzz_target!(|payload: &[u8]| {
    assert!(read(payload, true).is_err(), "a retained reply is of yesterday");
    let told = match read(payload, false) {
        Ok(reply) => {
            assert!(payload.len() <= MAX_REPLY);
            let again = format!(r#"{{"task":"{}","do":"claim","by":"guard-a"}}"#, reply.task);
            assert_eq!(read(again.as_bytes(), false).map(|again| again.task).as_ref(), Ok(&reply.task), "{again}");
            result(reply.id.as_deref(), Some(reply.task), Ok("claimed"), now())
        }
        Err((id, unread)) => {
            let post = Slug::new("gate-a").expect("a slug");
            let event = refused(&post, &unread, payload, now());
            says_nothing(&unread.to_string(), "");
            says_nothing(event.data.text().get(), "");
            result(id.as_deref(), None, Err((unread.code(), unread.to_string())), now())
        }
    };
    assert!(serde_json::from_slice::<serde_json::Value>(&told).is_ok());
});
