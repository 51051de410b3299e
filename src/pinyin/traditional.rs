//! Candidates in traditional characters. What was found in simplified ones is written in the forms that names use; the
//! simplified ones stay within reach behind them, for a visitor from the mainland who reads 繁體.

use super::table::Table;
use super::{Candidate, MAX_CANDIDATES, Slot};
use std::collections::HashSet;

pub fn written(found: Vec<Candidate>, slot: Slot, table: &'static Table) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    let forms = found.iter().flat_map(|candidate| {
        let texts = forms(&candidate.text, slot, table).into_iter();
        texts.map(|text| Candidate { text, letters_used: candidate.letters_used })
    });
    let all = forms.chain(found.iter().cloned());
    all.filter(|candidate| seen.insert(candidate.text.clone())).take(MAX_CANDIDATES).collect()
}

/// The likeliest first: 俊傑, 俊杰.
fn forms(text: &str, slot: Slot, table: &'static Table) -> Vec<String> {
    if slot == Slot::Surname
        && let Some(whole) = table.surname_forms.get(text)
    {
        return whole.iter().map(|form| (*form).to_owned()).collect();
    }
    let mut texts = vec![String::new()];
    for (at, c) in text.char_indices() {
        let itself = &text[at..at + c.len_utf8()];
        let forms = table.forms.get(itself).map_or(std::slice::from_ref(&itself), Vec::as_slice);
        texts = texts.iter().flat_map(|begun| forms.iter().map(move |form| format!("{begun}{form}"))).collect();
    }
    texts
}
