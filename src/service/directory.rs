//! The list of units of the buildings that this kiosk serves, read from a table (CSV) as a property office exports it: which
//! units there are, where nobody lives (R079), and what a household asks of whoever comes (R238). Who lives there is none of
//! the kiosk's business: no other column leaves this parser.

use super::contact::{Text, Unclear, Unit};
use super::figures::LocalTime;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Units of one kiosk's buildings; the largest estates in China have some 30,000 flats.
pub const MAX_UNITS: usize = 50_000;
/// Bad lines that are named; a file with more is the wrong file.
pub const MAX_BAD: usize = 50;
/// Longest note for whoever comes, in characters: it is read at the door.
pub const MAX_NOTE: usize = 60;

/// What the columns are called, in lower case.
const UNIT: &[&str] = &["unit", "room", "flat", "房号", "单元", "房间", "房屋"];
const BUILDING: &[&str] = &["building", "block", "tower", "楼栋", "楼号", "栋", "幢"];
const VACANT: &[&str] = &["vacant", "空置", "空置房"];
const HOURS: &[&str] = &["contact hours", "联系时间", "可联系时间"];
const COVERS: &[&str] = &["shoe covers", "鞋套"];
/// Not 备注: what offices write in that column is not meant for whoever comes.
const NOTE: &[&str] = &["note for visits", "上门须知"];

const YES: &[&str] = &["yes", "y", "true", "1", "是", "有", "空置", "需要", "√"];
const NO: &[&str] = &["", "no", "n", "false", "0", "否", "无", "不", "不需要"];

/// The units that exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory(BTreeMap<Unit, Entry>);

/// What the list says of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Entry {
    vacant: bool,
    wishes: Wishes,
}

/// R238: what a household asks of whoever comes. Shown to whoever holds a task about its unit, and to nobody else.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Wishes {
    /// When it likes to be called or visited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    pub shoe_covers: bool,
    /// At most [`MAX_NOTE`] characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// Never prints what a household wishes: it would end in a log.
impl std::fmt::Debug for Wishes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wishes(…)")
    }
}

/// From when to when, at the site's clocks; over midnight where it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hours {
    pub from: LocalTime,
    pub to: LocalTime,
}

impl Hours {
    /// `9:00-12:00`, `09:00～12:00`, `9：00至12：00`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.replace('：', ":");
        let (from, to) = text.split_once(['-', '~', '–', '—', '～', '－', '至'])?;
        let time = |text: &str| LocalTime::try_from(format!("{:0>5}", text.trim())).ok();
        let hours = Hours { from: time(from)?, to: time(to)? };
        (hours.from != hours.to).then_some(hours)
    }
}

/// What is wrong with a table. Never repeats what stands in it: it may be a name or a phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTable {
    #[error("the file is empty")]
    Empty,
    #[error(
        "line 1 must name the columns, one of them \"unit\" (or 房号); \"building\" (or 楼栋) and others are optional"
    )]
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
        let columns = Columns::named(header).ok_or(BadTable::NoUnitColumn)?;
        let (mut units, mut bad) = (BTreeMap::new(), Vec::new());
        for (index, line) in lines {
            if let Err(why) = columns.entry(line).and_then(|(unit, entry)| enter(&mut units, unit, entry)) {
                bad.push(BadLine { line: index + 1, why });
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
        self.0.contains_key(unit)
    }

    pub fn units(&self) -> BTreeSet<Unit> {
        self.0.keys().cloned().collect()
    }

    /// R079: where nobody lives.
    pub fn vacant(&self) -> BTreeSet<Unit> {
        self.0.iter().filter(|(_, entry)| entry.vacant).map(|(unit, _)| unit.clone()).collect()
    }

    /// R238: what this household asks for, if it asks for anything.
    pub fn wishes(&self, unit: &Unit) -> Option<&Wishes> {
        self.0.get(unit).map(|entry| &entry.wishes).filter(|wishes| **wishes != Wishes::default())
    }

    /// The table with the columns that are kept.
    pub fn to_csv(&self) -> String {
        let yes = |yes: bool| if yes { "yes" } else { "" };
        let line = |(unit, Entry { vacant, wishes }): (&Unit, &Entry)| {
            let hours = wishes.hours.map(|hours| format!("{}-{}", String::from(hours.from), String::from(hours.to)));
            let note = wishes.note.as_ref().map(|note| format!("\"{}\"", note.as_str().replace('"', "\"\"")));
            let (unit, covers) = (unit.as_str(), yes(wishes.shoe_covers));
            format!("{unit},{},{},{covers},{}\n", yes(*vacant), hours.unwrap_or_default(), note.unwrap_or_default())
        };
        let header = [UNIT[0], VACANT[0], HOURS[0], COVERS[0], NOTE[0]].join(",") + "\n";
        self.0.iter().map(line).fold(header, |text, line| text + &line)
    }
}

fn enter(units: &mut BTreeMap<Unit, Entry>, unit: Unit, entry: Entry) -> Result<(), &'static str> {
    if units.get(&unit).is_some_and(|known| *known != entry) {
        return Err("the unit stands twice, and the two lines do not say the same");
    }
    units.insert(unit, entry);
    Ok(())
}

/// Where in a line each column stands.
struct Columns {
    separator: char,
    unit: usize,
    building: Option<usize>,
    vacant: Option<usize>,
    hours: Option<usize>,
    covers: Option<usize>,
    note: Option<usize>,
}

