//! What stands around the glass, on the virtual machine: GPIO lines of gpio-sim under the names that a Pi gives them, and a
//! backlight of plain files. A door opens, somebody comes near and calls, the daemon dies with the lamp on.

use crate::machine::Machine;
use crate::service::{PID, STATE};
use embedded_graphics::prelude::Size;
use lobbyd::event::Now;
use lobbyd::kiosk::{App, Language, Metrics, Moment, samples};
use std::time::Duration;

/// The lines, by their names on the header and their places on the chip.
const LINES: [(&str, u8); 4] = [("GPIO17", 0), ("GPIO27", 1), ("GPIO22", 2), ("GPIO23", 3)];
const DOOR: u8 = 0;
const PRESENCE: u8 = 1;
const LAMP: u8 = 2;
const BUZZER: u8 = 3;

/// Beside the board that the machine has.
const BOARD: &str = r#"
[backlight]
device = "*-0045"
bright = 90
idle = 30

[gpio]
door = { line = "GPIO17" }
presence = { line = "GPIO27" }
lamp = { line = "GPIO22" }
buzzer = { line = "GPIO23" }
"#;
const CONTACT: &str = "\n[[device]]\nprofile = \"gpio\"\ndoor = \"lobby\"\n";

const LIGHT: &str = "/sys/class/backlight/10-0045/brightness";

/// The service runs with the board `board` and a touchscreen `test-panel` of 800×480. Both are left as they were found; lines and
/// light stay.
pub fn lamps_and_contacts(machine: &mut Machine, board: &str) {
    plugs_lines_and_light(machine);
    machine.run("cp /etc/lobbyd/lobby.toml /run/lobby.toml.before; mkdir -p /etc/lobbyd/boards");
    machine.run(&format!(
        "(cat /usr/share/lobbyd/boards/{board}.toml; cat <<'END'\n{BOARD}\nEND\n) >/etc/lobbyd/boards/lamps.toml
         sed 's/^board = .*/board = \"lamps\"/; s/^idle_seconds = .*/idle_seconds = 15/' /run/lobby.toml.before >/etc/lobbyd/lobby.toml
         cat >>/etc/lobbyd/lobby.toml <<'END'\n{CONTACT}\nEND
         mkdir -p /run/systemd/system/lobbyd.service.d
         printf '[Service]\\nReadWritePaths=/sys/class/backlight\\n' >/run/systemd/system/lobbyd.service.d/lamps.conf
         systemctl daemon-reload; systemctl restart lobbyd"
    ));
    machine.run_until("the service runs", STATE, |state| state == "active");
    println!("{}", machine.run("runuser -u lobbyd -- lobbyd check --config /etc/lobbyd/lobby.toml; true"));

    a_door_opens(machine);
    somebody_comes_near(machine);
    somebody_calls(machine);
    the_daemon_dies_with_the_lamp_on(machine);

    machine.run(
        "set -e; cp /run/lobby.toml.before /etc/lobbyd/lobby.toml; rm /run/systemd/system/lobbyd.service.d/lamps.conf
         rm /etc/lobbyd/boards/lamps.toml; rmdir --ignore-fail-on-non-empty /etc/lobbyd/boards",
    );
    machine.run("systemctl daemon-reload; systemctl restart lobbyd");
    machine.run_until("the service runs", STATE, |state| state == "active");
}

fn plugs_lines_and_light(machine: &mut Machine) {
    let mut plug = String::from(
        "set -e; modprobe gpio-sim; mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
         cd /sys/kernel/config/gpio-sim; mkdir pi pi/bank; echo 8 >pi/bank/num_lines\n",
    );
    for (name, place) in LINES {
        plug += &format!("mkdir pi/bank/line{place}; echo {name} >pi/bank/line{place}/name\n");
    }
    machine.run(&(plug + "echo 1 >pi/live"));
    // Nobody has opened the door, and nobody stands there.
    pull(machine, DOOR, false);
    pull(machine, PRESENCE, false);
    machine.run(
        "set -e; mount -t tmpfs none /sys/class/backlight; cd /sys/class/backlight; mkdir 10-0045; cd 10-0045
         echo 100 >brightness; echo 100 >max_brightness; chgrp video brightness; chmod 664 brightness",
    );
}

