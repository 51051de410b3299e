//! What the company promised, as pure rules: state, command and `now` go in, events and an answer come out.
//! No I/O, no clock, no async. Rule numbers (R…) are those of the company's service regulations.

pub mod assign;
pub mod base64url;
pub mod calendar;
pub mod card;
pub mod case;
pub mod contact;
#[cfg(feature = "contract")]
#[allow(dead_code, reason = "its types are read for what they declare, and never made")]
pub mod contract;
pub mod directory;
pub mod door;
pub mod figures;
pub mod guess;
pub mod house;
pub mod identity;
pub mod intake;
pub mod invitation;
pub mod knowledge;
pub mod lamp;
pub mod local_time;
pub mod matter;
pub mod number;
pub mod offer;
pub mod office_command;
pub mod period;
pub mod person;
pub mod presence;
pub mod price;
pub mod progress;
pub mod redact;
pub mod reply;
pub mod report;
pub mod rules;
pub mod shift;
pub mod signature;
pub mod staff;
pub mod staff_list;
pub mod tally;
pub mod timeline;
pub mod watch;
pub mod wording;

pub use matter::{
    alarm, birthday, call, campaign, check, complaint, custody, delivery, emergency, enquiry, gathering, help,
    improvement, pass, patrol, repair, service, silence, suggestion, support, visit,
};
