//! Measuring and breaking text. Lines break by UAX #14, so that no ， begins a line, but never within a Korean word, a word
//! in quotes, or one of [`WORDS`]; a word that is longer than its line is cut between characters. It never drops text without
//! an ellipsis.

use super::glyphs::{Face, Faces, Type};
use unicode_linebreak::{BreakOpportunity, linebreaks};

/// Width of one line in pixels, rounded up.
pub fn width(faces: &Faces, face: Face, size: u16, text: &str) -> i32 {
    let face = faces.get(face);
    let ems: f32 = text.chars().map(|c| face.advance(c)).sum();
    (ems * f32::from(size)).ceil() as i32
}

/// The text in lines no wider than `room`. Spaces at a break are dropped.
pub fn lines<'a>(faces: &Faces, face: Face, size: u16, text: &'a str, room: i32) -> Vec<&'a str> {
    // An empty rest is never wider than its line: what makes the loop below end.
    let room = room.max(0);
    let mut lines = Vec::new();
    let (mut start, mut fitted) = (0, 0);
    for (at, opportunity) in breaks(text) {
        if fitted > start && width(faces, face, size, text[start..at].trim_end()) > room {
            lines.push(text[start..fitted].trim_end());
            start = fitted;
        }
        while width(faces, face, size, text[start..at].trim_end()) > room {
            let cut = start + prefix(faces, face, size, &text[start..at], room);
            lines.push(&text[start..cut]);
            start = cut;
        }
        fitted = at;
        if opportunity == BreakOpportunity::Mandatory && at > start {
            lines.push(text[start..at].trim_end());
            start = at;
        }
    }
    lines
}

/// [`lines`] for reading: where the last of them would hold a character or two, as the 户。 of a long paragraph, it gets some
/// of the line before.
pub fn text_lines<'a>(faces: &Faces, face: Face, size: u16, text: &'a str, room: i32) -> Vec<&'a str> {
    let mut lines = lines(faces, face, size, text, room);
    if let [.., before, last] = lines[..]
        && width(faces, face, size, last) < i32::from(size) * ORPHAN
    {
        // Both are parts of the text: where the line before begins in it.
        let from = before.as_ptr() as usize - text.as_ptr() as usize;
        let even = even_lines(faces, face, size, &text[from..], room);
        lines.truncate(lines.len() - 2);
        lines.extend(even);
    }
    lines
}

/// A last line that is shorter, in characters, stands alone.
const ORPHAN: i32 = 3;

/// Most lines that are worth evening out: longer texts are read as text, not looked at.
const EVEN: usize = 4;
/// What a break costs that tears a sentence, against the square of what a line leaves empty: little between words, more
/// where Chinese, which marks no words, may be torn within one.
const BETWEEN_WORDS: f32 = 0.02;
const WITHIN: f32 = 0.08;

/// [`lines`], as many of them, but of like length and broken after a comma or a full stop where that is possible: no last
/// line of one character, as on a question that ended in 户？.
pub fn even_lines<'a>(faces: &Faces, face: Face, size: u16, text: &'a str, room: i32) -> Vec<&'a str> {
    let greedy = lines(faces, face, size, text, room);
    if greedy.len() > EVEN {
        return text_lines(faces, face, size, text, room);
    }
    if greedy.len() < 2 {
        return greedy;
    }
    let breaks: Vec<_> = breaks(text).collect();
    let forced = breaks.iter().filter(|(_, opportunity)| *opportunity == BreakOpportunity::Mandatory).count();
    // The end of the text counts as one.
    if forced > 1 {
        return greedy;
    }
    let at: Vec<usize> = std::iter::once(0).chain(breaks.iter().map(|(at, _)| *at)).collect();
    let line = |from: usize, to: usize| text[at[from]..at[to]].trim_end();
    let ems = ems_before(faces.get(face), text);
    let cost = |from: usize, to: usize| {
        let used = (ems[at[from] + line(from, to).len()] - ems[at[from]]) * f32::from(size);
        let empty = 1.0 - used.ceil() / room as f32;
        let torn = if at[to] == text.len() { 0.0 } else { tear(&text[..at[to]]) };
        (empty >= 0.0).then_some(empty * empty + torn)
    };
    // ways[n][to]: the least cost of n lines that end at the break `to`, and the break where the last of them begins.
    let mut ways: Vec<Vec<Option<(f32, usize)>>> =
        vec![(0..at.len()).map(|to| (to == 0).then_some((0.0, 0))).collect()];
    for so_far in 0..greedy.len() {
        let reach = |to: usize| {
            let ways = (0..to).filter_map(|from| Some((ways[so_far][from]?.0 + cost(from, to)?, from)));
            ways.min_by(|one, other| one.0.total_cmp(&other.0))
        };
        let longer = (0..at.len()).map(reach).collect();
        ways.push(longer);
    }
    let mut even = Vec::new();
    let mut to = at.len() - 1;
    for step in ways[1..].iter().rev() {
        // None: a word is longer than a line and had to be cut.
        let Some((_, from)) = step[to] else { return greedy };
        even.push(line(from, to));
        to = from;
    }
    even.reverse();
    even
}

