//! The printer of the board, where it has one: slips go in at the kiosk, and the staff hears how it is. Nothing waits for it.

use crate::board::printer::{Language, Paper, Patience, Place, Printer, Spool, Told};
use crate::config::board::{self, Board, PrinterLanguage};
use crate::desk::{Command, Desk};
use crate::event::{Event, Kind, Slug, data};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

/// Least time between two events about the printer: a loose cable must not fill the journal.
const CALM: Duration = Duration::from_secs(60);

/// How the printer is; `None` before it was looked at.
pub type State = watch::Receiver<Option<Told>>;

/// The printer that the board file names.
pub fn of(board: &board::Printer) -> Option<Printer> {
    let language = match board.language {
        PrinterLanguage::Escpos => Language::EscPos,
        PrinterLanguage::BrotherQl => Language::BrotherQl,
    };
    let place = board.address().map_or_else(|| Place::File(PathBuf::from(&board.device)), Place::Net);
    Some(Printer { place, paper: Paper::of(language, board.paper)? })
}

/// Starts it. A lobby without paper must open all the same.
pub fn open(board: &Board) -> Option<(Spool, State)> {
    let printer = of(board.printer.as_ref()?)?;
    let (told, state) = watch::channel(None);
    let tell = move |now: Told| {
        told.send_if_modified(|last| {
            let changed = last.as_ref() != Some(&now);
            *last = Some(now);
            changed
        });
    };
    match Spool::start(printer, Patience::default(), tell) {
        Ok(spool) => Some((spool, state)),
        Err(error) => {
            tracing::error!(%error, "nothing is printed: the printer's thread cannot be started");
            None
        }
    }
}

/// Records that something is wrong with the printer, and that it is well again. Runs for as long as the printer.
pub async fn record(state: Option<State>, desk: Desk, gateway: Slug) {
    let Some(mut state) = state else { return };
    let mut was = None;
    while state.changed().await.is_ok() {
        let now = state.borrow_and_update().clone();
        let trouble = now.and_then(Result::err);
        let name = trouble.as_ref().map(|trouble| trouble.name());
        if name == was {
            continue;
        }
        was = name;
        let (kind, facts) = match &trouble {
            Some(trouble) => {
                tracing::warn!(%trouble, "the printer prints no slips");
                (Kind::PrinterTrouble, data([("trouble", json!(trouble.name()))]))
            }
            None => {
                tracing::info!("the printer prints again");
                (Kind::PrinterReady, data([]))
            }
        };
        if let Err(refusal) = desk.ask(Command::Record(Event::here(kind, gateway.clone(), desk.now(), facts))).await {
            tracing::warn!(%kind, %refusal, "not recorded");
        }
        tokio::time::sleep(CALM).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_roll_that_the_board_file_may_name_can_be_printed_on() {
        for language in [PrinterLanguage::Escpos, PrinterLanguage::BrotherQl] {
            for paper in language.papers() {
                let printer = board::Printer { language, device: "/dev/usb/lp0".into(), paper: *paper };
                assert!(of(&printer).is_some(), "{printer:?}");
            }
        }
    }
}
