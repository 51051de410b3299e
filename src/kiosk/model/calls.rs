//! Help and emergency: what somebody calls for from any page, and what lies over that page until it is done.

use super::{Effect, Model, Whose};
use crate::kiosk::press::Press;
use crate::kiosk::screens::Turn;
use crate::kiosk::screens::call::Call;
use crate::kiosk::screens::emergency::{Emergency, RETRY};
use crate::kiosk::screens::help::Help;
use crate::kiosk::surroundings::Tone;
use std::time::Duration;

/// Who asks for a person again within this time sees the same number: a child at the button is one call.
const SAME_CALL: Duration = Duration::from_secs(60);

impl Model {
    pub(super) fn press_call(&mut self, press: Press) -> Vec<Effect> {
        let Some(mut call) = self.call.take() else { return Vec::new() };
        let turn = call.press(press, &self.lobby());
        let whose = if call.is_emergency() { Whose::Emergency } else { Whose::Help };
        match turn {
            Turn::Leave => {
                self.leave(call);
                Vec::new()
            }
            Turn::Stay | Turn::Open(_) => {
                self.call = Some(call);
                Vec::new()
            }
            Turn::Submit(command) => {
                self.call = Some(call);
                self.submit(command, whose)
            }
        }
    }

    /// Back to the page below; below help there may be an emergency.
    pub(super) fn leave(&mut self, call: Call) {
        match call {
            Call::Emergency(mut emergency) => {
                emergency.leave();
                self.raised = emergency.goes_on().then_some(emergency);
            }
            Call::Help(_) => {
                let unfinished = |emergency: &mut Box<Emergency>| emergency.is_unfinished() || emergency.has_failed();
                self.call = self.raised.take_if(unfinished).map(Call::Emergency);
            }
        }
    }

    pub(super) fn ask_for_person(&mut self) -> Vec<Effect> {
        self.asked = None;
        self.choosing = false;
        if matches!(&self.call, Some(Call::Help(help)) if help.is_sending()) {
            return Vec::new();
        }
        if let Some(Call::Emergency(emergency)) = self.call.take() {
            self.raised = Some(emergency);
        }
        let recent = self.helped.filter(|(at, _)| self.moment.at.saturating_sub(*at) < SAME_CALL);
        if let Some((_, number)) = recent {
            self.call = Some(Call::Help(Help::told(number)));
            return Vec::new();
        }
        let (help, turn) = Help::ask(self.language);
        self.call = Some(Call::Help(help));
        match turn {
            Turn::Submit(command) => self.submit(command, Whose::Help),
            Turn::Stay | Turn::Leave | Turn::Open(_) => Vec::new(),
        }
    }

    /// The first touch already calls. Another one in the same session is the same case.
    pub(super) fn raise_alarm(&mut self) -> Vec<Effect> {
        self.asked = None;
        self.choosing = false;
        if self.call.as_ref().is_some_and(Call::is_emergency) {
            return Vec::new();
        }
        if let Some(mut emergency) = self.raised.take().filter(|emergency| emergency.goes_on()) {
            emergency.again();
            self.call = Some(Call::Emergency(emergency));
            return Vec::new();
        }
        self.sound(Tone::Emergency);
        let (emergency, turn) = Emergency::raise(self.language);
        self.call = Some(Call::Emergency(Box::new(emergency)));
        match turn {
            Turn::Submit(command) => self.submit(command, Whose::Emergency),
            Turn::Stay | Turn::Leave | Turn::Open(_) => Vec::new(),
        }
    }

    pub(super) fn emergency(&mut self) -> Option<&mut Emergency> {
        match &mut self.call {
            Some(Call::Emergency(emergency)) => Some(emergency),
            _ => self.raised.as_deref_mut(),
        }
    }

    fn on_alarm(&self) -> Option<&Emergency> {
        match &self.call {
            Some(Call::Emergency(emergency)) => Some(emergency),
            _ => self.raised.as_deref(),
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.on_alarm().is_some_and(Emergency::has_failed)
    }

    /// What the glass tries by itself keeps it from nobody.
    pub(super) fn failed_again(&self, whose: Whose) -> bool {
        whose == Whose::Emergency && self.has_failed() && self.idle_for() >= RETRY
    }

    /// Raises an alarm again that was refused, never while the desk may still take the one before: that would be two.
    pub(super) fn raise_again(&mut self) -> Vec<Effect> {
        let may_be_taken = self.errands.may_be_taken(Whose::Emergency);
        if may_be_taken || self.moment.at.saturating_sub(self.raised_at) < RETRY {
            return Vec::new();
        }
        let command = self.on_alarm().and_then(|emergency| emergency.retry(self.language));
        command.map_or_else(Vec::new, |command| self.submit(command, Whose::Emergency))
    }
}
