//! The guards' page: any request of somebody who is signed in, and any bytes of somebody who is not. The first line says who asks
//! for what (`guard POST /api/open`), the rest is the body; after `raw` the rest is what goes over the line. Each is answered, none
//! with a fault of ours, and nothing that somebody typed comes back in a refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

#[path = "../lobby.rs"]
mod lobby;
use lobby::{Answer, Lobby};

/// After so many requests the house begins anew: else each is slower than the one before, and a find depends on all of them.
const REQUESTS: u32 = 2_000;
/// Stands in the seeds where people write their own words.
const WRITTEN: &str = "标记";
/// Longer than the page waits for a request that does not come to its end.
const PATIENCE: Duration = Duration::from_secs(30);

thread_local! {
    static HOUSE: RefCell<Option<(Lobby, u32)>> = const { RefCell::new(None) };
}

fn ask(lobby: &mut Lobby, line: &str, body: &[u8]) -> Option<Answer> {
    let mut words = line.split(' ');
    let (who, method, path) = (words.next()?, words.next()?, words.next()?);
    let plain = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) && words.next().is_none();
    // Who signs out is out, and a new house for each of them would be most of the work.
    let stays = !path.starts_with("/api/logout");
    (plain && stays && matches!(method, "GET" | "POST" | "HEAD" | "PUT")).then(|| lobby.ask(who, method, path, body))?
}

fn judge(answer: &Answer, path: &str) {
    let said = String::from_utf8_lossy(&answer.body);
    // 503 is a full disk or a desk that does not answer, and there is neither.
    assert!((200..500).contains(&answer.status), "{} {path}: {said}", answer.status);
    if answer.status >= 400 {
        assert!(!said.contains(WRITTEN), "{} {path}: {said}", answer.status);
    }
}

/// Bytes of a stranger. The answer may be anything, but it comes and the line ends.
fn shout(lobby: &Lobby, bytes: &[u8]) {
    let mut stream = TcpStream::connect(lobby.address).expect("there is a place");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time above zero");
    let said = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    // A line that is cut in the middle of a long nonsense is an answer, too.
    let ended = said.and_then(|()| stream.read_to_end(&mut answer));
    let waited = ended.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
    assert!(!waited, "the line does not end");
    assert!(!answer.starts_with(b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&answer));
}

fuzz_target!(init: common::survive_closed_lines(), |bytes: &[u8]| {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let Ok(line) = std::str::from_utf8(&bytes[..at]) else { return };
    let rest = bytes.get(at + 1..).unwrap_or_default();
    HOUSE.with_borrow_mut(|house| {
        let (lobby, asked) = house.get_or_insert_with(|| (Lobby::open(), 0));
        *asked += 1;
        let mut over = *asked > REQUESTS;
        if line == "raw" {
            shout(lobby, rest);
        } else if let Some(answer) = ask(lobby, line, rest) {
            judge(&answer, line);
            // Somebody has changed a secret, or a post: whoever was signed in is out.
            over |= answer.status == 401 && !line.contains("/api/login") && !line.starts_with("nobody");
        }
        if over {
            *house = None;
        }
    });
});
