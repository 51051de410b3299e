//! 紧急求助: the first touch of the red button opens the case, and nothing that is asked or typed afterwards delays anybody.
//! Then, and only, where and which phone (R148); then one of three ways to help (R149). It never times out unfinished, two
//! presses are one case, and it gives no medical advice (R153). A child's tap is taken back with one touch; somebody still comes and looks.

mod view;

use super::help::Coming;
use super::{Lobby, PageName, Turn};
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::News;
use crate::kiosk::ask::Ask;
use crate::kiosk::language::Language;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::service::case;
use crate::service::contact::Text;
use crate::service::emergency::{Address, Choice, Placed, Request, StandBy, Step};
use crate::service::matter::{MatterStep, Opening};
use crate::service::number::Number;
use crate::service::staff::Actor;
use std::time::Duration;

/// How long after an alarm was refused it is raised again: a full disk has room again within seconds, and a try costs one
/// write. A person can do it sooner.
pub const RETRY: Duration = Duration::from_secs(5);

/// So long a failed alarm stays on the glass without a touch. It says to run and to phone; then the glass is for the next
/// person. What is on its way to the desk still arrives.
pub const FAILED_FOR: Duration = Duration::from_secs(180);

/// States of the case in which the house has ended it.
const ENDED: [&str; 2] = ["ended", "closed"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// R148.
    Place,
    /// R149.
    Choose,
    Told,
    /// Taken back.
    NotNeeded,
}

/// How the alarm itself fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alarm {
    Sending,
    Raised(Number),
    /// Not written: nobody knows of it. The glass says what to do, and tries again by itself ([`RETRY`]).
    Failed,
}

/// Which of the two fields the keys are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Active {
    Unit,
    Phone,
}

#[derive(Debug)]
pub struct Emergency {
    page: Page,
    alarm: Alarm,
    active: Active,
    unit: Ask,
    phone: Ask,
    /// The patient is here, at the kiosk: no unit is asked.
    here: bool,
    chosen: Vec<Choice>,
    /// A step that waits until the desk has answered what was sent before it. The newest is the one that counts.
    waiting: Option<Step>,
    /// A step on its way.
    sent: Option<Step>,
    /// The last step was not written; the alarm was.
    unwritten: bool,
    /// Who of the staff is on the way.
    coming: Option<Coming>,
    /// The house has ended it.
    ended: bool,
}

impl Emergency {
    /// Raises the alarm at once.
    pub fn raise(language: Language) -> (Self, Turn) {
        let emergency = Emergency {
            page: Page::Place,
            alarm: Alarm::Sending,
            active: Active::Unit,
            unit: Ask::unit(),
            phone: Ask::phone(),
            here: false,
            chosen: Vec::new(),
            waiting: None,
            sent: None,
            unwritten: false,
            coming: None,
            ended: false,
        };
        (emergency, Turn::Submit(opening(language)))
    }

    /// Somebody began it and has not said yet how to help: never times out.
    pub fn is_unfinished(&self) -> bool {
        matches!(self.page, Page::Place | Page::Choose) && !self.ended && self.alarm != Alarm::Failed
    }

    /// Nobody knows of it yet.
    pub fn has_failed(&self) -> bool {
        self.alarm == Alarm::Failed
    }

    /// The alarm once more, while the page says what to do meanwhile.
    pub fn retry(&self, language: Language) -> Option<Command> {
        self.has_failed().then(|| opening(language))
    }

    /// Whether another press on the red button is still this one.
    pub fn goes_on(&self) -> bool {
        self.alarm != Alarm::Failed && !self.ended
    }

    /// The red button again: back from where it was left.
    pub fn again(&mut self) {
        if self.page == Page::NotNeeded {
            self.page = Page::Place;
        }
    }

    /// What was typed goes when it is left: the desk has it.
    pub fn leave(&mut self) {
        (self.unit, self.phone) = (Ask::unit(), Ask::phone());
        self.active = Active::Unit;
    }

    pub fn watches(&self) -> Option<Number> {
        match self.alarm {
            Alarm::Raised(number) if !self.ended => Some(number),
            _ => None,
        }
    }

    pub fn heard(&mut self, news: &News) {
        if self.watches() == Some(news.number) {
            self.coming = news.who.clone().map(Coming);
            self.ended = ENDED.contains(&news.state);
        }
    }

    pub fn page(&self) -> PageName {
        let page = match (self.alarm, self.page) {
            (Alarm::Failed, _) => "failed",
            _ if self.ended => "ended",
            (_, Page::Place) => "place",
            (_, Page::Choose) => "choose",
            (_, Page::Told) => "told",
            (_, Page::NotNeeded) => "not-needed",
        };
        PageName("emergency", page)
    }

