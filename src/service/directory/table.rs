//! The directory as a table (CSV), as a property office exports it, for a site whose office has no system: units, where nobody lives,
//! what households ask for, and, only if it is wanted, whom to call there. No other column leaves this parser.

use super::{Host, Hours, Household, Language, MAX_HOSTS_EACH, MAX_NOTE, MAX_UNITS, Wishes};
use crate::service::contact::{Name, Phone, Text, Unclear, Unit};
use crate::service::local_time::LocalTime;
use std::collections::BTreeMap;

/// Bad lines that are named; a file with more is the wrong file.
pub const MAX_BAD: usize = 50;

/// What the columns are called, in lower case.
const UNIT: &[&str] = &["unit", "room", "flat", "房号", "房间", "房屋"];
/// The entrance in 3栋1单元1203, and the flat itself where no other column is one: people say it of both.
const ENTRANCE: &[&str] = &["单元", "单元号"];
const BUILDING: &[&str] = &["building", "block", "tower", "楼栋", "楼号", "栋", "幢"];
const VACANT: &[&str] = &["vacant", "空置", "空置房"];
const HOURS: &[&str] = &["contact hours", "联系时间", "可联系时间"];
const COVERS: &[&str] = &["shoe covers", "鞋套"];
/// Not 备注: what offices write in that column is not meant for whoever comes.
const NOTE: &[&str] = &["note for visits", "上门须知"];

const NAME: &[&str] = &["host", "resident", "name", "住户", "业主", "姓名"];
const PHONE: &[&str] = &["phone", "mobile", "电话", "手机", "手机号", "联系电话"];
const LANGUAGE: &[&str] = &["language", "语言"];

const YES: &[&str] = &["yes", "y", "true", "1", "是", "有", "空置", "需要", "√"];
const NO: &[&str] = &["", "no", "n", "false", "0", "否", "无", "不", "不需要"];

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
    /// As [`UNIT`] and [`ENTRANCE`] write them.
    #[error("line 1 names two columns of which each would be the unit, {0} and {1}: leave one of them out")]
    TwoUnitColumns(&'static str, &'static str),
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

/// Whether names and phone numbers are taken from a table that has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hosts {
    Taken,
    LeftOut,
}

/// Reads a table. Commas, semicolons or tabs part its columns; empty lines do not count; a unit that stands on several lines is one, and
/// each of them may name a host.
///
/// # Errors
/// When any line is bad: half a list would turn away visitors of the other half.
pub fn parse(text: &str, hosts: Hosts) -> Result<Vec<Household>, BadTable> {
    // Excel begins "CSV UTF-8" with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (_, header) = lines.next().ok_or(BadTable::Empty)?;
    let columns = Columns::named(header, hosts)?;
    let (mut units, mut bad) = (BTreeMap::new(), Vec::new());
    for (index, line) in lines {
        if let Err(why) = columns.household(line).and_then(|household| enter(&mut units, household)) {
            bad.push(BadLine { line: index + 1, why });
        }
        if bad.len() >= MAX_BAD {
            break;
        }
        if units.len() > MAX_UNITS {
            return Err(BadTable::TooMany);
        }
    }
    if bad.is_empty() { Ok(units.into_values().collect()) } else { Err(BadTable::Lines(bad)) }
}

fn enter(units: &mut BTreeMap<Unit, Household>, new: Household) -> Result<(), &'static str> {
    let Some(known) = units.get_mut(&new.unit) else {
        units.insert(new.unit.clone(), new);
        return Ok(());
    };
    if (known.vacant, &known.wishes) != (new.vacant, &new.wishes) {
        return Err("the unit stands twice, and the two lines do not say the same");
    }
    let more = new.hosts.into_iter().filter(|host| !known.hosts.contains(host)).collect::<Vec<_>>();
    known.hosts.extend(more);
    if known.hosts.len() > MAX_HOSTS_EACH { Err("the unit has more than 20 hosts") } else { Ok(()) }
}

/// Where in a line each column stands.
struct Columns {
    separator: char,
    unit: usize,
    building: Option<usize>,
    entrance: Option<usize>,
    vacant: Option<usize>,
    hours: Option<usize>,
    covers: Option<usize>,
    note: Option<usize>,
    name: Option<usize>,
    phone: Option<usize>,
    language: Option<usize>,
}

impl Columns {
    fn named(header: &str, hosts: Hosts) -> Result<Self, BadTable> {
        let separator = [',', ';', '\t'].into_iter().max_by_key(|c| header.matches(*c).count()).unwrap_or(',');
        let names = fields(header, separator).unwrap_or_default();
        let column = |of: &[&str]| names.iter().position(|name| of.contains(&name.to_lowercase().as_str()));
        let of_hosts = |of: &[&str]| column(of).filter(|_| hosts == Hosts::Taken);
        // An entrance that is taken for the flat makes one unit of all its flats, and nobody who visits them is let in.
        let (unit, entrance) = match (only(&names, UNIT)?, only(&names, ENTRANCE)?) {
            (Some(unit), entrance) => (unit, entrance),
            (None, Some(unit)) => (unit, None),
            (None, None) => return Err(BadTable::NoUnitColumn),
        };
        Ok(Columns {
            separator,
            unit,
            building: column(BUILDING),
            entrance,
            vacant: column(VACANT),
            hours: column(HOURS),
            covers: column(COVERS),
            note: column(NOTE),
            name: of_hosts(NAME),
            phone: of_hosts(PHONE),
            language: of_hosts(LANGUAGE),
        })
    }

