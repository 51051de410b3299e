//! Measuring and breaking text. Lines break by UAX #14, so that no ， begins a line; a word that is longer than its
//! line is cut between characters. It never drops text without an ellipsis.

use super::glyphs::{Face, Faces};
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
    for (at, opportunity) in linebreaks(text) {
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
        for room in 60..400 {
            for line in lines(&faces, Face::Regular, 24, text, room) {
                let first = line.chars().next().unwrap();
                assert!(!"，。？！、".contains(first), "{line} at {room}");
            }
        }
    }

    proptest! {
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
            ellipsis(&faces, Face::Medium, 20, &text, room);
            ellipsis_before(&faces, Face::Medium, 20, &text, room);
        }
    }
}
