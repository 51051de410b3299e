//! `lobby.toml`: refused with a line of the file, or taken; and what is taken is a house that can be worked with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lobbyd::config::Config;
use std::path::Path;

/// What a careless hand writes into a URL.
const PASSWORD: &str = "hunter2";

fuzz_target!(|text: &str| {
    match Config::parse(text, Path::new("lobby.toml")) {
        Ok(config) => {
            assert!(config.building.address().is_ok() && config.office.address().is_ok());
            let _ = (config.house(), config.contact());
        }
        Err(error) => {
            let lines = text.lines().count().max(1);
            assert!(!error.faults.is_empty());
            for fault in &error.faults {
                assert!(fault.line.is_none_or(|line| (1..=lines + 1).contains(&line)), "{fault}");
                // Only what is missing altogether stands in no line.
                assert!(fault.line.is_some() || !fault.problem.starts_with("this is not TOML"), "{fault}");
                let of_broker = fault.key.ends_with(".url") || fault.key.ends_with("password_file");
                assert!(!of_broker || !fault.problem.contains(PASSWORD), "{fault}");
            }
            assert!(error.to_string().starts_with("lobby.toml: "));
        }
    }
});