    fn household(&self, line: &str) -> Result<Household, &'static str> {
        let fields = fields(line, self.separator).ok_or("a quote is not closed")?;
        let room = fields.get(self.unit).ok_or("has too few columns")?;
        // A column that is not there, and one that is empty, say nothing.
        let said = |at: Option<usize>| at.and_then(|at| fields.get(at)).map_or("", String::as_str);
        let unit = unit([said(self.building), said(self.entrance), room])?;
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
        let vacant = yes(self.vacant, "\"vacant\" says neither yes nor no")?;
        let host = host(said(self.name), said(self.phone), said(self.language))?;
        Ok(Household { unit, vacant, wishes, hosts: host.into_iter().collect() })
    }
}

/// The column that is called so. Of two that are, each might be the right one.
fn only(names: &[String], of: &'static [&'static str]) -> Result<Option<usize>, BadTable> {
    let word = |name: &String| of.iter().copied().find(|word| *word == name.to_lowercase());
    let mut called = names.iter().enumerate().filter_map(|(at, name)| Some((at, word(name)?)));
    match (called.next(), called.next()) {
        (Some((_, one)), Some((_, other))) => Err(BadTable::TwoUnitColumns(one, other)),
        (found, _) => Ok(found.map(|(at, _)| at)),
    }
}

/// Whom to call, where the line names somebody.
fn host(name: &str, phone: &str, language: &str) -> Result<Option<Host>, &'static str> {
    if name.is_empty() {
        return Ok(None);
    }
    let name = Name::parse(name).map_err(|_| "the name is too long, or none")?;
    let phone = Some(phone).filter(|phone| !phone.is_empty()).map(Phone::parse);
    let language = Some(language).filter(|language| !language.is_empty()).map(Language::parse);
    Ok(Some(Host {
        name,
        phone: phone.transpose().map_err(|_| "the phone number is none, or more than one")?,
        language: language.map(|language| language.ok_or("the language is not a tag such as zh-Hans")).transpose()?,
    }))
}

fn yes(text: &str) -> Option<bool> {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.contains(&text.as_str());
    if says(YES) { Some(true) } else { says(NO).then_some(false) }
}

