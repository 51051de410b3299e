//! A report as plain drawings: bars with an axis and their numbers, as SVG without a style of its own, so that it follows
//! the page's colours by day and by night. Pure: figures in, drawings out. Words stand in it as the names that the daemon
//! uses; the page puts its own language there (`data-word`), and shows the same numbers as a table.

use crate::service::report::{Measured, OfPromise, Report};
use serde::Serialize;
use std::fmt::Write;

/// A drawing's width in its own units, about that of a phone: the page scales it, and its words must stay readable there.
const WIDTH: f64 = 400.0;
/// Room for a row's numbers on the right of its bar. Its words stand above, where the longest has room.
const RIGHT: f64 = 80.0;
const ROW: f64 = 48.0;
const BAR: f64 = 16.0;
/// Height of a drawing over days, without its axis, and how many dates have room below it.
const HEIGHT: f64 = 150.0;
const DATES: usize = 6;
/// More bars than this are no picture any more; the table of the CSV has them all.
const MAX_ROWS: usize = 12;

/// One drawing with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// Names it; the page has a title for each.
    pub name: &'static str,
    /// What each number of a row is.
    pub heads: Vec<&'static str>,
    pub rows: Vec<Row>,
    pub svg: String,
}

/// A word of the page such as `matter.repair`, or a day, with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub word: String,
    pub numbers: Vec<f64>,
}

/// The drawings of a report, those that have something to show.
pub fn charts(report: &Report) -> Vec<Chart> {
    let promise = |of: &OfPromise| {
        let late = of.late.max(of.breached);
        row(format!("promise.{}", of.promise), &[of.kept.count.saturating_sub(of.late), late])
    };
    let matters = report.matters.iter().map(|of| row(format!("matter.{}", of.matter), &[of.opened, 0]));
    let calls = &report.calls;
    let calls = [("call.prompt", calls.prompt), ("call.answered", calls.answered.count), ("call.missed", calls.missed)];
    let calls = calls.into_iter().map(|(word, count)| {
        let late = if word == "call.missed" { [0, count] } else { [count, 0] };
        row(word.to_owned(), &late)
    });
    let minutes = |of: &Measured| of.mean / 60.0;
    let waits = report.tasks.iter().filter(|of| of.accepted.count > 0).map(|of| Row {
        word: format!("errand.{}", of.errand),
        numbers: vec![minutes(&of.accepted), minutes(&of.arrived)],
    });
    let stars =
        report.ratings.iter().map(|(of, rated)| Row { word: format!("rating.{of}"), numbers: vec![rated.mean] });
    let better = &report.improvements;
    let better = [
        ("improve.agreed", [better.opened, 0]),
        ("improve.done", [better.done, 0]),
        ("improve.closed", [better.closed, 0]),
        ("improve.reopened", [better.reopened, 0]),
        ("improve.overdue", [0, better.overdue]),
    ];
    let better = better.into_iter().map(|(word, counts)| row(word.to_owned(), &counts));
    let drawn = [
        by_day(report),
        bars(
            "matters",
            vec!["opened"],
            matters.map(|row| Row { numbers: vec![row.numbers[0]], ..row }).collect(),
            None,
        ),
        bars("promises", vec!["kept", "late"], report.promises.iter().map(promise).collect(), None),
        bars("calls", vec!["calls", "missed"], calls.collect(), None),
        bars("waits", vec!["accepted-minutes", "arrived-minutes"], waits.collect(), None),
        bars("improvements", vec!["count", "late"], better.collect(), None),
        bars("ratings", vec!["stars"], stars.collect(), Some(5.0)),
    ];
    drawn.into_iter().flatten().collect()
}

fn row(word: String, numbers: &[u64]) -> Row {
    // Counts of a quarter are far below the 2^53 up to which an f64 is exact.
    Row { word, numbers: numbers.iter().map(|number| *number as f64).collect() }
}

/// Rows of bars, the longest first; a second number is drawn behind the first one, in the colour of what went wrong.
fn bars(name: &'static str, heads: Vec<&'static str>, mut rows: Vec<Row>, full: Option<f64>) -> Option<Chart> {
    let sum = |row: &Row| row.numbers.iter().sum::<f64>();
    rows.retain(|row| sum(row) > 0.0);
    rows.sort_by(|one, other| sum(other).total_cmp(&sum(one)).then_with(|| one.word.cmp(&other.word)));
    rows.truncate(MAX_ROWS);
    let most = full.unwrap_or_else(|| rows.iter().map(sum).fold(0.0, f64::max));
    if rows.is_empty() || most <= 0.0 {
        return None;
    }
    let height = ROW * rows.len() as f64;
    let scale = (WIDTH - RIGHT) / most;
    let second = if heads.contains(&"late") || heads.contains(&"missed") { "late" } else { "second" };
    let mut svg = begun(name, height);
    for (index, row) in rows.iter().enumerate() {
        let top = ROW * index as f64 + 22.0;
        let base = top + BAR / 2.0 + 5.0;
        label(&mut svg, 0.0, top - 7.0, "start", "chart-text", &row.word);
        let mut from = 0.0;
        for (nth, number) in row.numbers.iter().enumerate().filter(|(_, number)| **number > 0.0) {
            let wide = number * scale;
            let class = if nth == 0 { "chart-bar".to_owned() } else { format!("chart-bar {second}") };
            rectangle(&mut svg, &class, [from, top, wide, BAR]);
            from += wide;
        }
        let said: Vec<String> = row.numbers.iter().map(|number| said(*number)).collect();
        text(&mut svg, from + 8.0, base, "start", "chart-number", &said.join(" / "));
    }
    svg.push_str("</svg>");
    Some(Chart { name, heads, rows, svg })
}

