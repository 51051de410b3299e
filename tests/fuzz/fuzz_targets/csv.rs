//! The property office's table of units: what is read is good, nobody's name is in an error, and no limit is passed.
#![no_main]

use common::says_nothing;
use libfuzzer_sys::fuzz_target;
use lobbyd::service::directory::MAX_UNITS;
use lobbyd::service::directory::search::{Query, keys_of, keys_of_host};
use lobbyd::service::directory::table::{BadTable, Hosts, MAX_BAD, parse};

fuzz_target!(|text: &str| {
    let _ = Query::of(text);
    match parse(text, Hosts::Taken) {
        Ok(read) => {
            assert!(read.len() <= MAX_UNITS);
            for household in &read {
                assert_eq!(household.check(), Ok(()));
                let keys = household.hosts.iter().flat_map(keys_of_host).chain(keys_of(household));
                assert!(keys.into_iter().all(|key| (1..=32).contains(&key.chars().count())));
            }
            assert!(parse(text, Hosts::LeftOut).is_ok_and(|units| units.len() == read.len()));
        }
        Err(bad) => {
            says_nothing(&bad.to_string(), "房号楼栋单元间屋");
            let BadTable::Lines(lines) = bad else { return };
            assert!((1..=MAX_BAD).contains(&lines.len()));
            assert!(
                lines.iter().all(|bad| (2..=text.lines().count()).contains(&bad.line)),
                "the line is one of the file"
            );
        }
    }
});
