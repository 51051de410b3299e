//! A sound card whose output is its input (snd-aloop): what the kiosk plays through the real `aplay`, from within the service's
//! sandbox, is recorded beside it. Nobody listens; it must not be silence.

use crate::machine::Machine;
use crate::service::said;

const HEARD: &str = "/run/heard";
/// Louder than a card that clicks when it is opened: bytes that are not zero, of 80,000 a second and more.
const BYTES: usize = 10_000;

/// Before the first start of the service: a card, and the board `board` with it.
pub fn gets_a_card(machine: &mut Machine, board: &str) {
    machine.run(&format!(
        "modprobe snd-aloop; mkdir -p /etc/lobbyd/boards
         {{ cat /usr/share/lobbyd/boards/{board}.toml; printf '\\n[sound]\\npercent = 40\\n'; }} >/etc/lobbyd/boards/{board}.toml"
    ));
}

/// From here on it is recorded.
pub fn begins(machine: &mut Machine) {
    machine.run(&format!(
        "arecord -q -D hw:Loopback,1 -t raw -f S16_LE -c 2 -r 48000 {HEARD} >/run/arecord 2>&1 & echo $! >/run/arecord.pid"
    ));
    machine.run_until("it is recorded", "cat /proc/asound/Loopback/pcm1c/sub0/status", |status| {
        status.contains("RUNNING")
    });
}

/// What somebody brought was acknowledged with a prompt.
pub fn was_heard(machine: &mut Machine) {
    let loud = format!("tr -d '\\000' <{HEARD} | wc -c");
    machine.run_until("the prompt is recorded", &loud, |bytes| bytes.parse().is_ok_and(|bytes: usize| bytes > BYTES));
    machine.run(&format!("kill $(cat /run/arecord.pid); rm {HEARD}"));
    assert_eq!(said(machine, "the sound card"), 0, "it complains");
}
