//! The contacts that are wired to this machine: the door's, which the desk hears like any device's, and the sensor that sees
//! somebody before the glass (R182).

use super::surroundings::wire;
use crate::board::gpio::{Contact, Reading};
use crate::config::Config;
use crate::config::board::Board;
use crate::desk::{Command, Desk, Refusal};
use crate::device::contact;
use crate::event::Slug;
use crate::kiosk::Wake;
use crate::service::door::Report;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::sync::mpsc;

/// Reports that wait for a disk which is full. Then the contact itself waits, and tells how the door stands after that.
const WAITING: usize = 64;
/// Between two tries at a desk that cannot write.
const RETRY: Duration = Duration::from_secs(2);

/// Listens to whatever the board and the configuration name.
pub fn open(config: &Config, board: &Board, desk: &Desk, wakes: SyncSender<Wake>) -> anyhow::Result<()> {
    if let Some(line) = board.gpio.get("presence") {
        Contact::listen(wire(line), move |reading| wakes.send(Wake::Near(reading.active)).is_ok())?;
    }
    match (config.contact(), board.gpio.get("door")) {
        (Some(door), Some(line)) => {
            let (reports, received) = mpsc::channel(WAITING);
            tokio::spawn(carry(received, desk.clone()));
            let tell = tell(door.clone(), desk.clone(), reports);
            Contact::listen(wire(line), tell)?;
        }
        (Some(door), None) => tracing::warn!(%door, "the board file has no line \"door\": its contact is not heard"),
        (None, Some(_)) => {
            tracing::warn!("no [[device]] with profile = \"gpio\": the contact on the line \"door\" is not heard")
        }
        (None, None) => {}
    }
    Ok(())
}

fn tell(door: Slug, desk: Desk, reports: mpsc::Sender<Report>) -> impl FnMut(Reading) -> bool {
    move |reading| reports.blocking_send(contact::report(&door, reading.active, reading.first, desk.now())).is_ok()
}

/// Each report is written before the next one.
async fn carry(mut reports: mpsc::Receiver<Report>, desk: Desk) {
    while let Some(report) = reports.recv().await {
        loop {
            match desk.ask(Command::Heard(vec![report.clone()])).await {
                Ok(_) => break,
                Err(Refusal::Closed) => return,
                // The screen and the status say that nothing can be written.
                Err(Refusal::Storage(_) | Refusal::Reserved(_) | Refusal::OutOfTurn | Refusal::Busy) => {
                    tokio::time::sleep(RETRY).await
                }
            }
        }
    }
}
