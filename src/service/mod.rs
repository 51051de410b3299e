//! What the company promised, as pure rules: state, command and `now` go in, events and an answer come out.
//! No I/O, no clock, no async. Rule numbers (R…) are those of the company's service regulations.

pub mod contact;
pub mod directory;
pub mod door;
pub mod help;
pub mod number;
pub mod office_command;
pub mod repair;
pub mod visit;

use crate::event::Event;

/// What a rule decided: the events to append, and what to tell the one who asked once they are on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<A> {
    pub events: Vec<Event>,
    pub answer: A,
}