/// What came in on each day, and what was late, over an axis.
fn by_day(report: &Report) -> Option<Chart> {
    let days = &report.by_day;
    let most = days.iter().map(|day| day.opened.max(day.breached)).max().filter(|most| *most > 0 && days.len() > 1)?;
    let step = nice(most as f64 / 4.0);
    let top = (most as f64 / step).ceil() * step;
    let (left, wide) = (40.0, (WIDTH - 48.0) / days.len() as f64);
    let y = |number: f64| 12.0 + HEIGHT * (1.0 - number / top);
    let mut svg = begun("days", HEIGHT + 44.0);
    let mut tick = 0.0;
    while tick <= top {
        line(&mut svg, [left, y(tick), WIDTH, y(tick)]);
        text(&mut svg, left - 8.0, y(tick) + 5.0, "end", "chart-text", &said(tick));
        tick += step;
    }
    let every = days.len().div_ceil(DATES).max(1);
    for (index, day) in days.iter().enumerate() {
        let x = left + wide * index as f64;
        let bar = (wide * 0.7).max(1.0);
        let (opened, late) = (day.opened as f64, day.breached as f64);
        rectangle(&mut svg, "chart-bar", [x + wide * 0.15, y(opened), bar, HEIGHT + 12.0 - y(opened)]);
        rectangle(&mut svg, "chart-bar late", [x + wide * 0.15, y(late), bar, HEIGHT + 12.0 - y(late)]);
        if index % every == 0 {
            let date = day.day.format("%-m/%-d").to_string();
            text(&mut svg, x + wide / 2.0, HEIGHT + 34.0, "middle", "chart-text", &date);
        }
    }
    svg.push_str("</svg>");
    let rows = days.iter().map(|day| row(day.day.to_string(), &[day.opened, day.closed, day.breached])).collect();
    Some(Chart { name: "days", heads: vec!["opened", "closed", "late"], rows, svg })
}

/// The next of 1, 2, 5, 10, 20, …: steps that people count in. Never below one: what is counted is whole.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|nice| *nice >= step).unwrap_or(power * 10.0)
}

/// Whole numbers as they are, others with one digit.
fn said(number: f64) -> String {
    if number.fract().abs() < 0.05 { format!("{number:.0}") } else { format!("{number:.1}") }
}

fn begun(name: &str, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         <title data-word=\"report.{name}\">{name}</title>"
    )
}

// Writing to a string cannot fail.

fn rectangle(svg: &mut String, class: &str, [x, y, wide, high]: [f64; 4]) {
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" rx=\"2\"/>"
    );
}

fn line(svg: &mut String, [x1, y1, x2, y2]: [f64; 4]) {
    let _ = write!(svg, "<path class=\"chart-axis\" d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\"/>");
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, class: &str, words: &str) {
    let words = escaped(words);
    let _ = write!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>");
}

fn label(svg: &mut String, x: f64, y: f64, anchor: &str, class: &str, word: &str) {
    let (word, plain) = (escaped(word), escaped(word.split_once('.').map_or(word, |(_, plain)| plain)));
    let _ = write!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" data-word=\"{word}\">{plain}</text>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::period::Period;
    use crate::service::report::{OfDay, OfMatter};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn report() -> Report {
        let mut report = Report::of(Period::Month(day("2026-11-21")), &[]);
        for (index, of) in report.by_day.iter_mut().enumerate() {
            *of = OfDay { opened: index as u64, breached: index as u64 / 7, ..of.clone() };
        }
        let of = |matter: &str, opened| OfMatter { matter: matter.into(), opened, closed: Measured::default() };
        report.matters = vec![of("repair", 12), of("visit", 240), of("complaint", 0)];
        report
    }

    #[test]
    fn a_month_without_anything_draws_nothing() {
        assert_eq!(charts(&Report::of(Period::Month(day("2026-11-21")), &[])), []);
    }

    #[test]
    fn the_longest_bar_is_first_and_what_did_not_happen_is_left_out() {
        let charts = charts(&report());
        let matters = charts.iter().find(|chart| chart.name == "matters").unwrap();
        let words: Vec<&str> = matters.rows.iter().map(|row| row.word.as_str()).collect();
        assert_eq!(words, ["matter.visit", "matter.repair"]);
        assert!(matters.svg.contains(">240<") && matters.svg.contains("data-word=\"matter.repair\""));
    }

    #[test]
    fn a_drawing_has_a_title_its_numbers_and_no_style_of_its_own() {
        for chart in charts(&report()) {
            assert!(chart.svg.contains("<title") && chart.svg.ends_with("</svg>"), "{}", chart.name);
            assert!(!chart.svg.contains("style") && !chart.svg.contains("NaN") && !chart.svg.contains("inf"));
            assert!(chart.rows.iter().all(|row| row.numbers.len() == chart.heads.len()), "{}", chart.name);
        }
    }

    #[test]
    fn an_axis_counts_in_steps_that_people_count_in() {
        assert_eq!([0.3, 1.0, 1.2, 2.5, 7.0, 11.0, 260.0].map(nice), [1.0, 1.0, 2.0, 5.0, 10.0, 20.0, 500.0]);
    }

    #[test]
    fn words_of_a_report_never_become_markup() {
        assert_eq!(escaped("<b>\"&"), "&lt;b&gt;&quot;&amp;");
    }
}
