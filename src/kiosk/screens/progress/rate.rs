//! The rating of a ticket (R288): service, quality, time; five faces each, the friendliest first, one touch a question.

use crate::kiosk::screens::faces::Faces;
use crate::kiosk::strings::Say;
use crate::kiosk::ui::Ui;

const QUESTIONS: [(&str, Say); 3] =
    [("service", Say::RateService), ("quality", Say::RateQuality), ("time", Say::RateTime)];

/// The stable name of the question after so many answers.
pub fn name(answered: usize) -> &'static str {
    QUESTIONS[answered.min(QUESTIONS.len() - 1)].0
}

pub fn draw(ui: &mut Ui, answered: usize) {
    let n = answered.min(QUESTIONS.len() - 1);
    let (question, step) = (ui.say(QUESTIONS[n].1), (n as u8 + 1, QUESTIONS.len() as u8));
    ui.faces(&Faces { question: &question, back: Say::Back, step, note: None });
}
