//! The text of an entry: a title, and lines of a small part of Markdown: `## ` headings, `- ` and `1. ` items. Every other
//! line is a paragraph, as it is written. It must never pass on what a word processor leaves behind (control characters,
//! direction marks).

use super::{At, LANGUAGES, Spoken, Wrong};

/// Begins the text of a language: `+++ zh-Hans`.
pub(super) const FENCE: &str = "+++";
/// Longest title in half-width characters: two lines of a row on the glass.
pub const MAX_TITLE: usize = 40;
/// Longest text of one language in characters: about 30 pages on the small glass. A longer one is several entries.
pub const MAX_BODY: usize = 6000;

pub(super) const TAGS: &str = "known are zh-Hans, zh-Hant, en, ja, ko, fr and de";

/// An entry in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub title: String,
    pub blocks: Vec<Block>,
}

/// One line as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub mark: Mark,
    pub text: String,
    /// An empty line stands before it.
    pub apart: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    Heading,
    Line,
    /// An item: what stands before it, `•` or `1.`.
    Item(String),
}

impl Text {
    /// As plain text, as somebody would paste it into a letter: without the title.
    pub fn plain(&self) -> String {
        let line = |(index, block): (usize, &Block)| {
            let before = if block.apart && index > 0 { "\n" } else { "" };
            match &block.mark {
                Mark::Item(mark) => format!("{before}{mark} {}\n", block.text),
                Mark::Heading | Mark::Line => format!("{before}{}\n", block.text),
            }
        };
        self.blocks.iter().enumerate().map(line).collect()
    }
}

/// Width in half-width characters: a Chinese character counts as two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// One line without what cannot be seen; `None` where it holds a control character.
pub(super) fn plain(line: &str) -> Option<String> {
    let unseen = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}');
    let line = line.replace(['\t', '\u{a0}', '\u{3000}'], " ");
    let line: String = line.chars().filter(|c| !unseen(c)).collect();
    (!line.contains(char::is_control)).then(|| line.trim().to_owned())
}

/// All languages of a file; `first_line` is the number of the first line of `texts`.
pub(super) fn read(texts: &str, first_line: usize) -> Result<Spoken<Text>, Vec<Wrong>> {
    let (mut said, mut wrong) = (Vec::new(), Vec::new());
    let lines: Vec<(usize, &str)> = texts.lines().enumerate().map(|(index, line)| (first_line + index, line)).collect();
    for part in lines.chunk_by(|_, (_, line)| !line.starts_with(FENCE)) {
        match language(part[0], &said).and_then(|tag| Ok((tag, one(part[0].0, &part[1..])?))) {
            Ok(text) => said.push(text),
            Err(fault) => wrong.push(fault),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let remedy = "write a line \"+++ zh-Hans\" above the text, and \"# \" before its title";
    Spoken::new(said).ok_or_else(|| vec![Wrong::new(At::Line(first_line), "there is no text", remedy)])
}

/// The tag of a line `+++ zh-Hans`.
fn language((number, line): (usize, &str), said: &[(&'static str, Text)]) -> Result<&'static str, Wrong> {
    let written = line.trim_start_matches('+').trim();
    let wrong = |what: &str| Wrong::new(At::Line(number), what, TAGS);
    let tag = LANGUAGES.into_iter().find(|tag| *tag == written);
    let tag = tag.ok_or_else(|| wrong("+++ is not followed by a language that is known here"))?;
    if said.iter().any(|(above, _)| *above == tag) {
        return Err(wrong("this language stands above already"));
    }
    Ok(tag)
}

/// The title and the lines below it, of one language.
fn one(fence: usize, lines: &[(usize, &str)]) -> Result<Text, Wrong> {
    let (mut title, mut blocks, mut apart, mut characters) = (None, Vec::new(), false, 0);
    for (number, line) in lines {
        let at = At::Line(*number);
        let remedy = "type the line anew; the file must be plain text in UTF-8";
        let line = plain(line).ok_or_else(|| Wrong::new(at, "holds a control character", remedy))?;
        characters += line.chars().count();
        if characters > MAX_BODY {
            let what = format!("the text is longer than {MAX_BODY} characters");
            return Err(Wrong::new(at, what, "make several entries of it"));
        }
        if line.is_empty() {
            apart = true;
        } else if title.is_none() {
            title = Some(heading(at, &line)?);
        } else {
            blocks.push(block(at, &line, std::mem::take(&mut apart))?);
        }
    }
    let title = title.ok_or_else(|| Wrong::new(At::Line(fence), "has no text", "write \"# \" and a title below it"))?;
    if blocks.is_empty() {
        return Err(Wrong::new(At::Line(fence), "has a title and no text", "write the text below its title"));
    }
    blocks[0].apart = false;
    Ok(Text { title, blocks })
}

fn heading(at: At, line: &str) -> Result<String, Wrong> {
    let remedy = "the first line of a text is \"# \" and its title";
    let title = line.strip_prefix("# ").map(str::trim).ok_or_else(|| Wrong::new(at, "is no title", remedy))?;
    if title.is_empty() || width(title) > MAX_TITLE {
        let what = format!("the title is empty or longer than {MAX_TITLE} letters (a Chinese character counts as two)");
        return Err(Wrong::new(at, what, "find a shorter one"));
    }
    Ok(title.to_owned())
}

fn block(at: At, line: &str, apart: bool) -> Result<Block, Wrong> {
    if line.starts_with("# ") {
        return Err(Wrong::new(at, "is a second title", "write \"## \" before a heading inside the text"));
    }
    let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
    let (mark, text) = match (line.strip_prefix("##"), item, numbered(line)) {
        (Some(rest), ..) => (Mark::Heading, rest.trim_start_matches('#')),
        (_, Some(rest), _) => (Mark::Item("•".into()), rest),
        (.., Some((mark, rest))) => (Mark::Item(mark.to_owned()), rest),
        _ => (Mark::Line, line),
    };
    Ok(Block { mark, text: text.trim().to_owned(), apart })
}

/// `1. ` and `12. `, with what follows.
fn numbered(line: &str) -> Option<(&str, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(". ")?;
    (1..=2).contains(&digits).then(|| (&line[..=digits], rest))
}
