//! Brother's raster language of the label printers QL-7xx and QL-8xx, on continuous rolls (Raster Command Reference, Brother).
//! The printer tells in 32 bytes how it is, which roll is in it and when the slip is out; over the network some say nothing,
//! and are sent the slip all the same.

use super::line::Line;
use super::{Paper, Raster, Trouble};
use std::time::Duration;

/// Width of the roll in millimetres, and the dots that can be printed on it.
pub const PAPERS: &[(u8, u32)] = &[(50, 554), (54, 590), (62, 696)];

/// Dots from the right end of the head to the first that can be printed.
const fn margin(mm: u8) -> u32 {
    if mm == 54 { 0 } else { 12 }
}

pub const DPI: u32 = 300;

/// Bytes of one row: the head has 720 dots, whatever roll is below it.
pub const HEAD: usize = 90;

/// Zeros that end whatever was left unfinished (lprint's figure for the series; a row and its head are 93 bytes).
const INVALIDATE: usize = 400;

/// Dots that are fed before and after a slip on a continuous roll: 3 mm, the least there is.
const FEED: u16 = 35;

/// For an answer about its state; a QL that wakes up takes most of a second.
const ANSWER: Duration = Duration::from_millis(1_500);

const INITIALISE: &[u8] = b"\x1b@";
const RASTER: &[u8] = b"\x1bia\x01";
const STATUS: &[u8] = b"\x1biS";
const CONTINUOUS: u8 = 0x0a;

/// How the printer is; whether it answers at all.
pub fn look(line: &mut Line, paper: Paper) -> Result<bool, Trouble> {
    let mut hello = vec![0; INVALIDATE];
    hello.extend(INITIALISE);
    hello.extend(RASTER);
    hello.extend(STATUS);
    line.write(&hello)?;
    let Some(status) = answer(line)? else { return Ok(false) };
    judge(&status, paper)?;
    Ok(true)
}

/// Prints the picture and cuts it off.
pub fn print(line: &mut Line, picture: &Raster, paper: Paper) -> Result<(), Trouble> {
    let answers = look(line, paper)?;
    line.write(&page(picture, paper))?;
    if answers { wait_until_done(line, paper) } else { Ok(()) }
}

/// It tells each change of what it does, and at last that the slip is out.
fn wait_until_done(line: &mut Line, paper: Paper) -> Result<(), Trouble> {
    while !line.is_late() {
        let Some(status) = answer(line)? else { continue };
        judge(&status, paper)?;
        if status[TYPE] == PRINTED {
            return Ok(());
        }
    }
    Err(Trouble::Slow)
}

/// The bytes of one slip, after the hello.
pub fn page(picture: &Raster, paper: Paper) -> Vec<u8> {
    // Media type, width and length count; quality before speed; it recovers by itself.
    let mut page = b"\x1biz\xce".to_vec();
    page.extend([CONTINUOUS, paper.mm, 0]);
    page.extend(picture.height().to_le_bytes());
    page.extend([0, 0]);
    // Cut, after each slip, and after the last one.
    page.extend(b"\x1biM\x40\x1biA\x01\x1biK\x08\x1bid");
    page.extend(FEED.to_le_bytes());
    for y in 0..picture.height() {
        page.extend([b'g', 0, HEAD as u8]);
        page.extend(row(picture, y, margin(paper.mm)));
    }
    page.push(0x1a);
    page
}

/// The head's first dot is its right end: the picture is told from right to left.
fn row(picture: &Raster, y: u32, margin: u32) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    for x in (0..picture.width()).filter(|x| picture.is_black(*x, y)) {
        let dot = (margin + picture.width() - 1 - x) as usize;
        if let Some(byte) = head.get_mut(dot / 8) {
            *byte |= 0x80 >> (dot % 8);
        }
    }
    head
}

/// Places in a status.
const ERROR_1: usize = 8;
const ERROR_2: usize = 9;
const WIDTH: usize = 10;
const TYPE: usize = 18;

/// A status of this type says that the slip is out.
const PRINTED: u8 = 0x01;
/// One of this type says that it is being switched off.
const OFF: u8 = 0x04;

type Status = [u8; 32];

/// One status; `None` where the printer says nothing.
fn answer(line: &mut Line) -> Result<Option<Status>, Trouble> {
    let (mut status, mut have) = ([0; 32], 0);
    while have < status.len() {
        let read = line.read(&mut status[have..], ANSWER)?;
        have += read;
        let begins = status[..have].iter().zip(b"\x80\x20B").all(|(is, wanted)| is == wanted);
        if !begins || (read == 0 && have > 0) {
            return Err(Trouble::Foreign("Brother QL"));
        }
        if read == 0 {
            return Ok(None);
        }
    }
    Ok(Some(status))
}

fn judge(status: &Status, paper: Paper) -> Result<(), Trouble> {
    let (one, two, width) = (status[ERROR_1], status[ERROR_2], status[WIDTH]);
    match () {
        () if two & 0x10 != 0 => Err(Trouble::CoverOpen),
        // No roll, its end, or it cannot be fed.
        () if one & 0x03 != 0 || two & 0x40 != 0 || width == 0 => Err(Trouble::OutOfPaper),
        () if width != paper.mm => Err(Trouble::WrongPaper { found: width, wanted: paper.mm }),
        () if one != 0 || two != 0 => Err(Trouble::Fault),
        () if status[TYPE] == OFF => Err(Trouble::Gone("it is being switched off".into())),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::printer::Language;

    #[test]
    fn each_trouble_has_its_word() {
        let paper = Paper::of(Language::BrotherQl, 62).unwrap();
        let judged = |one: u8, two: u8, width: u8| {
            let mut status = [0; 32];
            (status[ERROR_1], status[ERROR_2], status[WIDTH]) = (one, two, width);
            judge(&status, paper)
        };
        assert_eq!(judged(0, 0, 62), Ok(()));
        assert_eq!(judged(0x01, 0, 0), Err(Trouble::OutOfPaper));
        assert_eq!(judged(0, 0x40, 62), Err(Trouble::OutOfPaper));
        assert_eq!(judged(0, 0x10, 62), Err(Trouble::CoverOpen));
        assert_eq!(judged(0, 0, 29), Err(Trouble::WrongPaper { found: 29, wanted: 62 }));
        assert_eq!(judged(0x04, 0, 62), Err(Trouble::Fault));
    }
}
