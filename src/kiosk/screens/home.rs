//! The first page: a greeting, the time, three doors (R174). It shows no name, unit or number (R236).

use super::{Door, Lobby, Shelf};
use crate::board::Role;
use crate::kiosk::Alarm;
use crate::kiosk::area::Area;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{MARGIN, Style};
use crate::kiosk::ui::{Align, Dress, Sign, Ui};
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

/// First day of the Chinese year in the Gregorian calendar: year, month, day. After the last one the hour alone decides.
const SPRING_FESTIVALS: &[(i32, u32, u32)] = &[
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
    (2031, 1, 23),
    (2032, 2, 11),
    (2033, 1, 31),
    (2034, 2, 19),
    (2035, 2, 8),
    (2036, 1, 28),
];

/// 中秋节, the fifteenth day of the eighth Chinese month.
const MID_AUTUMN: [(i32, u32, u32); 10] = [
    (2026, 9, 25),
    (2027, 9, 15),
    (2028, 10, 3),
    (2029, 9, 22),
    (2030, 9, 12),
    (2031, 10, 1),
    (2032, 9, 19),
    (2033, 9, 8),
    (2034, 9, 27),
    (2035, 9, 16),
];

/// Days that one says 新年好 from the first day of the Chinese year on.
const FESTIVAL_DAYS: i64 = 7;

/// R184-R187: by the time of day, by the noon band, and on holidays.
pub fn greeting(local: NaiveDateTime) -> Say {
    let date = local.date();
    let spring = |(year, month, day): &(i32, u32, u32)| {
        let first = NaiveDate::from_ymd_opt(*year, *month, *day);
        first.is_some_and(|first| (0..FESTIVAL_DAYS).contains(&date.signed_duration_since(first).num_days()))
    };
    if (date.month() == 1 && date.day() == 1) || SPRING_FESTIVALS.iter().any(spring) {
        return Say::GreetingNewYear;
    }
    // R187.
    match (date.month(), date.day()) {
        (12, 24 | 25) => return Say::GreetingChristmas,
        (5, 1) | (10, 1..=3) => return Say::GreetingHoliday,
        (month, day) if MID_AUTUMN.contains(&(date.year(), month, day)) => return Say::GreetingHoliday,
        _ => {}
    }
    match local.hour() {
        5..=10 => Say::GreetingMorning,
        11..=12 => Say::GreetingNoon,
        13..=17 => Say::GreetingAfternoon,
        _ => Say::GreetingEvening,
    }
}

pub fn draw(ui: &mut Ui, lobby: &Lobby) {
    let room = ui.around(Around::default());
    if ui.look.metrics.portrait() { portrait(ui, room, lobby) } else { landscape(ui, room, lobby) }
}

fn landscape(ui: &mut Ui, room: Room, lobby: &Lobby) {
    let p = ui.palette();
    let bar = Area::new(room.whole.x, 0, ui.px(400), room.whole.y);
    place(ui, bar, lobby);
    let mut area = room.whole;
    let mut line = area.cut_top(ui.px(48));
    let clock = line.cut_right(ui.width(&time(lobby.local), Style::Title) + ui.px(12));
    ui.line(clock, &time(lobby.local), Style::Title, p.ink, Align::Right);
    let day = date(ui, lobby.local);
    let date = line.cut_right(ui.width(&day, Style::Caption) + ui.px(4));
    ui.line(date, &day, Style::Caption, p.muted, Align::Right);
    line.cut_right(ui.px(16));
    greet(ui, line, lobby);
    area.cut_top(ui.px(16));
    let row = area.cut_bottom(ui.px(72));
    area.cut_bottom(ui.px(16));
    doors(ui, lobby, &area.grid(3, 1, ui.px(16)), ui.px(40));
    controls(ui, lobby, row);
}

fn portrait(ui: &mut Ui, room: Room, lobby: &Lobby) {
    let p = ui.palette();
    let margin = ui.px(MARGIN);
    let mut bar = Area::new(margin, 0, ui.scene.bounds.w - 2 * margin, room.whole.y);
    // An alarm needs the whole line.
    if lobby.alarm.is_none() {
        let day = date(ui, lobby.local);
        let date = bar.cut_right(ui.width(&day, Style::Caption));
        ui.line(date, &day, Style::Caption, p.muted, Align::Right);
        bar.cut_right(margin);
    }
    place(ui, bar, lobby);
    let mut area = room.whole;
    let row = area.cut_bottom(ui.px(140));
    area.cut_bottom(ui.px(16));
    let cards = area.cut_bottom(ui.px(3 * 104 + 24));
    area.cut_bottom(ui.px(12));
    let question = area.cut_bottom(ui.px(48));
    ui.line(question, &ui.say(Say::HomeQuestion), Style::Body, p.muted, Align::Left);
    area.cut_top(ui.px(16));
    let mut clock = area.cut_top(ui.px(56));
    // The row below has room for three.
    if ui.look.aloud.is_some() {
        let place = clock.cut_right(ui.px(72));
        ui.switch(place.middle(place.w, ui.px(48)), Press::Aloud);
    }
    ui.line(clock, &time(lobby.local), Style::Number, p.ink, Align::Left);
    greet(ui, area.cut_top(ui.px(56)), lobby);
    doors(ui, lobby, &cards.grid(1, 3, ui.px(12)), ui.px(144));
    controls(ui, lobby, row);
}

