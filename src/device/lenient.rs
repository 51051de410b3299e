//! Reads what a Python program prints of a dict where it should have sent JSON: `{'Action': 'Pulse', 'CardType': None}`.
//! DahuaVTO2MQTT logs and relays events in that form. It reads literals only and never evaluates anything.

use super::doc::Doc;
use super::unread::Unread;
use serde_json::Number;
use std::borrow::Cow;

/// Reads one literal: dict, list, tuple, string, number, `True`, `False`, `None`. JSON passes too, with a comma too many.
pub fn read(text: &str, max_depth: usize) -> Result<Doc<'static>, Unread> {
    let mut reader = Reader { text, at: 0 };
    let doc = reader.value(max_depth)?;
    reader.space();
    if reader.at == text.len() { Ok(doc) } else { Err(reader.wrong()) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Doc<'static>, Unread> {
        match self.peek() {
            Some('{' | '[' | '(') if depth == 0 => Err(Unread::TooDeep),
            Some('{') => self.dict(depth - 1),
            Some('[') => self.list(']', depth - 1),
            Some('(') => self.list(')', depth - 1),
            Some('\'' | '"') => self.string().map(|text| Doc::Text(Cow::Owned(text))),
            _ => self.word(),
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Doc<'static>, Unread> {
        let mut members = Vec::new();
        self.at += 1;
        while !self.eat('}') {
            let key = match self.value(0)? {
                Doc::Text(key) | Doc::Number(key) => key,
                _ => return Err(self.wrong()),
            };
            if !self.eat(':') {
                return Err(self.wrong());
            }
            members.push((key, self.value(depth)?));
            if !self.eat(',') && self.peek() != Some('}') {
                return Err(self.wrong());
            }
        }
        Ok(Doc::object(members))
    }

    fn list(&mut self, end: char, depth: usize) -> Result<Doc<'static>, Unread> {
        let mut items = Vec::new();
        self.at += 1;
        while !self.eat(end) {
            items.push(self.value(depth)?);
            if !self.eat(',') && self.peek() != Some(end) {
                return Err(self.wrong());
            }
        }
        Ok(Doc::List(items))
    }

    fn string(&mut self) -> Result<String, Unread> {
        let quote = self.next().ok_or_else(|| self.wrong())?;
        let mut text = String::new();
        loop {
            match self.next() {
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) => text.push(c),
                None => return Err(self.wrong()),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Unread> {
        let digits = match self.next() {
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('t') => return Ok('\t'),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(c @ ('\\' | '\'' | '"' | '/')) => return Ok(c),
            _ => return Err(self.wrong()),
        };
        let code = self.text.get(self.at..self.at + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        self.at += digits;
        code.and_then(char::from_u32).ok_or_else(|| self.wrong())
    }

    fn word(&mut self) -> Result<Doc<'static>, Unread> {
        self.space();
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c))).unwrap_or(rest.len());
        let word = &rest[..end];
        let value = match word {
            "None" | "null" => Some(Doc::Null),
            "True" | "true" => Some(Doc::Bool(true)),
            "False" | "false" => Some(Doc::Bool(false)),
            word => word.parse::<Number>().ok().map(|number| Doc::Number(Cow::Owned(number.to_string()))),
        };
        self.at += end;
        value.ok_or_else(|| self.wrong())
    }

    fn space(&mut self) {
        self.at += self.text[self.at..].len() - self.text[self.at..].trim_start().len();
    }

    /// The next character that is not white space, left where it is.
    fn peek(&mut self) -> Option<char> {
        self.space();
        self.text[self.at..].chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += if there { wanted.len_utf8() } else { 0 };
        there
    }

    fn next(&mut self) -> Option<char> {
        let c = self.text[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn wrong(&self) -> Unread {
        let read = self.text.get(..self.at).unwrap_or(self.text);
        let line = read.matches('\n').count() + 1;
        Unread::NotJson { line, column: read.rsplit('\n').next().unwrap_or_default().chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_printed_python_dict_is_read() {
        let text = r#"{'Data': {'CardNo': '', 'CardType': None, 'UTC': 1613061998.0, 'Ok': True}, "it's": ('a', -1,), 3: '\u5317\n'}"#;
        assert_eq!(
            read(text, 8),
            Ok(json!({"Data": {"CardNo": "", "CardType": null, "UTC": 1_613_061_998.0, "Ok": true},
                "it's": ["a", -1], "3": "北\n"})
            .into())
        );
    }

    #[test]
    fn what_is_no_literal_is_refused() {
        for bad in [
            "",
            "{",
            "{'a'}",
            "{'a': }",
            "{'a': 1 'b': 2}",
            "[1 2]",
            "'a",
            "'\\u12'",
            "{'a': open('x')}",
            "{} x",
            "{[]: 1}",
        ] {
            assert!(read(bad, 8).is_err(), "{bad}");
        }
        assert_eq!(read(&"[".repeat(100_000), 8), Err(Unread::TooDeep));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", depth in 0usize..4) {
            let _ = read(&text, depth);
        }

        #[test]
        fn no_almost_literal_makes_it_panic(text in r#"[\[\]{}()'",:\\uxU0-9a-fNoneTru é北 ]{0,40}"#) {
            let _ = read(&text, 8);
        }
    }
}