/// For each byte at which a character begins, and the end, the width of what is before it. Measuring every possible line by
/// itself would cost more than drawing it.
fn ems_before(face: &Type, text: &str) -> Vec<f32> {
    let mut ems = vec![0.0; text.len() + 1];
    let mut width = 0.0;
    for (at, c) in text.char_indices() {
        ems[at] = width;
        width += face.advance(c);
    }
    ems[text.len()] = width;
    ems
}

/// What it costs to break after this beginning.
fn tear(before: &str) -> f32 {
    match before.trim_end().chars().next_back() {
        Some(c) if "，。；：？！、,.;:?!」）)”".contains(c) => 0.0,
        _ if before.ends_with(' ') => BETWEEN_WORDS,
        _ => WITHIN,
    }
}

/// What people look for on the glass, and what reads badly when it is torn: 服务中 at the end of one line, 心 at the beginning of
/// the next. Chinese and Japanese mark no words, and a dictionary would be larger than the rest of the kiosk.
const WORDS: [&str; 39] = [
    "休息",
    "服务中心",
    "服務中心",
    "人工帮助",
    "人工協助",
    "紧急求助",
    "緊急求助",
    "手机号",
    "手機號",
    "号码",
    "號碼",
    "电话",
    "電話",
    "電話番号",
    "身份证",
    "身份證",
    "医保卡",
    "醫保卡",
    "钥匙",
    "鑰匙",
    "前台",
    "前臺",
    "保安",
    "师傅",
    "師傅",
    "电梯",
    "電梯",
    "门厅",
    "門廳",
    "离开",
    "離開",
    "工程部",
    "座位",
    "名片",
    "显示",
    "顯示",
    "口讯",
    "口訊",
    "連絡",
];
/// Most characters of what stands in quotes and is not torn: the name of a button.
const QUOTED: usize = 14;

/// The parts of the text that are not torn, in bytes.
fn whole(text: &str) -> Vec<(usize, usize)> {
    let words = WORDS.iter().flat_map(|word| text.match_indices(word)).map(|(at, word)| (at, at + word.len()));
    let quotes = [('“', '”'), ('「', '」'), ('"', '"')];
    let quoted = quotes.into_iter().filter_map(|(open, close)| {
        let from = text.find(open)?;
        let said = &text[from + open.len_utf8()..];
        let length = said.find(close)?;
        let short = said[..length].chars().count() <= QUOTED;
        short.then(|| (from, from + open.len_utf8() + length + close.len_utf8()))
    });
    words.chain(quoted).collect()
}

/// Where a line may end: UAX #14, but Korean is written with spaces and breaks only there, as its readers expect; a number
/// stays with the next part of it, as in 400 000 0000, and with what it counts, as in 23 日; and some words stay whole.
fn breaks(text: &str) -> impl Iterator<Item = (usize, BreakOpportunity)> {
    let is_hangul = |c: char| ('가'..='힣').contains(&c);
    let is_counter = |c: char| c.is_ascii_digit() || ('一'..='鿿').contains(&c);
    let whole = whole(text);
    linebreaks(text).filter(move |(at, opportunity)| {
        let (before, after) = text.split_at(*at);
        let torn = whole.iter().any(|(from, to)| from < at && at < to)
            || before.ends_with(is_hangul) && after.starts_with(is_hangul)
            || before.trim_end_matches(' ').ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(is_counter);
        *opportunity == BreakOpportunity::Mandatory || !torn
    })
}

/// Bytes of the longest beginning that fits; at least one character, so that breaking always moves on.
fn prefix(faces: &Faces, face: Face, size: u16, text: &str, room: i32) -> usize {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let fits = |end: &usize| width(faces, face, size, &text[..*end]) <= room;
    text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(fits).last().unwrap_or(first)
}

/// The text, or as much of its beginning as fits with an ellipsis.
pub fn ellipsis(faces: &Faces, face: Face, size: u16, text: &str, room: i32) -> String {
    if width(faces, face, size, text) <= room {
        return text.to_owned();
    }
    let dots = width(faces, face, size, "…");
    let keep = prefix(faces, face, size, text, room - dots);
    format!("{}…", &text[..keep])
}

