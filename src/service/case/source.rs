//! How a matter came in (R017-R019). A list and nothing else.

use serde::{Deserialize, Serialize};

/// R017-R019: how a matter came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// At the touchscreen: a visit that serves itself (R018).
    #[default]
    Kiosk,
    /// Noted by a member of staff for somebody (R007).
    StaffContact,
    Phone,
    Intercom,
    WalkIn,
    Letter,
    Email,
    Online,
    SuggestionBox,
    DispatchCentre,
    Internal,
    /// A device or the calendar.
    Daemon,
    /// For example the press (R018).
    Other,
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Source::Kiosk => "kiosk",
            Source::StaffContact => "staff-contact",
            Source::Phone => "phone",
            Source::Intercom => "intercom",
            Source::WalkIn => "walk-in",
            Source::Letter => "letter",
            Source::Email => "email",
            Source::Online => "online",
            Source::SuggestionBox => "suggestion-box",
            Source::DispatchCentre => "dispatch-centre",
            Source::Internal => "internal",
            Source::Daemon => "daemon",
            Source::Other => "other",
        }
    }
}