/// `taken` of each card's width is not for its words.
fn doors(ui: &mut Ui, lobby: &Lobby, cells: &[Area], taken: i32) {
    let width = cells[0].w - taken;
    let entries: Vec<_> = Door::on(Shelf::Home, lobby).into_iter().map(|door| (door, door.entry())).collect();
    let words: Vec<_> = entries.iter().map(|(_, entry)| ui.say(entry.word)).collect();
    let hints: Vec<_> = entries.iter().map(|(_, entry)| ui.say(entry.hint)).collect();
    ui.share(Style::Question, width, &words);
    // Hints of one line each keep the words on one height.
    ui.share(Style::Caption, width, &hints);
    for (n, (cell, (door, entry))) in cells.iter().zip(&entries).enumerate() {
        let dress = if n == 0 { Dress::Primary } else { Dress::Quiet };
        ui.card(*cell, Press::Open(*door), entry.id, entry.icon, (&words[n], &hints[n]), dress);
    }
    ui.unshare();
}

fn greet(ui: &mut Ui, area: Area, lobby: &Lobby) {
    let (text, ink) = (ui.say(greeting(lobby.local)), ui.palette().ink);
    ui.line(area, &text, Style::Title, ink, Align::Left);
    ui.part(Role::Heading, "greeting", text, area);
}

/// Sign out, language, text size.
fn controls(ui: &mut Ui, lobby: &Lobby, row: Area) {
    let portrait = ui.look.metrics.portrait();
    let (size_icon, size) = ui.text_size();
    let mut controls: Vec<_> = Door::on(Shelf::Row, lobby)
        .into_iter()
        .map(|door| (Press::Open(door), door.entry().id, door.entry().icon, ui.say(door.entry().word).into_owned()))
        .collect();
    controls.push((Press::Language, "language", Icon::Language, ui.say(Say::Language).into_owned()));
    if ui.look.aloud.is_some() && !portrait {
        let (icon, word) = ui.voice();
        controls.push((Press::Aloud, "aloud", icon, word));
    }
    controls.push((Press::Large, "large", size_icon, size));
    let count = controls.len() as i32;
    // Four abreast would be too narrow for their words on a standing glass.
    let (columns, rows) = if portrait { (2, (count + 1) / 2) } else { (count, 1) };
    let cells = row.grid(columns, rows, ui.px(if portrait { 12 } else { 16 }));
    // Beyond four the picture stands over its word.
    let above = columns > 4;
    let taken = ui.px(if above { 8 } else { 56 });
    let labels: Vec<_> = controls.iter().map(|control| &control.3).collect();
    ui.share(Style::Body, cells[0].w - taken, &labels);
    for (cell, (press, id, icon, label)) in cells.iter().zip(&controls) {
        if above {
            ui.tile(*cell, *press, &Sign { id, icon: *icon, label, note: None }, Dress::Quiet);
        } else {
            ui.button(*cell, *press, id, Some(*icon), label, Dress::Quiet);
        }
    }
    ui.unshare();
}

/// Where one is; or, until it is mended, what is wrong with this machine.
fn place(ui: &mut Ui, area: Area, lobby: &Lobby) {
    let p = ui.palette();
    let alarm = match lobby.alarm {
        None => {
            ui.cut_line(area, lobby.settings.name(lobby.language), Style::Caption, p.muted);
            return;
        }
        Some(Alarm::CannotStore) => Say::AlarmCannotStore,
        Some(Alarm::Recovered) => Say::AlarmRecovered,
    };
    let words = ui.say(alarm);
    ui.line(area, &words, Style::Caption, p.danger, Align::Left);
    ui.part(Role::Text, "alarm", words, area);
}

fn time(local: NaiveDateTime) -> String {
    local.format("%H:%M").to_string()
}

fn date(ui: &Ui, local: NaiveDateTime) -> String {
    let index = local.weekday().num_days_from_monday() as usize;
    let names = ui.say(Say::Weekdays);
    // A word each, or a character each.
    let mut words = names.split(' ');
    let weekday = if names.contains(' ') {
        words.nth(index).map(String::from)
    } else {
        names.chars().nth(index).map(String::from)
    };
    let (month, day) = (local.month().to_string(), local.day().to_string());
    let values = [("month", &*month), ("day", &*day), ("weekday", weekday.as_deref().unwrap_or(""))];
    ui.look.words.with(Say::Weekday, &values).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i32, month: u32, day: u32, hour: u32) -> Say {
        greeting(NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(hour, 30, 0).unwrap())
    }

    #[test]
    fn the_greeting_follows_the_hour_and_the_holidays() {
        assert_eq!(at(2026, 11, 21, 9), Say::GreetingMorning);
        assert_eq!(at(2026, 11, 21, 12), Say::GreetingNoon);
        assert_eq!(at(2026, 11, 21, 15), Say::GreetingAfternoon);
        assert_eq!(at(2026, 11, 21, 23), Say::GreetingEvening);
        assert_eq!(at(2027, 1, 1, 9), Say::GreetingNewYear);
        assert_eq!(at(2027, 2, 6, 9), Say::GreetingNewYear);
        assert_eq!(at(2027, 2, 12, 9), Say::GreetingNewYear);
        assert_eq!(at(2027, 2, 13, 9), Say::GreetingMorning);
        assert_eq!(at(2027, 2, 5, 9), Say::GreetingMorning);
        assert_eq!(at(2026, 12, 25, 9), Say::GreetingChristmas);
        assert_eq!(at(2027, 10, 1, 15), Say::GreetingHoliday);
        assert_eq!(at(2027, 9, 15, 20), Say::GreetingHoliday);
        assert_eq!(at(2027, 9, 16, 20), Say::GreetingEvening);
    }
}
