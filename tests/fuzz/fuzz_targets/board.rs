//! Board files: refused with a line of the file, or a board whose limits hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lobbyd::config::Board;
use std::path::Path;

fuzz_target!(|text: &str| {
    match Board::parse(text, Path::new("board.toml")) {
        Ok(board) => {
            assert!(board.display.size.iter().all(|side| (240..=4096).contains(side)));
            assert!(board.touch.is_none_or(|touch| touch.matrix.iter().all(|number| number.is_finite())));
            assert!(board.backlight.is_none_or(|light| light.idle > 0 && light.bright <= 100), "never dark for good");
        }
        Err(error) => {
            let lines = text.lines().count().max(1);
            assert!(!error.faults.is_empty());
            assert!(
                error.faults.iter().all(|fault| fault.line.is_none_or(|line| (1..=lines + 1).contains(&line))),
                "{error}"
            );
        }
    }
});
