//! Every figure of the service: seconds, hours, days. The defaults are the regulations' (R…) where they give a number; where
//! they do not, the comment says whose number it is. `[service]` of `lobby.toml` may change them; the version must rise
//! with each change and name who approved it (R306).

use super::local_time::LocalTime;
use super::price::Prices;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// `[service]` of `lobby.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Figures {
    /// R306: rises with every change of a figure.
    pub version: u32,
    /// R306: who approved this version and on which day, without names: `cs-manager 2026-11-20`, `management 2026-11-21`.
    /// From version 2 on both must stand here.
    pub approved_by: Vec<String>,
    pub call: Call,
    pub dispatch: Dispatch,
    pub alarm: Alarm,
    pub promise: Promises,
    pub visit: Visits,
    pub code: Codes,
    pub patrol: Patrols,
    pub check: Checks,
    pub survey: Surveys,
    pub price: Prices,
}

impl Default for Figures {
    fn default() -> Self {
        Figures {
            version: 1,
            approved_by: Vec::new(),
            call: Call::default(),
            dispatch: Dispatch::default(),
            alarm: Alarm::default(),
            promise: Promises::default(),
            visit: Visits::default(),
            code: Codes::default(),
            patrol: Patrols::default(),
            check: Checks::default(),
            survey: Surveys::default(),
            price: Prices::default(),
        }
    }
}

/// Intercom calls. Panels ring for 60 s by default (Akuvox R28, Aiphone IX): the ladder must end inside that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Call {
    /// R094: three rings, about 15 s; then the next post rings too.
    pub next_post_seconds: u32,
    pub all_posts_seconds: u32,
    pub missed_seconds: u32,
    /// A claim without contact goes back to the ladder.
    pub claim_lapses_seconds: u32,
    /// A second press of the same button within this time is the same call.
    pub same_call_seconds: u32,
}

impl Default for Call {
    fn default() -> Self {
        Call {
            next_post_seconds: 20,
            all_posts_seconds: 40,
            missed_seconds: 60,
            claim_lapses_seconds: 15,
            same_call_seconds: 60,
        }
    }
}

/// Errands: a repair, a visitor, a help call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dispatch {
    /// R052 says "at once" and R058 counts silence as refusal; the regulations give no number. Ours.
    pub accept_seconds: u32,
    /// The same for somebody who stands and waits: help at the kiosk, a visitor (R233). Ours.
    pub waiting_seconds: u32,
    /// The same for an emergency, where every post rings from the start (R097). Ours.
    pub emergency_seconds: u32,
    /// Whoever has claimed an errand without an agreed time says within so long that he is there; else it goes back to its
    /// ladder and climbs (R056, R058: no word is a refusal). UL 827 gives a guard on the premises five to ten minutes.
    pub arrive_seconds: u32,
    /// The end of a ladder is asked again so often: nobody's task is nobody's. Ours.
    pub remind_seconds: u32,
    /// R063: thirty minutes before.
    pub repeat_before_minutes: u32,
    /// R014: a manned post from which nothing is heard for so long is silent. Ours.
    pub silent_minutes: u32,
    /// 催办 (R001): most often once in so many minutes. Ours.
    pub chase_minutes: u32,
}

impl Default for Dispatch {
    fn default() -> Self {
        Dispatch {
            accept_seconds: 300,
            waiting_seconds: 30,
            emergency_seconds: 20,
            arrive_seconds: 600,
            remind_seconds: 600,
            repeat_before_minutes: 30,
            silent_minutes: 10,
            chase_minutes: 30,
        }
    }
}

/// Door alarms, with the states of ISA-18.2. The figures are the practice of alarm receiving centres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alarm {
    /// Forced door, duress: to be acknowledged within; then the next rung, again and again.
    pub forced_seconds: u32,
    /// Held door, tamper.
    pub held_seconds: u32,
    /// A device that has gone offline.
    pub offline_seconds: u32,
    /// A shelved alarm comes back by itself after at most this.
    pub shelve_hours: u32,
    /// More than so many in a minute are one alarm with a count.
    pub chatter_per_minute: u32,
}

impl Default for Alarm {
    fn default() -> Self {
        Alarm { forced_seconds: 30, held_seconds: 90, offline_seconds: 300, shelve_hours: 8, chatter_per_minute: 10 }
    }
}

/// What the company promises, in the order of the table of time limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Promises {
    /// R081.
    pub repair_solve_hours: u32,
    /// R282: "及时", no number in the regulations; ours.
    pub repair_call_back_hours: u32,
    /// R083.
    pub enquiry_progress_hours: u32,
    /// R085: two days.
    pub written_reply_hours: u32,
    /// R084.
    pub complaint_measures_hours: u32,
    /// R098, optional (another trade's rule): off at 0.
    pub complaint_first_call_hours: u32,
    /// R129: the result told and called back; "及时", ours.
    pub complaint_call_back_hours: u32,
    /// R091: seven days.
    pub emergency_call_back_hours: u32,
    /// The stricter profile: first reply (R087), consultation (R088), result (R089). Off by default.
    pub strict: bool,
    pub strict_reply_hours: u32,
    pub strict_consultation_hours: u32,
    pub strict_result_hours: u32,
    /// Suggestions get follow-up too (R021); no number in the regulations, ours.
    pub suggestion_reply_hours: u32,
    /// R293: minutes of a meeting with the residents are written within so many days. Ours.
    pub minutes_days: u32,
    /// A convenience service is confirmed or declined; ours.
    pub service_confirm_hours: u32,
    /// R288: a repair, a service or a complaint can be rated for so many days after its end. Ours.
    pub rating_days: u32,
    /// Early warning: this share of a promise's time before its end, in percent, at most `warn_minutes`.
    pub warn_percent: u32,
    pub warn_minutes: u32,
    /// R082: longest pause for a coded obstacle; then the clock runs again by itself. Ours.
    pub pause_hours: u32,
}