impl Columns {
    /// `None` where no column is the unit.
    fn named(header: &str) -> Option<Self> {
        let separator = [',', ';', '\t'].into_iter().max_by_key(|c| header.matches(*c).count()).unwrap_or(',');
        let names = fields(header, separator).unwrap_or_default();
        let column = |of: &[&str]| names.iter().position(|name| of.contains(&name.to_lowercase().as_str()));
        Some(Columns {
            separator,
            unit: column(UNIT)?,
            building: column(BUILDING),
            vacant: column(VACANT),
            hours: column(HOURS),
            covers: column(COVERS),
            note: column(NOTE),
        })
    }

    fn entry(&self, line: &str) -> Result<(Unit, Entry), &'static str> {
        let fields = fields(line, self.separator).ok_or("a quote is not closed")?;
        let room = fields.get(self.unit).ok_or("has too few columns")?;
        // A column that is not there, and one that is empty, say nothing.
        let said = |at: Option<usize>| at.and_then(|at| fields.get(at)).map_or("", String::as_str);
        let unit = unit(room, said(self.building))?;
        let yes = |at, why| yes(said(at)).ok_or(why);
        let hours = Some(said(self.hours)).filter(|text| !text.is_empty());
        let hours = hours.map(|text| Hours::parse(text).ok_or("the contact hours are not such as 9:00-12:00"));
        let note = Some(said(self.note)).filter(|text| !text.is_empty());
        let note = note
            .map(|text| Text::parse(text).ok().filter(|note| (1..=MAX_NOTE).contains(&note.as_str().chars().count())));
        let note = note.map(|note| note.ok_or("the note for visits is too long (60 characters)"));
        let wishes = Wishes {
            hours: hours.transpose()?,
            shoe_covers: yes(self.covers, "\"shoe covers\" says neither yes nor no")?,
            note: note.transpose()?,
        };
        Ok((unit, Entry { vacant: yes(self.vacant, "\"vacant\" says neither yes nor no")?, wishes }))
    }
}

fn yes(text: &str) -> Option<bool> {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.contains(&text.as_str());
    if says(YES) { Some(true) } else { says(NO).then_some(false) }
}

fn unit(room: &str, building: &str) -> Result<Unit, &'static str> {
    let joined = if building.is_empty() { room.to_owned() } else { format!("{building}-{room}") };
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
    fn what_is_said_of_a_unit_is_read_and_reads_back() {
        let text = "房号,业主,空置,可联系时间,鞋套,上门须知\n1203,某某,,9：00～21:30,是,\"先按铃, 孩子\"\"睡\"\"\"\n1204,,空置\n1205,,否,,,\n";
        let directory = Directory::parse(text).unwrap();
        let of = |unit: &str| Unit::parse(unit).unwrap();
        assert_eq!(directory.vacant(), BTreeSet::from([of("1204")]));
        let wishes = directory.wishes(&of("1203")).unwrap();
        assert_eq!(wishes.hours, Some(Hours { from: LocalTime::new(9, 0), to: LocalTime::new(21, 30) }));
        assert_eq!((wishes.shoe_covers, wishes.note.as_ref().unwrap().as_str()), (true, "先按铃, 孩子\"睡\""));
        assert!(["1204", "1205", "9999"].iter().all(|unit| directory.wishes(&of(unit)).is_none()));
        let kept = directory.to_csv();
        assert!(!kept.contains("某某"), "{kept}");
        assert_eq!(Directory::parse(&kept), Ok(directory.clone()));
        assert!(!format!("{directory:?}").contains("孩子"), "a wish ends in no log");
    }

    #[test]
    fn a_word_that_is_neither_yes_nor_no_is_a_bad_line_and_so_are_two_lines_that_differ() {
        let bad = |text: &str| match Directory::parse(text) {
            Err(BadTable::Lines(lines)) => lines[0].why,
            other => panic!("{other:?}"),
        };
        assert!(bad("unit,vacant\n1203,maybe\n").contains("vacant"));
        assert!(bad("unit,鞋套\n1203,布的\n").contains("shoe covers"));
        assert!(bad("unit,contact hours\n1203,晚上\n").contains("contact hours"));
        assert!(bad(&format!("unit,上门须知\n1203,{}\n", "好".repeat(61))).contains("note"));
        assert!(bad("unit,vacant\n1203,yes\n1203,no\n").contains("twice"));
        assert!(Directory::parse("unit,vacant\n1203,yes\n1203,是\n").is_ok());
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
    fn the_largest_estate_fits_and_the_town_does_not() {
        let table = |units: usize| {
            (0..units).fold("unit\n".to_owned(), |text, n| text + &format!("{}-{}\n", n / 100 + 1, n % 100 + 1))
        };
        assert_eq!(Directory::parse(&table(MAX_UNITS)).unwrap().units().len(), MAX_UNITS);
        assert_eq!(Directory::parse(&table(1_000_000)), Err(BadTable::TooMany));
    }

    #[test]
    fn a_table_without_units_is_refused() {
        assert_eq!(Directory::parse("\n"), Err(BadTable::Empty));
        assert_eq!(Directory::parse("name,phone\nx,1\n"), Err(BadTable::NoUnitColumn));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_reads_back(text in "(unit|房号)[,;]?(vacant|鞋套|上门须知|联系时间)?[a-z0-9,;:\"\n某-]{0,80}") {
            if let Ok(read) = Directory::parse(&text) {
                prop_assert_eq!(Directory::parse(&read.to_csv()), Ok(read));
            }
        }
    }
}