/// The file of a line in gpio-sim.
fn sim(place: u8, file: &str) -> String {
    format!("/sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio{place}/{file}")
}

fn pull(machine: &mut Machine, place: u8, up: bool) {
    let way = if up { "pull-up" } else { "pull-down" };
    machine.run(&format!("for file in {}; do echo {way} >$file; done", sim(place, "pull")));
}

fn is(machine: &mut Machine, what: &str, place: u8, level: &str) {
    machine.run_until(what, &format!("cat {}", sim(place, "value")), |value| value == level);
}

fn a_door_opens(machine: &mut Machine) {
    machine.run_until("all lines are in use", "cat /sys/kernel/debug/gpio", |lines| {
        lines.lines().filter(|line| line.contains("lobbyd")).count() == LINES.len()
    });
    // How it stands at first is no event, so it is moved until it is heard.
    let export = "runuser -u lobbyd -- lobbyd journal export --author test --config /etc/lobbyd/lobby.toml";
    let swing = format!(
        "for way in pull-up pull-down; do for file in {}; do echo $way >$file; done; sleep 1; done
         {export} | grep '\"product\":\"gpio\"' | grep -o 'door[.][a-z]*' | sort -u | xargs",
        sim(DOOR, "pull")
    );
    machine.run_until("the door has opened and closed", &swing, |told| told == "door.closed door.opened");
}

fn somebody_comes_near(machine: &mut Machine) {
    let light = format!("cat {LIGHT}");
    machine.run_until("nobody is here, and it is dim", &light, |level| level == "30");
    pull(machine, PRESENCE, true);
    machine.run_until("R182: somebody is near, and it is bright", &light, |level| level == "90");
    pull(machine, PRESENCE, false);
}

/// The middle of a button of the home page.
fn button(id: &str) -> (i32, i32) {
    let now = Now { utc: chrono::DateTime::UNIX_EPOCH, synced: true };
    let moment = Moment { now, at: Duration::ZERO };
    let mut app = App::new(samples::settings(Language::Chinese), Metrics::new(Size::new(800, 480), 133), moment);
    app.draw();
    let part = app.scene().outline().parts.into_iter().find(|part| part.id == id);
    let middle = part.expect("it is on the home page").place.center();
    (middle.x, middle.y)
}

fn somebody_calls(machine: &mut Machine) {
    assert_eq!(machine.run(&format!("cat {} {}", sim(LAMP, "value"), sim(BUZZER, "value"))), "0\n0", "safe at start");
    // Shorter than a look from here: the machine watches for it.
    machine.run(&format!(
        "rm -f /run/buzzed; (timeout 60 sh -c 'until [ \"$(cat {})\" = 1 ]; do :; done; touch /run/buzzed') >/dev/null 2>&1 &",
        sim(BUZZER, "value")
    ));
    let (x, y) = button("emergency");
    machine.finger(&format!("tap {x} {y}"));
    is(machine, "the lamp is on", LAMP, "1");
    machine.run_until("the buzzer has sounded", "ls /run/buzzed", |found| found == "/run/buzzed");
    is(machine, "the buzzer is silent again", BUZZER, "0");
}

fn the_daemon_dies_with_the_lamp_on(machine: &mut Machine) {
    let pid = machine.run(PID);
    machine.run("systemctl kill -s SIGKILL lobbyd");
    println!("the lamp after a kill: {}", machine.run(&format!("cat {}", sim(LAMP, "value"))));
    machine.run_until("it comes back", PID, |now| now != pid && now != "0");
    // Everything has been off since before it was ready.
    machine.run_until("the service runs", STATE, |state| state == "active");
    is(machine, "whoever called waits still", LAMP, "1");
    machine.run("systemctl stop lobbyd");
    is(machine, "off at its end", LAMP, "0");
    assert_eq!(machine.run(&format!("cat {LIGHT}")), "90", "left bright");
    machine.run("systemctl start lobbyd");
}
