//! What goes to the desk, what comes back, and what the desk tells later of what somebody waits for.

use super::{Effect, Model, Whose};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::News;
use crate::kiosk::paper::Slip;
use crate::kiosk::screens::call::Call;
use crate::kiosk::screens::emergency::Emergency;
use crate::kiosk::surroundings::Tone;
use crate::service::number::Number;

impl Model {
    /// A command whose answer nobody waits for gets a ticket like any other.
    pub(super) fn effect(&mut self, command: Command) -> Effect {
        Effect::Submit { ticket: self.errands.ticket(), command: Box::new(command) }
    }

    pub(super) fn submit(&mut self, command: Command, whose: Whose) -> Vec<Effect> {
        self.tried |= command.tries_code();
        if whose == Whose::Emergency {
            self.raised_at = self.moment.at;
        }
        let ticket = self.errands.begin(whose, self.moment.at);
        vec![Effect::Submit { ticket, command: Box::new(command) }]
    }

    pub(super) fn answered(&mut self, ticket: u64, answer: Result<Answer, Refusal>) -> Vec<Effect> {
        let Some(whose) = self.errands.end(ticket) else { return Vec::new() };
        let had_paper = self.paper().is_some();
        self.tell(whose, answer);
        if !had_paper {
            self.slip = self.paper().or(self.slip.take());
        }
        if whose == Whose::Emergency && self.has_failed() {
            self.raised_at = self.moment.at;
        }
        if !self.failed_again(whose) {
            // Who waited has the whole time to read.
            self.touched = self.moment.at;
        }
        match self.emergency().and_then(Emergency::onward) {
            Some(command) => self.submit(command, Whose::Emergency),
            None => Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, whose: Whose, answer: Result<Answer, Refusal>) {
        if answer.as_ref().is_ok_and(Answer::is_taken_down) {
            self.sound(Tone::Received);
        }
        match whose {
            Whose::Flow => {
                if let Some((_, flow)) = &mut self.flow {
                    flow.answered(answer);
                }
            }
            Whose::Help => {
                if let Some(Call::Help(help)) = &mut self.call {
                    help.answered(answer);
                    self.helped = help.number().map(|number| (self.moment.at, number)).or(self.helped);
                }
            }
            Whose::Emergency => {
                if let Some(emergency) = self.emergency() {
                    emergency.answered(answer);
                }
            }
        }
    }

    fn paper(&self) -> Option<Slip> {
        let (number, sheet) = self.flow.as_ref()?.1.paper()?;
        let at = self.moment.now.synced.then(|| self.local());
        Some(Slip { number, sheet: sheet.clone(), language: self.language, at })
    }

    /// The slip that is due: it was stored, and not taken yet.
    pub fn take_slip(&mut self) -> Option<Slip> {
        self.slip.take()
    }

    /// The case that the person at the glass waits for: what lies on top decides.
    pub fn watches(&self) -> Option<Number> {
        match (&self.call, &self.flow) {
            (Some(call), _) => call.watches(),
            (None, Some((_, flow))) => flow.watches(),
            (None, None) => None,
        }
    }

    pub(super) fn hear(&mut self, news: &News) {
        if self.watches() != Some(news.number) {
            return;
        }
        match (&mut self.call, &mut self.flow) {
            (Some(call), _) => call.heard(news),
            (None, Some((_, flow))) => flow.heard(news),
            (None, None) => {}
        }
        // Who waited has the whole time to read.
        self.touched = self.moment.at;
    }
}
