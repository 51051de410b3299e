//! The property office's table of units: what is read reads back, nobody's name is in an error, and no limit is passed.
#![no_main]

use common::says_nothing;
use libfuzzer_sys::fuzz_target;
use lobbyd::service::directory::{BadTable, Directory, MAX_BAD, MAX_UNITS};

fuzz_target!(|text: &str| {
    match Directory::parse(text) {
        Ok(read) => {
            assert!(read.units().len() <= MAX_UNITS && read.vacant().is_subset(&read.units()));
            assert_eq!(Directory::parse(&read.to_csv()), Ok(read));
        }
        Err(bad) => {
            says_nothing(&bad.to_string(), "房号楼栋");
            let BadTable::Lines(lines) = bad else { return };
            assert!((1..=MAX_BAD).contains(&lines.len()));
            assert!(
                lines.iter().all(|bad| (2..=text.lines().count()).contains(&bad.line)),
                "the line is one of the file"
            );
        }
    }
});
