//! Latin letters as a keyboard without accents has them: Wáng is wang. Only ü is more than a mark on a letter: pinyin has both lu and lü, and
//! whoever has no ü writes it in one of three ways.

/// Letters with marks, by what they are without.
const MARKED: [(&str, &str); 28] = [
    ("a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ("ae", "æ"),
    ("b", "ḃḅḇ"),
    ("c", "çćĉċčḉ"),
    ("d", "ďḋḍḏḑḓđ"),
    ("e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ("f", "ḟ"),
    ("g", "ĝğġģǧǵḡ"),
    ("h", "ĥȟḣḥḧḩḫẖħ"),
    ("i", "ìíîïĩīĭįǐȉȋḭḯỉịı"),
    ("j", "ĵǰ"),
    ("k", "ķǩḱḳḵ"),
    ("l", "ĺļľḷḹḻḽł"),
    ("m", "ḿṁṃ"),
    ("n", "ñńņňǹṅṇṉṋ"),
    ("o", "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợø"),
    ("oe", "œ"),
    ("p", "ṕṗ"),
    ("r", "ŕŗřȑȓṙṛṝṟ"),
    ("s", "śŝşšșṡṣṥṧṩ"),
    ("ss", "ß"),
    ("t", "ţťțṫṭṯṱẗŧ"),
    ("u", "ùúûũūŭůűųưǔȕȗṳṵṷṹṻụủứừửữự"),
    ("v", "ṽṿ"),
    ("w", "ŵẁẃẅẇẉẘ"),
    ("x", "ẋẍ"),
    ("y", "ýÿŷȳẏẙỳỵỷỹ"),
    ("z", "źżžẑẓẕ"),
];
/// With each tone.
const WITH_TWO_DOTS: &str = "üǖǘǚǜ";
/// Two dots that are a character of their own, behind their letter, and all marks that are.
const TWO_DOTS: char = '\u{308}';
const MARKS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';
/// Behind the last Latin letter that has a mark.
const BEYOND: char = '\u{1f00}';
/// How 吕 is typed and written in papers: Lv, Lu, Lyu.
pub const WAYS: [&str; 3] = ["v", "u", "yu"];

/// In lower case and without marks, but for ü. Other scripts stay.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            // No word begins so but lü, as it is typed.
            'v' if begins_with_l_or_n(&folded) => folded.push('ü'),
            c if c.is_ascii() || c >= BEYOND => folded.push(c),
            c if WITH_TWO_DOTS.contains(c) => folded.push('ü'),
            TWO_DOTS if folded.ends_with('u') => {
                folded.pop();
                folded.push('ü');
            }
            c if MARKS.contains(&c) => {}
            c => match MARKED.iter().find(|(_, marked)| marked.contains(c)) {
                Some((letters, _)) => folded.push_str(letters),
                None => folded.push(c),
            },
        }
    }
    folded
}

/// Whether the last word is one of these letters.
fn begins_with_l_or_n(text: &str) -> bool {
    let before = text.strip_suffix(['l', 'n']);
    before.is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

/// Whether a folded character is a Latin letter or a digit.
pub fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == 'ü'
}

/// How somebody may write what has lü or nü in it, as pinyin is typed first; one way is as good as another for the rest.
pub fn ways(folded: &str) -> &'static [&'static str] {
    if folded.contains("lü") || folded.contains("nü") { &WAYS } else { &WAYS[..1] }
}

/// A folded text without ü, in one of [`WAYS`]. Behind other letters it is a u: Müller is Muller.
pub fn written(folded: &str, way: &str) -> String {
    folded.replace("lü", &format!("l{way}")).replace("nü", &format!("n{way}")).replace('ü', "u")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_fall_away_and_two_dots_stay() {
        for (text, expected) in [
            ("Wáng Xiǎomíng", "wang xiaoming"),
            ("Wa\u{301}ng", "wang"),
            ("LÜ LǙ Lǚ", "lü lü lü"),
            ("Lu\u{308}\u{30c} Bù", "lü bu"),
            ("lv nve Lvbu Calvin", "lü nüe lübu calvin"),
            ("Søren Łukasz Weiß Nguyễn", "soren lukasz weiss nguyen"),
            ("王小明 Иван 김", "王小明 иван 김"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn two_dots_are_written_in_three_ways_behind_l_and_n_and_in_one_elsewhere() {
        let all = |folded| ways(folded).iter().map(|way| written(folded, way)).collect::<Vec<_>>();
        assert_eq!(all("lübu"), ["lvbu", "lubu", "lyubu"]);
        assert_eq!(all("nüe"), ["nve", "nue", "nyue"]);
        assert_eq!(all("müller"), ["muller"]);
        assert_eq!(all("xüan"), ["xuan"]);
    }
}