    /// [`Turn::Leave`] means here: back to the page below.
    pub fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        if self.alarm == Alarm::Failed || self.ended {
            return self.press_outcome(press, lobby.language);
        }
        match (self.page, press) {
            (Page::Place, Press::Key(key)) => self.field().key(key),
            (Page::Place, Press::Edit(n)) => self.active = if n == 0 { Active::Unit } else { Active::Phone },
            (Page::Place, Press::Choose(_)) => {
                self.here = !self.here;
                self.active = if self.here { Active::Phone } else { Active::Unit };
            }
            (Page::Place, Press::Next) => return self.placed(lobby),
            (Page::Place, Press::Back) => {
                self.page = Page::NotNeeded;
                return self.send(Step::NotNeeded);
            }
            (Page::Choose, Press::Choose(n)) => {
                if let Some(choice) = CHOICES.get(usize::from(n)) {
                    return self.choose(*choice);
                }
            }
            (Page::Choose, Press::Back) => self.page = Page::Place,
            (Page::Told, Press::More) => self.page = Page::Choose,
            (Page::Told | Page::NotNeeded, Press::Next | Press::Back) => return Turn::Leave,
            _ => {}
        }
        Turn::Stay
    }

    fn press_outcome(&mut self, press: Press, language: Language) -> Turn {
        match press {
            Press::Retry if self.alarm == Alarm::Failed => {
                self.alarm = Alarm::Sending;
                Turn::Submit(opening(language))
            }
            Press::Back | Press::Next => Turn::Leave,
            _ => Turn::Stay,
        }
    }

    fn field(&mut self) -> &mut Ask {
        match self.active {
            // Whoever types a unit is not here after all.
            Active::Unit => {
                self.here = false;
                &mut self.unit
            }
            Active::Phone => &mut self.phone,
        }
    }

    /// Address and phone, or the wish for what is missing (R148).
    fn placed(&mut self, lobby: &Lobby) -> Turn {
        let address = if self.here {
            Text::parse(lobby.settings.name(Language::Chinese)).map(Address::Other).map_err(|_| Say::UnitAgain)
        } else {
            // Not looked up: whoever comes asks again, and a slip must not stop anybody.
            self.unit.as_unit().map(Address::Unit)
        };
        let address = match address {
            Ok(address) => address,
            Err(wish) => return self.wish(Active::Unit, wish),
        };
        match self.phone.as_phone() {
            Ok(phone) => self.send(Step::Place(Placed { address, phone })),
            // From the unit on to the phone, without a word.
            Err(_) if self.active == Active::Unit => {
                self.active = Active::Phone;
                Turn::Stay
            }
            Err(wish) => self.wish(Active::Phone, wish),
        }
    }

    fn wish(&mut self, field: Active, wish: Say) -> Turn {
        self.active = field;
        match field {
            Active::Unit => self.unit.note(wish),
            Active::Phone => self.phone.note(wish),
        }
        Turn::Stay
    }

    fn choose(&mut self, choice: Choice) -> Turn {
        if self.chosen.contains(&choice) {
            self.page = Page::Told;
            return Turn::Stay;
        }
        self.send(Step::Choose { choice, stand_by: StandBy::Home })
    }

    /// One step at a time, and none before the case has a number.
    fn send(&mut self, step: Step) -> Turn {
        self.unwritten = false;
        match self.alarm {
            Alarm::Raised(number) if self.sent.is_none() => {
                self.sent = Some(step.clone());
                Turn::Submit(move_on(number, step))
            }
            _ => {
                self.waiting = Some(step);
                Turn::Stay
            }
        }
    }

    /// What waited for the desk's answer.
    pub fn onward(&mut self) -> Option<Command> {
        let step = self.waiting.take()?;
        match self.send(step) {
            Turn::Submit(command) => Some(command),
            _ => None,
        }
    }

    pub fn answered(&mut self, answer: Result<Answer, Refusal>) {
        let step = self.sent.take();
        match (step, answer) {
            (None, Ok(Answer::Opened { number, .. })) => self.alarm = Alarm::Raised(number),
            (None, _) if self.alarm == Alarm::Sending => self.alarm = Alarm::Failed,
            (Some(Step::Place(_)), Ok(Answer::Moved { .. })) if self.page == Page::Place => self.page = Page::Choose,
            (Some(Step::Choose { choice, .. }), Ok(Answer::Moved { .. })) => {
                self.chosen.push(choice);
                self.page = Page::Told;
            }
            // The house is already further, or has ended it: whoever comes knows.
            (Some(Step::Place(_) | Step::Choose { .. }), Ok(Answer::Objected(_))) => self.page = Page::Told,
            (Some(Step::NotNeeded) | None, _) | (_, Ok(_)) => {}
            (Some(_), Err(_)) => self.unwritten = true,
        }
    }

    fn number(&self) -> Option<Number> {
        if let Alarm::Raised(number) = self.alarm { Some(number) } else { None }
    }
}

/// R149, in this order.
const CHOICES: [Choice; 3] = [Choice::Hospital, Choice::Ambulance, Choice::Care];

fn opening(language: Language) -> Command {
    Command::at_the_glass(Opening::Emergency(Request { language: language.tag().to_owned(), placed: None }))
}

fn move_on(number: Number, step: Step) -> Command {
    let step = case::Step::Matter(MatterStep::Emergency(step));
    Command::Move { number, step, seen: None, by: Actor::GUEST }
}
