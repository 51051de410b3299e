//! Scanner and printer: whether what the board file names is there. It prints nothing.

use super::finding::{Area, Finding};
use crate::board::printer::{LOOK, Trouble};
use crate::board::scanner;
use crate::config::board::{Board, Scanner};
use crate::daemon;

pub(super) fn examine(board: &Board) -> Vec<Finding> {
    let scanner = board.scanner.as_ref().map(find);
    scanner.into_iter().chain(board.printer.as_ref().and_then(ask)).collect()
}

fn find(wanted: &Scanner) -> Finding {
    let name = &wanted.name;
    match scanner::probe().iter().find(|has| has.contains(name)) {
        Some(found) => Finding::ok(Area::Board, format!("the scanner is here: \"{found}\"")),
        None => Finding::warning(
            Area::Board,
            format!("no scanner of the name \"{name}\""),
            "plug it in; lobbyd board probe lists the names; this user must be in the group input",
        ),
    }
}

fn ask(board: &crate::config::board::Printer) -> Option<Finding> {
    let device = &board.device;
    let finding = match daemon::printer::of(board)?.look(LOOK) {
        Ok(()) => Finding::ok(Area::Board, format!("the printer at {device} can be reached")),
        Err(trouble @ (Trouble::OutOfPaper | Trouble::CoverOpen)) => {
            Finding::warning(Area::Board, format!("the printer at {device}: {trouble}"), "put a roll in and close it")
        }
        Err(trouble @ Trouble::Absent(_)) => Finding::fault(
            Area::Board,
            format!("the printer at {device}: {trouble}"),
            "switch it on; a network printer needs a fixed address, a device file the group lp",
        ),
        Err(trouble) => Finding::fault(
            Area::Board,
            format!("the printer at {device}: {trouble}"),
            "compare it with [printer] in the board file; docs/printing.md",
        ),
    };
    Some(finding)
}
