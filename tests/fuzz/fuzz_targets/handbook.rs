//! Entries of the handbook, which the company writes: refused with a line of the file, or shown in every language.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lobbyd::config::handbook::entry;
use lobbyd::service::knowledge::Handbook;

fuzz_target!(|text: &str| {
    match entry("lifts", text) {
        Ok(entry) => {
            let day = common::now().utc.date_naive();
            let id = entry.id.clone();
            let public = Handbook::new(vec![entry]).public();
            let shown = public.sections(day).into_iter().flat_map(|section| public.entries(section, day)).count();
            assert_eq!(shown, usize::from(public.entry(&id, day).is_some()), "what can be opened is in the list");
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            let lines = text.lines().count().max(1);
            assert!(
                faults.iter().all(|fault| fault.line.is_none_or(|line| (1..=lines + 1).contains(&line))),
                "{faults:?}"
            );
        }
    }
});
