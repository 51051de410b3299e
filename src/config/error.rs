//! What is wrong with a file of configuration, in words that a building technician can act on: file, line, key, problem
//! and what to write instead. A value is never repeated here unless it cannot be a secret.

use std::fmt;
use std::path::PathBuf;

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1; `None` where the fault is in no line, such as a missing table.
    pub line: Option<usize>,
    /// As it would be written: `office.url`, `device[2].topic` (lists are counted from 1).
    pub key: String,
    pub problem: String,
    /// What to do.
    pub hint: Option<String>,
}

/// A file of configuration that cannot be used. Lists everything that was found, so that one visit mends it all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub file: PathBuf,
    pub faults: Vec<Fault>,
}

impl Fault {
    /// About the file as a whole.
    pub(super) fn of_file(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Fault { line: None, key: String::new(), problem: problem.into(), hint: Some(hint.into()) }
    }

    /// About one line of a table.
    pub(super) fn of_line(line: usize, problem: impl Into<String>) -> Self {
        Fault { line: Some(line), key: String::new(), problem: problem.into(), hint: None }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.problem)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let end = if index + 1 < self.faults.len() { "\n" } else { "" };
            write!(f, "{}: {fault}{end}", self.file.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// The nearest of `known` to what was written, if it is near enough to be a slip of the finger.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Jaro-Winkler 0.8: "pasword_file", "brower" and "Asia/Shangai" find their word, "camera" does not find "name".
    const NEAR: f64 = 0.8;
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&written, &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// `did you mean "x"?`, or the list of what is allowed where nothing is near.
pub(super) fn suggest(written: &str, known: &[&str]) -> Option<String> {
    match nearest(written, known.iter().copied()) {
        Some(word) => Some(format!("did you mean \"{word}\"?")),
        None if known.is_empty() => None,
        None => Some(format!("known here: {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_word_and_a_stranger_does_not() {
        assert_eq!(nearest("pasword_file", ["password_file", "profile"]), Some("password_file"));
        assert_eq!(nearest("Brower", ["browser", "drm"]), Some("browser"));
        assert_eq!(nearest("camera", ["name", "touch"]), None);
    }
}
