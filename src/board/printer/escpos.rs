//! ESC/POS, the language of receipt printers, as far as a slip needs it: how the printer is (DLE EOT), a picture in bands
//! (GS v 0), a cut, and a word when it is out (GS r). Command names as in Epson's reference; dozens of makers speak it. Many
//! have no way back: a printer that answers nothing is sent the slip all the same.

use super::line::Line;
use super::{Raster, Trouble};
use std::time::Duration;

/// Width of the roll in millimetres, and its dots.
pub const PAPERS: &[(u8, u32)] = &[(58, 384), (80, 576)];

/// 8 dots a millimetre.
pub const DPI: u32 = 203;

/// Rows of one picture command. A printer that lost its thread in the middle of one spoils at most this much.
const BAND: usize = 128;

/// For one answer about its state; a printer has it at hand.
const ANSWER: Duration = Duration::from_millis(500);

/// So often in a row a printer must say that it is well, half a second apart, for a slip to count as out without its word.
const WELL: u32 = 10;

const INITIALISE: &[u8] = b"\x1b@";
/// Feed the slip past the knife and cut it, but for a bridge (GS V 66 0).
const CUT: &[u8] = b"\x1dVB\0";
/// Answered when everything before it is done (GS r 1).
const DONE: &[u8] = b"\x1dr\x01";
/// What is asked with DLE EOT: why it is offline, and its paper.
const OFFLINE: u8 = 2;
const PAPER: u8 = 4;

/// How the printer is; whether it answers at all.
pub fn look(line: &mut Line) -> Result<bool, Trouble> {
    let Some(offline) = ask(line, OFFLINE)? else { return Ok(false) };
    let paper = ask(line, PAPER)?.unwrap_or_default();
    judge(offline, paper)?;
    Ok(true)
}

/// Prints the picture and cuts it off.
pub fn print(line: &mut Line, picture: &Raster) -> Result<(), Trouble> {
    let answers = look(line)?;
    line.write(&page(picture))?;
    if answers {
        line.write(DONE)?;
        wait_until_done(line)?;
    }
    Ok(())
}

/// The bytes of one slip.
pub fn page(picture: &Raster) -> Vec<u8> {
    let rows: Vec<&[u8]> = picture.rows().collect();
    let mut page = INITIALISE.to_vec();
    for band in rows.chunks(BAND) {
        page.extend(b"\x1dv0\0");
        page.extend((picture.row_bytes() as u16).to_le_bytes());
        page.extend((band.len() as u16).to_le_bytes());
        page.extend(quiet(band.concat()));
    }
    page.extend(CUT);
    page
}

/// Some printers hear a command that is carried out at once even within a picture: DLE with EOT, ENQ or DC4 behind it. One dot
/// more is not seen, and an opened till is.
fn quiet(mut dots: Vec<u8>) -> Vec<u8> {
    for n in 1..dots.len() {
        if dots[n - 1] == 0x10 && matches!(dots[n], 0x04 | 0x05 | 0x14) {
            dots[n - 1] = 0x18;
        }
    }
    dots
}

/// One byte about this; `None` where the printer says nothing.
fn ask(line: &mut Line, about: u8) -> Result<Option<u8>, Trouble> {
    line.write(&[0x10, 0x04, about])?;
    let mut heard = [0; 64];
    let read = line.read(&mut heard, ANSWER)?;
    match heard[..read].iter().rev().find(|byte| is_status(**byte)) {
        Some(status) => Ok(Some(*status)),
        None if read == 0 => Ok(None),
        None => Err(Trouble::Foreign("ESC/POS")),
    }
}

/// Bits 1 and 4 are set, 0 and 7 are not, in every answer to DLE EOT.
const fn is_status(byte: u8) -> bool {
    byte & 0b1001_0011 == 0b0001_0010
}

fn judge(offline: u8, paper: u8) -> Result<(), Trouble> {
    match () {
        () if offline & 0x20 != 0 || paper & 0x60 != 0 => Err(Trouble::OutOfPaper),
        () if offline & 0x04 != 0 => Err(Trouble::CoverOpen),
        () if offline & 0x40 != 0 => Err(Trouble::Fault),
        () => Ok(()),
    }
}

/// A printer that stopped does not answer, and then is asked why. One that is well and still says nothing of the slip does not
/// know that question.
fn wait_until_done(line: &mut Line) -> Result<(), Trouble> {
    let mut well = 0;
    while well < WELL && !line.is_late() {
        let mut heard = [0; 64];
        let read = line.read(&mut heard, ANSWER)?;
        // Bits 4 and 7 are not set in an answer to GS r: what else comes was asked for before.
        if heard[..read].iter().any(|byte| byte & 0b1001_0000 == 0) {
            return Ok(());
        }
        if read == 0 && look(line)? {
            well += 1;
        }
    }
    if well < WELL { Err(Trouble::Slow) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_roll_comes_before_the_cover_that_is_open_to_change_it() {
        assert_eq!(judge(0x12, 0x12), Ok(()));
        assert_eq!(judge(0x12 | 0x20 | 0x04, 0x12), Err(Trouble::OutOfPaper));
        assert_eq!(judge(0x12, 0x12 | 0x60), Err(Trouble::OutOfPaper));
        assert_eq!(judge(0x12, 0x12 | 0x0c), Ok(()), "nearly out is not out");
        assert_eq!(judge(0x12 | 0x04, 0x12), Err(Trouble::CoverOpen));
        assert_eq!(judge(0x12 | 0x40, 0x12), Err(Trouble::Fault));
    }

    proptest! {
        #[test]
        fn no_picture_holds_a_command_that_is_carried_out_at_once(dots in prop::collection::vec(prop_oneof![
            Just(0x10u8), Just(0x04), Just(0x05), Just(0x14), any::<u8>()], 0..400)) {
            let quiet = quiet(dots.clone());
            prop_assert!(!quiet.windows(2).any(|two| two[0] == 0x10 && matches!(two[1], 0x04 | 0x05 | 0x14)));
            prop_assert!(quiet.iter().zip(&dots).all(|(now, before)| now & before == *before), "no dot is lost");
        }
    }
}