/// The text, or as much of its end as fits with an ellipsis: what somebody types stays in sight.
pub fn ellipsis_before(faces: &Faces, face: Face, size: u16, text: &str, room: i32) -> String {
    if width(faces, face, size, text) <= room {
        return text.to_owned();
    }
    let dots = width(faces, face, size, "…");
    let fits = |at: &usize| width(faces, face, size, &text[*at..]) + dots <= room;
    let keep = text.char_indices().map(|(at, _)| at).find(fits).unwrap_or(text.len());
    format!("…{}", &text[keep..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_line_begins_with_a_closing_mark() {
        let faces = Faces::default();
        let text = "请稍等，我帮您找那位女士。您可以在座位上休息，有了回音我会在这里告诉您。Thank you, please wait.";
        // In less room than three characters, 休息， itself has to be cut.
        for room in 3 * 24..400 {
            for line in lines(&faces, Face::Regular, 24, text, room) {
                let first = line.chars().next().unwrap();
                assert!(!"，。？！、".contains(first), "{line} at {room}");
            }
        }
    }

    #[test]
    fn no_question_ends_in_a_line_of_one_character() {
        let faces = Faces::default();
        let broken = |text, room| even_lines(&faces, Face::Medium, 30, text, room);
        assert_eq!(broken("您辛苦了，请问送给哪一户？", 360), ["您辛苦了，", "请问送给哪一户？"]);
        assert_eq!(broken("请留一个手机号码，方便答复您", 360), ["请留一个手机号码，", "方便答复您"]);
        assert_eq!(broken("A line that is wide enough", 1000), ["A line that is wide enough"]);
    }

    #[test]
    fn the_name_of_a_button_and_the_service_centre_are_not_torn() {
        let faces = Faces::default();
        // 点“人工帮助”， is 240 wide: its quotes stay with what is beside them.
        for room in 240..500 {
            for (text, word) in [
                ("要是您还没有拿到，请点“人工帮助”，我们马上帮您查。", "“人工帮助”"),
                ("Or touch \"Staff help\" and we help you at once.", "\"Staff help\""),
                ("請您先坐下休息，服務中心會與 3 座 1203 室聯絡。", "服務中心"),
            ] {
                let lines = even_lines(&faces, Face::Regular, 30, text, room);
                assert!(lines.iter().any(|line| line.contains(word)), "{lines:?} at {room}");
            }
        }
    }

    #[test]
    fn no_paragraph_ends_in_a_line_of_one_character() {
        let faces = Faces::default();
        let text = "楼道照明、电梯、水泵和大堂的水电是公共水电，按建筑面积分摊到每一户。";
        let greedy = lines(&faces, Face::Regular, 30, text, 482);
        assert_eq!(greedy.last(), Some(&"户。"), "what would be");
        let read = text_lines(&faces, Face::Regular, 30, text, 482);
        assert_eq!(read.len(), greedy.len());
        assert_eq!(read.concat(), text);
        assert!(read.last().unwrap().chars().count() > 3, "{read:?}");
    }

    #[test]
    fn korean_breaks_between_words() {
        let faces = Faces::default();
        let text = "장소와 전화번호를 알려 주세요";
        for room in 150..400 {
            for line in lines(&faces, Face::Medium, 30, text, room) {
                assert!(text.split(' ').any(|word| line.ends_with(word)), "{line} at {room}");
            }
        }
    }

    #[test]
    fn a_number_is_not_torn() {
        let faces = Faces::default();
        for room in 200..500 {
            for line in lines(&faces, Face::Regular, 24, "也可以拨打服务中心电话 400 000 0000，11月23日", room)
            {
                assert!(!line.ends_with(|c: char| c.is_ascii_digit()) || line.ends_with("0000"), "{line} at {room}");
            }
        }
    }

    proptest! {
        #[test]
        fn even_lines_are_as_many_and_keep_every_character(text in "[a-z 王小明，。]{0,60}", room in 1..400i32) {
            let faces = Faces::default();
            let (greedy, even) = (lines(&faces, Face::Regular, 20, &text, room), even_lines(&faces, Face::Regular, 20, &text, room));
            prop_assert_eq!(greedy.len(), even.len());
            let bare = |lines: &[&str]| lines.concat().replace(' ', "");
            prop_assert_eq!(bare(&greedy), bare(&even));
        }

        #[test]
        fn breaking_keeps_every_character_but_spaces(text in "[a-z 王小明，。]{0,60}", room in 1..400i32) {
            let faces = Faces::default();
            let joined: String = lines(&faces, Face::Regular, 20, &text, room).concat();
            let bare = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(bare(&joined), bare(&text));
        }

        #[test]
        fn any_text_can_be_measured_broken_and_cut(text in any::<String>(), room in -5..400i32) {
            let faces = Faces::default();
            lines(&faces, Face::Medium, 20, &text, room);
            even_lines(&faces, Face::Medium, 20, &text, room);
            ellipsis(&faces, Face::Medium, 20, &text, room);
            ellipsis_before(&faces, Face::Medium, 20, &text, room);
        }
    }
}