/// Building, entrance and room, of which only the room must be said.
fn unit(parts: [&str; 3]) -> Result<Unit, &'static str> {
    let [.., room] = parts;
    let joined = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let unit = if room.is_empty() { Err(Unclear::Empty) } else { Unit::parse(&joined) };
    unit.map_err(|unclear| match unclear {
        Unclear::Empty => "the unit is empty",
        Unclear::TooLong => "the unit is too long (16 characters with its building and 单元)",
        _ => "the unit, with its building and 单元, is not made of a-z, 0-9 and -, with a digit in it",
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

    fn read(text: &str) -> Vec<Household> {
        parse(text, Hosts::LeftOut).unwrap()
    }

    fn units(text: &str) -> Vec<String> {
        read(text).into_iter().map(|household| household.unit.as_str().to_owned()).collect()
    }

    #[test]
    fn tables_are_read_as_offices_export_them() {
        assert_eq!(units("unit\n1203\n1204\n"), ["1203", "1204"]);
        assert_eq!(units("\u{feff}楼栋,房号,业主\r\n3,1203,某某\r\nb2,0417,\r\n"), ["3-1203", "B2-0417"]);
        assert_eq!(units("\"Unit\";\"Building\"\n\"1203\";\"3\"\n\n1203;3\n"), ["3-1203"]);
    }

    #[test]
    fn the_entrance_stands_before_the_flat_and_is_one_where_no_other_column_is() {
        assert_eq!(units("楼栋,单元,房号\n3,1,1203\n3,1,1204\n3,2,1203\n"), ["3-1-1203", "3-1-1204", "3-2-1203"]);
        assert_eq!(units("房间,单元\n1203,b\n1204,\n"), ["1204", "B-1203"], "the order of columns says nothing");
        assert_eq!(units("楼栋,单元\n3,1203\n"), ["3-1203"]);
        let bad = |text: &str| match parse(text, Hosts::LeftOut) {
            Err(BadTable::Lines(lines)) => lines[0].why,
            other => panic!("{other:?}"),
        };
        assert!(bad("楼栋,单元,房号\n3,1单元,1203\n").contains("单元"));
        assert!(bad("楼栋,单元,房号\n3,1,\n").contains("empty"));
        assert!(bad("楼栋,单元,房号\ntower-3,east-1,1203\n").contains("too long"));
    }

    #[test]
    fn a_table_with_two_columns_for_the_unit_is_refused_and_both_are_named() {
        for (header, one, other) in
            [("Unit,Room", "unit", "room"), ("楼栋,房间,姓名,房号", "房间", "房号"), ("单元,单元", "单元", "单元")]
        {
            let error = parse(&format!("{header}\n1,2,3,4\n"), Hosts::Taken).unwrap_err();
            assert_eq!(error, BadTable::TwoUnitColumns(one, other));
            assert!(error.to_string().contains(one) && error.to_string().contains(other), "{error}");
        }
    }

    #[test]
    fn what_is_said_of_a_unit_is_read() {
        let text = "房号,业主,空置,可联系时间,鞋套,上门须知\n1203,某某,,9：00～21:30,是,\"先按铃, 孩子\"\"睡\"\"\"\n1204,,空置\n1205,,否,,,\n";
        let list = read(text);
        assert_eq!(list.iter().map(|household| household.vacant).collect::<Vec<_>>(), [false, true, false]);
        let wishes = &list[0].wishes;
        assert_eq!(wishes.hours, Some(Hours { from: LocalTime::new(9, 0), to: LocalTime::new(21, 30) }));
        assert_eq!((wishes.shoe_covers, wishes.note.as_ref().unwrap().as_str()), (true, "先按铃, 孩子\"睡\""));
        assert!(list[1].wishes.are_none() && list[2].wishes.are_none());
        assert!(!format!("{list:?}").contains("孩子"), "a wish ends in no log");
    }

    #[test]
    fn who_lives_there_is_taken_only_where_it_is_wanted() {
        let text = "房号,姓名,手机,语言\n1203,测试甲,13800000000,zh-Hans\n1203,测试乙,,en\n1203,测试乙,,en\n1204,,,\n";
        assert!(read(text).iter().all(|household| household.hosts.is_empty()));
        let list = parse(text, Hosts::Taken).unwrap();
        let names: Vec<_> = list[0].hosts.iter().map(|host| host.name.as_str()).collect();
        assert_eq!((names, list[1].hosts.len()), (vec!["测试甲", "测试乙"], 0));
        assert_eq!(list[0].hosts[0].phone.as_ref().unwrap().as_str(), "13800000000");
        let two = "房号,姓名,手机\n1203,测试甲,13800000000/13900000000\n";
        assert!(matches!(parse(two, Hosts::Taken), Err(BadTable::Lines(_))));
        assert!(parse(two, Hosts::LeftOut).is_ok());
    }

    #[test]
    fn a_word_that_is_neither_yes_nor_no_is_a_bad_line_and_so_are_two_lines_that_differ() {
        let bad = |text: &str| match parse(text, Hosts::LeftOut) {
            Err(BadTable::Lines(lines)) => lines[0].why,
            other => panic!("{other:?}"),
        };
        assert!(bad("unit,vacant\n1203,maybe\n").contains("vacant"));
        assert!(bad("unit,鞋套\n1203,布的\n").contains("shoe covers"));
        assert!(bad("unit,contact hours\n1203,晚上\n").contains("contact hours"));
        assert!(bad(&format!("unit,上门须知\n1203,{}\n", "好".repeat(61))).contains("note"));
        assert!(bad("unit,vacant\n1203,yes\n1203,no\n").contains("twice"));
        assert_eq!(units("unit,vacant\n1203,yes\n1203,是\n"), ["1203"]);
    }

    #[test]
    fn bad_lines_are_named_by_number_and_never_repeated() {
        let error = parse("unit,name\n1203,某某\n,李某\n某某,13800000000\n\"1204,x\n", Hosts::Taken).unwrap_err();
        let BadTable::Lines(lines) = &error else { panic!("{error}") };
        assert_eq!(lines.iter().map(|bad| bad.line).collect::<Vec<_>>(), [3, 4, 5]);
        let words = error.to_string();
        assert!(words.contains("line 3") && !words.contains('某') && !words.contains("138"), "{words}");
    }

    #[test]
    fn a_town_fits_and_a_city_does_not() {
        let table = |units: usize| {
            (0..units).fold("unit\n".to_owned(), |text, n| text + &format!("{}-{}\n", n / 100 + 1, n % 100 + 1))
        };
        assert_eq!(read(&table(MAX_UNITS)).len(), MAX_UNITS);
        assert_eq!(parse(&table(1_000_000), Hosts::LeftOut), Err(BadTable::TooMany));
    }

    #[test]
    fn a_table_without_units_is_refused() {
        assert_eq!(parse("\n", Hosts::Taken), Err(BadTable::Empty));
        assert_eq!(parse("name,phone\nx,1\n", Hosts::Taken), Err(BadTable::NoUnitColumn));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_is_good(text in "(unit|房号)[,;]?(vacant|鞋套|上门须知|联系时间|姓名|单元)?[a-z0-9,;:\"\n某-]{0,80}") {
            for household in parse(&text, Hosts::Taken).unwrap_or_default() {
                prop_assert_eq!(household.check(), Ok(()));
            }
        }
    }
}
