//! The list of units of the buildings that this kiosk serves, read from a table (CSV) as a property office exports it. Only
//! the units are taken: who lives there is none of the kiosk's business, and no other column leaves this parser.

use super::contact::{Unclear, Unit};
use std::collections::BTreeSet;

/// Units of one kiosk's buildings; the largest estates in China have some 30,000 flats.
pub const MAX_UNITS: usize = 50_000;
/// Bad lines that are named; a file with more is the wrong file.
pub const MAX_BAD: usize = 50;

/// What the columns are called, in lower case.
const UNIT: &[&str] = &["unit", "room", "flat", "房号", "单元", "房间", "房屋"];
const BUILDING: &[&str] = &["building", "block", "tower", "楼栋", "楼号", "栋", "幢"];

/// The units that exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory(BTreeSet<Unit>);

/// What is wrong with a table. Never repeats what stands in it: it may be a name or a phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTable {
    #[error("the file is empty")]
    Empty,
    #[error("line 1 must name the columns, one of them \"unit\" (or 房号); \"building\" (or 楼栋) is optional")]
    NoUnitColumn,
    #[error("there are more than {MAX_UNITS} units")]
    TooMany,
    /// The first [`MAX_BAD`] of them.
    #[error("{} lines are no units, the first of them line {}", .0.len(), .0.first().map_or(0, |bad| bad.line))]
    Lines(Vec<BadLine>),
}

/// A line that is no unit, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLine {
    pub line: usize,
    pub why: &'static str,
}

impl Directory {
    /// Reads a table. Commas, semicolons or tabs part its columns; empty lines do not count; a unit that stands twice is
    /// one unit.
    ///
    /// # Errors
    /// When any line is bad: half a list would turn away visitors of the other half.
    pub fn parse(text: &str) -> Result<Self, BadTable> {
        // Excel begins "CSV UTF-8" with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let (_, header) = lines.next().ok_or(BadTable::Empty)?;
        let separator = [',', ';', '\t'].into_iter().max_by_key(|c| header.matches(*c).count()).unwrap_or(',');
        let columns = fields(header, separator).unwrap_or_default();
        let column = |names: &[&str]| columns.iter().position(|name| names.contains(&name.to_lowercase().as_str()));
        let unit_at = column(UNIT).ok_or(BadTable::NoUnitColumn)?;
        let building_at = column(BUILDING);
        let (mut units, mut bad) = (BTreeSet::new(), Vec::new());
        for (index, line) in lines {
            match unit(line, separator, unit_at, building_at) {
                Ok(unit) => drop(units.insert(unit)),
                Err(why) => bad.push(BadLine { line: index + 1, why }),
            }
            if bad.len() >= MAX_BAD {
                break;
            }
            if units.len() > MAX_UNITS {
                return Err(BadTable::TooMany);
            }
        }
        if bad.is_empty() { Ok(Directory(units)) } else { Err(BadTable::Lines(bad)) }
    }

    pub fn contains(&self, unit: &Unit) -> bool {
        self.0.contains(unit)
    }

    pub fn units(&self) -> &BTreeSet<Unit> {
        &self.0
    }

    /// The table with the one column that is kept.
    pub fn to_csv(&self) -> String {
        self.0.iter().fold("unit\n".to_owned(), |text, unit| text + unit.as_str() + "\n")
    }
}

fn unit(line: &str, separator: char, unit_at: usize, building_at: Option<usize>) -> Result<Unit, &'static str> {
    let fields = fields(line, separator).ok_or("a quote is not closed")?;
    let room = fields.get(unit_at).ok_or("has too few columns")?;
    let building = building_at.and_then(|at| fields.get(at)).filter(|name| !name.is_empty());
    let joined = building.map_or_else(|| room.clone(), |building| format!("{building}-{room}"));
    let unit = if room.is_empty() { Err(Unclear::Empty) } else { Unit::parse(&joined) };
    unit.map_err(|unclear| match unclear {
        Unclear::Empty => "the unit is empty",
        Unclear::TooLong => "the unit is too long (16 characters with its building)",
        _ => "the unit is not made of a-z, 0-9 and -, with a digit in it",
    })
}

/// The fields of one line, without the quotes around them; `None` where a quote is not closed.
fn fields(line: &str, separator: char) -> Option<Vec<String>> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            _ if c == separator && !quoted => fields.push(std::mem::take(&mut field).trim().to_owned()),
            _ => field.push(c),
        }
    }
    fields.push(field.trim().to_owned());
    (!quoted).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(text: &str) -> Vec<String> {
        Directory::parse(text).unwrap().units().iter().map(|unit| unit.as_str().to_owned()).collect()
    }

    #[test]
    fn tables_are_read_as_offices_export_them() {
        assert_eq!(units("unit\n1203\n1204\n"), ["1203", "1204"]);
        assert_eq!(units("\u{feff}楼栋,房号,业主\r\n3,1203,某某\r\nb2,0417,\r\n"), ["3-1203", "B2-0417"]);
        assert_eq!(units("\"Unit\";\"Building\"\n\"1203\";\"3\"\n\n1203;3\n"), ["3-1203"]);
    }

    #[test]
    fn bad_lines_are_named_by_number_and_never_repeated() {
        let error = Directory::parse("unit,name\n1203,某某\n,李某\n某某,13800000000\n\"1204,x\n").unwrap_err();
        let BadTable::Lines(lines) = &error else { panic!("{error}") };
        assert_eq!(lines.iter().map(|bad| bad.line).collect::<Vec<_>>(), [3, 4, 5]);
        let words = error.to_string();
        assert!(words.contains("line 3") && !words.contains('某') && !words.contains("138"), "{words}");
    }

    #[test]
    fn a_table_without_units_is_refused() {
        assert_eq!(Directory::parse("\n"), Err(BadTable::Empty));
        assert_eq!(Directory::parse("name,phone\nx,1\n"), Err(BadTable::NoUnitColumn));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_reads_back(text in "(unit|房号)[,;]?[a-z0-9,;\"\n某-]{0,80}") {
            if let Ok(read) = Directory::parse(&text) {
                prop_assert_eq!(Directory::parse(&read.to_csv()), Ok(read));
            }
        }
    }
}
