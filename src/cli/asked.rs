//! Words that are read from standard input and not from the command line: whatever stands there is in the log of sudo, in the history of
//! the shell and in the list of processes, and what names somebody must be in none of them.

use anyhow::{Context, bail, ensure};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Write};

/// Longest line that is an answer, bytes: a name of 40 characters and a phone number are far below.
const MAX_LINE: u64 = 1024;

/// An option of the command line: what it says, or "-" where it is to be asked for.
#[derive(Clone)]
pub enum Given<T> {
    Here(T),
    Asked,
}

impl<T> Given<T> {
    /// "-" is to be asked for; anything else is read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse<E: Display>(text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Self, String> {
        if text == "-" { Ok(Given::Asked) } else { read(text).map(Given::Here).map_err(|why| why.to_string()) }
    }
}

/// Whoever answers, line by line.
pub struct Answers<R, W> {
    input: R,
    /// Where somebody is asked; nobody is where the answers come out of a pipe.
    prompts: Option<W>,
}

/// Standard input, and prompts on standard error where somebody sits at it.
pub fn standard_input() -> Answers<io::StdinLock<'static>, io::Stderr> {
    let input = io::stdin().lock();
    let prompts = input.is_terminal().then(io::stderr);
    Answers { input, prompts }
}

impl<R: BufRead, W: Write> Answers<R, W> {
    /// The next line, read as what is asked for; `None` where it is empty, or there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is not what is asked for. Never a word of it.
    pub fn next<T, E: Display>(
        &mut self,
        what: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> anyhow::Result<Option<T>> {
        if let Some(prompts) = &mut self.prompts {
            // Whoever sees no prompt can answer all the same.
            let _ = write!(prompts, "{what}: ").and_then(|()| prompts.flush());
        }
        let mut line = String::new();
        let length = (&mut self.input).take(MAX_LINE).read_line(&mut line);
        let length = length.context("standard input cannot be read")?;
        ensure!((length as u64) < MAX_LINE, "{what}: the line is too long");
        match line.trim() {
            "" => Ok(None),
            line => match read(line) {
                Ok(read) => Ok(Some(read)),
                Err(why) => bail!("{what}: {why}"),
            },
        }
    }
}

/// A long argument: its text, `@FILE`, or `-` for standard input. At most `most` bytes of it.
///
/// # Errors
/// When it cannot be read, is longer, or is not text.
pub fn whole(argument: &str, most: usize) -> anyhow::Result<String> {
    let file = argument.strip_prefix('@');
    let from: Box<dyn Read> = match (argument, file) {
        ("-", _) => Box::new(io::stdin().lock()),
        (_, Some(file)) => Box::new(File::open(file).with_context(|| file.to_owned())?),
        _ => return Ok(argument.to_owned()),
    };
    let called = file.unwrap_or("standard input");
    let mut text = String::new();
    from.take(most as u64 + 1).read_to_string(&mut text).with_context(|| called.to_owned())?;
    ensure!(text.len() <= most, "{called} is larger than {most} bytes");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::contact::{Name, Phone};

    fn answers(lines: &str) -> Answers<&[u8], Vec<u8>> {
        Answers { input: lines.as_bytes(), prompts: Some(Vec::new()) }
    }

    #[test]
    fn each_answer_is_a_line_and_whoever_sits_there_is_asked() {
        let mut from = answers("138 0000 7341\r\n\n");
        let phone = from.next("Phone number", Phone::parse).unwrap().unwrap();
        assert_eq!(phone.as_str(), "13800007341");
        assert!(from.next("Name", Name::parse).unwrap().is_none(), "an empty line is no name");
        assert!(from.next("Name", Name::parse).unwrap().is_none(), "nor is the end");
        assert_eq!(from.prompts.unwrap(), b"Phone number: Name: Name: ");
    }

    #[test]
    fn what_is_none_is_refused_without_a_word_of_it() {
        let said = |lines: &str| answers(lines).next("Phone number", Phone::parse).unwrap_err().to_string();
        assert_eq!(said("测试甲\n"), "Phone number: not a phone number");
        assert_eq!(said(&"1".repeat(5_000)), "Phone number: the line is too long");
    }

    #[test]
    fn a_long_argument_stands_there_or_in_a_file_that_is_not_too_long() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{}").unwrap();
        let at = format!("@{}", file.path().display());
        assert_eq!(whole("{\"a\": 1}", 2).unwrap(), "{\"a\": 1}", "the shell's limit is its own");
        assert_eq!(whole(&at, 2).unwrap(), "{}");
        assert!(whole(&at, 1).unwrap_err().to_string().ends_with("is larger than 1 bytes"));
        assert!(whole("@/nowhere/at/all", 1).is_err());
    }
}
