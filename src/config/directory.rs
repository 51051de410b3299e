//! A table of the directory, as a person brings it: read, checked, and what is wrong with it named by line.

use super::load::read;
use super::{ConfigError, Fault};
use crate::service::directory::Household;
use crate::service::directory::table::{self, BadLine, BadTable, Hosts};
use std::path::Path;

/// # Errors
/// When it cannot be read or any line is bad.
pub fn load(file: &Path, hosts: Hosts) -> Result<Vec<Household>, ConfigError> {
    let failed = |faults| ConfigError { file: file.to_owned(), faults };
    let text = read(file).map_err(|fault| failed(vec![fault]))?;
    table::parse(&text, hosts).map_err(|bad| failed(faults(bad)))
}

fn faults(bad: BadTable) -> Vec<Fault> {
    match bad {
        BadTable::Lines(lines) => lines.into_iter().map(|BadLine { line, why }| Fault::of_line(line, why)).collect(),
        other => vec![Fault::of_file(other.to_string(), "nothing was changed")],
    }
}
