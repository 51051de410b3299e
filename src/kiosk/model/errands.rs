//! The commands that are on their way to the desk, and who at the glass waits for each: at most one for each of them.

use std::time::Duration;

/// A command that has had no answer for so long counts as not written: the visitor is offered another way. A commit takes
/// milliseconds, and a worn SD card seconds; an answer that still comes is taken.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Who waits longer than this is told that it goes on, and who else can help.
pub const SLOW: Duration = Duration::from_secs(2);

/// Who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Flow,
    Help,
    Emergency,
}

#[derive(Debug, Clone, Copy)]
struct Errand {
    ticket: u64,
    since: Duration,
    whose: Whose,
    given_up: bool,
}

impl Errand {
    fn waited(&self, at: Duration) -> Duration {
        at.saturating_sub(self.since)
    }
}

/// Times are on the clock of [`super::Moment::at`].
#[derive(Debug, Default)]
pub struct Errands {
    tickets: u64,
    under_way: Vec<Errand>,
}

impl Errands {
    /// For a command whose answer nobody waits for.
    pub fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// Nobody waits for an answer.
    pub fn are_done(&self) -> bool {
        self.under_way.is_empty()
    }

    /// The ticket of a command that goes out now. An older one of the same has been given up.
    pub fn begin(&mut self, whose: Whose, at: Duration) -> u64 {
        self.forget(whose);
        let ticket = self.ticket();
        self.under_way.push(Errand { ticket, since: at, whose, given_up: false });
        ticket
    }

    /// An answer has come; none where nobody waits for it any more.
    pub fn end(&mut self, ticket: u64) -> Option<Whose> {
        let n = self.under_way.iter().position(|errand| errand.ticket == ticket)?;
        Some(self.under_way.swap_remove(n).whose)
    }

    /// Gives up what has had no answer for [`ANSWER_WITHIN`]: whose they were.
    pub fn give_up(&mut self, at: Duration) -> Vec<Whose> {
        let mut late = Vec::new();
        for errand in self.under_way.iter_mut().filter(|errand| !errand.given_up) {
            if errand.waited(at) >= ANSWER_WITHIN {
                errand.given_up = true;
                late.push(errand.whose);
            }
        }
        late
    }

    pub fn is_slow(&self, whose: Whose, at: Duration) -> bool {
        self.awaited().any(|errand| errand.whose == whose && errand.waited(at) >= SLOW)
    }

    pub fn anybody_waits(&self) -> bool {
        self.awaited().next().is_some()
    }

    /// The desk may still take one of these, whether it is waited for or has been given up.
    pub fn may_be_taken(&self, whose: Whose) -> bool {
        self.under_way.iter().any(|errand| errand.whose == whose)
    }

    /// When each of those that are waited for has waited long enough for the next thing.
    pub fn wakes(&self, at: Duration) -> impl Iterator<Item = Duration> {
        self.awaited().map(move |errand| errand.since + if errand.waited(at) < SLOW { SLOW } else { ANSWER_WITHIN })
    }

    /// Nobody waits for this any more.
    pub fn forget(&mut self, whose: Whose) {
        self.under_way.retain(|errand| errand.whose != whose);
    }

    /// Nobody is there. A ticket is never given twice all the same.
    pub fn forget_all(&mut self) {
        self.under_way.clear();
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    fn awaited(&self) -> impl Iterator<Item = &Errand> {
        self.under_way.iter().filter(|errand| !errand.given_up)
    }
}