impl Default for Promises {
    fn default() -> Self {
        Promises {
            repair_solve_hours: 24,
            repair_call_back_hours: 48,
            enquiry_progress_hours: 24,
            written_reply_hours: 48,
            complaint_measures_hours: 48,
            complaint_first_call_hours: 0,
            complaint_call_back_hours: 48,
            emergency_call_back_hours: 168,
            strict: false,
            strict_reply_hours: 2,
            strict_consultation_hours: 8,
            strict_result_hours: 12,
            suggestion_reply_hours: 168,
            minutes_days: 7,
            service_confirm_hours: 24,
            rating_days: 7,
            warn_percent: 20,
            warn_minutes: 120,
            pause_hours: 72,
        }
    }
}

/// Visitors and things that wait for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Visits {
    /// Local time of the evening's check: who has not signed out is presumed to have left (marked 推定).
    pub day_end: LocalTime,
    /// R239: nobody in a home is disturbed between these two but for an emergency.
    pub quiet_from: LocalTime,
    pub quiet_to: LocalTime,
    /// R200, R201: somebody who waits longer for his host is asked how it goes. The regulations give no number; ours.
    pub long_wait_minutes: u32,
    /// A parcel not collected after so many hours is reminded of. Ours.
    pub parcel_reminder_hours: u32,
    /// A parcel whose code was shown at the glass and that nobody has handed over for so long waits as before. Ours: whoever
    /// is on his way with something else needs ten.
    pub parcel_shown_minutes: u32,
    /// A visitor's message is passed on within so many minutes; at night, of the morning (R170, R239). The regulations give no
    /// number; ours.
    pub message_minutes: u32,
    /// A release pass that is not used is void after so many hours. Ours.
    pub pass_hours: u32,
}

impl Default for Visits {
    fn default() -> Self {
        Visits {
            day_end: LocalTime::new(22, 30),
            quiet_from: LocalTime::new(22, 0),
            quiet_to: LocalTime::new(7, 0),
            long_wait_minutes: 10,
            parcel_reminder_hours: 48,
            parcel_shown_minutes: 15,
            message_minutes: 60,
            pass_hours: 24,
        }
    }
}

/// Codes that people type: a parcel's, a release pass's. The regulations give no number; all ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Codes {
    /// Wrong codes of one kind until whoever types them has to wait; at the glass the next person begins anew.
    pub wrong: u32,
    /// The same for the place, whoever stands there.
    pub place_wrong: u32,
    /// The first wait; each further one is twice as long.
    pub wait_seconds: u32,
    pub longest_wait_minutes: u32,
    /// A place without a wrong code for so long starts over.
    pub forget_minutes: u32,
}

impl Default for Codes {
    fn default() -> Self {
        Codes { wrong: 5, place_wrong: 15, wait_seconds: 60, longest_wait_minutes: 60, forget_minutes: 120 }
    }
}

/// R075: once each morning and each afternoon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patrols {
    pub rounds: Vec<Round>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Names the round of the day: `morning`.
    pub name: crate::event::Slug,
    pub from: LocalTime,
    pub to: LocalTime,
}

impl Default for Patrols {
    fn default() -> Self {
        let round = |name, from, to| Round {
            name: crate::event::Slug::from_text(name),
            from: LocalTime::new(from, 0),
            to: LocalTime::new(to, 0),
        };
        Patrols { rounds: vec![round("morning", 8, 12), round("afternoon", 14, 18)] }
    }
}

/// What is signed, and until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// R299: the supervisor signs the day's records before going off duty.
    pub daily_by: LocalTime,
    /// R300: the project manager has checked last month by this day.
    pub monthly_by_day: u32,
}

impl Default for Checks {
    fn default() -> Self {
        Checks { daily_by: LocalTime::new(20, 0), monthly_by_day: 5 }
    }
}

/// Surveys (R289-R291). The regulations say once or twice a year (000) and each quarter (004): a short one in three
/// quarters and a full one, which asks the same and more, in the fourth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Surveys {
    /// Months, 1 to 12, on whose first day a short one is proposed (R290).
    pub pulse_months: Vec<u32>,
    /// The same for the full one (R289).
    pub yearly_months: Vec<u32>,
    /// Days that one lasts which was proposed. The regulations give no number; ours.
    pub pulse_days: u32,
    pub yearly_days: u32,
    /// Answers that the glass takes within an hour. Ours: one takes half a minute, and nobody votes for the whole house.
    pub answers_per_hour: u32,
}

impl Default for Surveys {
    fn default() -> Self {
        Surveys {
            pulse_months: vec![2, 5, 8],
            yearly_months: vec![11],
            pulse_days: 14,
            yearly_days: 28,
            answers_per_hour: 20,
        }
    }
}

/// Seconds, minutes, hours and days of the figures as spans of time.
pub fn seconds(n: u32) -> TimeDelta {
    TimeDelta::seconds(n.into())
}

pub fn minutes(n: u32) -> TimeDelta {
    TimeDelta::minutes(n.into())
}

pub fn hours(n: u32) -> TimeDelta {
    TimeDelta::hours(n.into())
}

pub fn days(n: u32) -> TimeDelta {
    TimeDelta::days(n.into())
}
