//! What a resident or a member of staff would miss: that the glass tells nothing that is not public, and nothing that is
//! not true any more.

use super::*;
use proptest::prelude::*;

const HEAD: &str = "section = \"notice\"\nlevel = \"public\"\ncontact = { zh-Hans = \"前台\", en = \"Front desk\" }\n\
                    phone = \"010-5555 0100\"\nvalid_from = 2026-11-01\nvalid_until = 2026-12-31\n";
const TEXTS: &str = "+++ zh-Hans\n# 标题\n\n第一段。\n- 一项\n\n## 小标题\n2. 第二\n+++ en\n# Title\nA line.\n";

fn read(file: &str) -> Result<Entry, Vec<Wrong>> {
    let (head, texts, first_line) = split(file);
    Entry::new(Slug::new("entry").unwrap(), toml::from_str(head).unwrap(), texts, first_line)
}

fn entry(id: &str, change: impl FnOnce(&mut Entry)) -> Entry {
    let mut entry = read(&format!("{HEAD}{TEXTS}")).unwrap();
    entry.id = Slug::new(id).unwrap();
    change(&mut entry);
    entry
}

fn on(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn an_entry_is_read_as_it_was_written() {
    let entry = read(&format!("{HEAD}{TEXTS}")).unwrap();
    let text = entry.texts.in_language("zh-Hans");
    assert_eq!(text.title, "标题");
    let marks: Vec<_> = text.blocks.iter().map(|block| (&block.mark, block.text.as_str(), block.apart)).collect();
    let item = |mark: &str| Mark::Item(mark.into());
    let expected = [
        (&Mark::Line, "第一段。", false),
        (&item("•"), "一项", false),
        (&Mark::Heading, "小标题", true),
        (&item("2."), "第二", false),
    ];
    assert_eq!(marks, expected);
    assert_eq!(text.plain(), "第一段。\n• 一项\n\n小标题\n2. 第二\n");
}

#[test]
fn who_reads_another_language_reads_the_nearest() {
    let entry = read(&format!("{HEAD}{TEXTS}")).unwrap();
    let title = |tag| entry.texts.in_language(tag).title.clone();
    assert_eq!([title("zh-Hans"), title("zh-Hant"), title("en")], ["标题", "标题", "Title"]);
    assert_eq!([title("ja"), title("fr")], ["Title", "Title"]);
    assert_eq!(entry.contact.in_language("ko"), "Front desk");
}

/// R140.
#[test]
fn only_public_entries_reach_the_glass() {
    let levels = [("a", Level::Public), ("b", Level::Staff), ("c", Level::Confidential)];
    let all = Handbook::new(levels.map(|(id, level)| entry(id, |entry| entry.level = level)).into());
    let public = all.public();
    let day = on(2026, 11, 21);
    let shown: Vec<_> =
        public.entries(Section::Notice, day).into_iter().map(|entry| entry.id.as_str().to_owned()).collect();
    assert_eq!(shown, ["a"]);
    assert!(public.entry(&Slug::new("b").unwrap(), day).is_none());
    assert!(public.entry(&Slug::new("c").unwrap(), day).is_none());
    assert!(!format!("{public:?}").contains("Staff"));
}

/// R140: a line that was forgotten makes nothing public.
#[test]
fn an_entry_without_a_level_is_refused() {
    let head = HEAD.replace("level = \"public\"\n", "");
    assert!(toml::from_str::<Head>(&head).unwrap_err().message().contains("level"));
}

#[test]
fn confidential_entries_are_for_supervisor_and_manager_alone() {
    let readers: Vec<_> = Role::ALL.into_iter().filter(|role| Level::Confidential.is_for(*role)).collect();
    assert_eq!(readers, [Role::Supervisor, Role::ProjectManager]);
    assert!(Role::ALL.into_iter().all(|role| Level::Staff.is_for(role)));
}

/// R146.
#[test]
fn what_is_not_valid_today_is_not_on_the_glass() {
    let public = Handbook::new(vec![entry("a", |_| {})]).public();
    let shown = |day| (public.sections(day).len(), public.entries(Section::Notice, day).len());
    assert_eq!([shown(on(2026, 10, 31)), shown(on(2026, 11, 1))], [(0, 0), (1, 1)]);
    assert_eq!([shown(on(2026, 12, 31)), shown(on(2027, 1, 1))], [(1, 1), (0, 0)]);
}

#[test]
fn the_newest_notice_comes_first_unless_the_company_says_otherwise() {
    let from = |id, day| entry(id, move |entry| entry.valid_from = Some(on(2026, 11, day)));
    let first = entry("z", |entry| entry.order = 1);
    let public = Handbook::new(vec![from("a", 2), from("b", 20), first]).public();
    let ids: Vec<_> = public
        .entries(Section::Notice, on(2026, 11, 21))
        .into_iter()
        .map(|entry| entry.id.as_str().to_owned())
        .collect();
    assert_eq!(ids, ["z", "b", "a"]);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let line = |file: String| match read(&file).unwrap_err()[0].at {
        At::Line(line) => line,
        At::Key(key) => panic!("{key}"),
    };
    let head = HEAD.lines().count();
    assert_eq!(line(format!("{HEAD}+++ zh\n# x\ny\n")), head + 1);
    assert_eq!(line(format!("{HEAD}+++ en\n\nno title\n")), head + 3);
    assert_eq!(line(format!("{HEAD}{TEXTS}+++ en\n# x\ny\n")), head + TEXTS.lines().count() + 1);
    assert_eq!(line(format!("{HEAD}+++ en\n# x\ny\n# z\n")), head + 4);
    assert_eq!(line(format!("{HEAD}+++ en\n# x\nb\u{7}ll\n")), head + 3);
    assert_eq!(line(HEAD.to_owned()), head);
}

#[test]
fn dates_contacts_and_phones_that_cannot_be_are_refused_by_their_key() {
    let key = |was: &str, is: &str| match read(&format!("{}{TEXTS}", HEAD.replace(was, is))).unwrap_err()[0].at {
        At::Key(key) => key,
        At::Line(line) => panic!("line {line}"),
    };
    assert_eq!(key("2026-12-31", "2026-10-31"), "valid_until");
    assert_eq!(key("2026-12-31", "9999-12-31"), "valid_until");
    assert_eq!(key("010-5555 0100", "please ask"), "phone");
    assert_eq!(key("\"前台\"", "\" \""), "contact");
    assert_eq!(key("en = ", "eng = "), "contact");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_in_a_line_of_the_file(
        lines in prop::collection::vec("(\\+\\+\\+ (en|zh-Hans|x)|# ?[a-z]*|## a|- b|[0-9]{0,3}\\. c|\\PC{0,9}|)", 0..12),
    ) {
        let file = format!("{HEAD}+++ en\n{}", lines.join("\n"));
        let last = file.lines().count();
        match read(&file) {
            Ok(entry) => prop_assert!(entry.texts.all().all(|(_, text)| !text.title.is_empty() && !text.blocks.is_empty())),
            Err(wrong) => for Wrong { at, .. } in wrong {
                prop_assert!(matches!(at, At::Line(line) if (1..=last).contains(&line)), "{at:?} of {last}");
            },
        }
    }
}
