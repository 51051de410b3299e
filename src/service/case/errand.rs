//! What somebody shall do: every errand with the form of its task and the ladder that it climbs. A list and nothing else.

use crate::service::house::Duty;
use serde::{Deserialize, Serialize};

macro_rules! errands {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $form:ident $way:ident),+ $(,)?) => {
        /// What somebody shall do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Errand { $($(#[$doc])* $variant),+ }

        impl Errand {
            pub const ALL: &'static [Errand] = &[$(Errand::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Errand::$variant => $name),+ }
            }

            pub const fn form(self) -> Form {
                match self { $(Errand::$variant => Form::$form),+ }
            }

            pub const fn way(self) -> Way {
                match self { $(Errand::$variant => Way::$way),+ }
            }
        }
    };
}

errands! {
    /// Somebody has pressed the intercom's button.
    AnswerCall = "answer-call" Call Call,
    /// A missed call must be acknowledged.
    MissedCall = "missed-call" Notice Call,
    /// Somebody at the kiosk asks for a person (R233, R241).
    SeeHelp = "see-help" Walk Waiting,
    /// Call the host of a waiting visitor (R163).
    CallHost = "call-host" Walk Waiting,
    /// 客服管家 decides about a forgotten card (R167).
    AskButler = "ask-butler" Walk Waiting,
    /// Ask a visitor who was not let in, a person who is unwell, anybody the kiosk cannot help (R198).
    SeePerson = "see-person" Walk Waiting,
    /// Somebody wants something at a unit where nobody lives: see who (R079).
    SeeUnit = "see-unit" Walk Waiting,
    /// Look at a door alarm.
    SeeAlarm = "see-alarm" Walk Alarm,
    /// Go and repair (R052); needs an agreed arrival (R054).
    Repair = "repair" Appointed Repair,
    /// Carry out a convenience service.
    Serve = "serve" Appointed Desk,
    /// Ask the reporter whether the person came (R055).
    AskReporter = "ask-reporter" Notice Desk,
    /// Agree on another time with the resident (R060).
    Reappoint = "reappoint" Notice Desk,
    /// Apologise for a broken promise (R090).
    Apologise = "apologise" Notice Desk,
    /// Ask afterwards whether all is well (R282, R129, R091).
    CallBack = "call-back" Notice Desk,
    /// Tell the asker the result (R037, R071, R089).
    TellResult = "tell-result" Notice Desk,
    /// Take up a matter: a complaint, an enquiry, a suggestion, a request.
    TakeUp = "take-up" Notice Desk,
    /// Somebody was told of a revisit: arrange it with the resident (R249).
    Revisit = "revisit" Notice Desk,
    /// Hand out or take back: a parcel, a key.
    HandOver = "hand-over" Notice Desk,
    /// Approve or refuse a release pass (R279).
    Approve = "approve" Notice Desk,
    /// Go and talk with a resident who complains of the delay (R061).
    Talk = "talk" Walk Errand,
    /// A superior takes over an explanation (R104).
    TakeOver = "take-over" Notice Supervise,
    /// The supervisor is told of a complaint (R101, R102).
    KnowComplaint = "know-complaint" Notice Supervise,
    /// Tell all staff, without names, how a complaint is prevented (R120).
    TellStaff = "tell-staff" Notice Supervise,
    /// The supervisor is told that nobody was at home (R249).
    KnowNoAccess = "know-no-access" Notice Supervise,
    /// Review a fee outside the price list (R259).
    ReviewFee = "review-fee" Notice Supervise,
    /// Check and sign a repair notice (R068, R069).
    CheckWork = "check-work" Notice Supervise,
    /// Check and sign a day or a month (R299, R300).
    Sign = "sign" Notice Supervise,
    /// R292: what was to be better is done and noted, by its day.
    Improve = "improve" Notice Supervise,
    /// R292: look whether it has become better.
    FollowUp = "follow-up" Notice Supervise,
    /// R292: the effect was seen; the manager ends it.
    Conclude = "conclude" Notice Manage,
    /// Company leader and property manager decide (R106).
    Decide = "decide" Notice Manage,
    /// Consent to a re-appointment (R060).
    Consent = "consent" Notice Manage,
    /// Go to a patient's home or the centre and stand by (R150).
    GoToPatient = "go-to-patient" Walk Emergency,
    /// A vehicle to the building's door (R151).
    FetchVehicle = "fetch-vehicle" Walk Emergency,
    /// Meet the ambulance at the gate and guide it (R155).
    MeetAmbulance = "meet-ambulance" Walk Emergency,
    /// The shift leader names who takes care (R157).
    NameCarer = "name-carer" Walk Emergency,
    /// Look after the care (R159).
    CheckCare = "check-care" Notice Emergency,
    /// Somebody needs help at once and nothing is known yet.
    SeeEmergency = "see-emergency" Walk Emergency,
    /// A difficult situation at a post: silently (R107).
    Support = "support" Walk Emergency,
    /// Walk a round (R075).
    Patrol = "patrol" Walk Errand,
    /// Say why nobody walked a round (R075).
    MissedRound = "missed-round" Notice Supervise,
    /// Take note of what was found on a round (R077).
    KnowFinding = "know-finding" Notice Supervise,
    /// Help to carry (R280).
    Carry = "carry" Walk Errand,
    /// A post is silent (R014).
    SeePost = "see-post" Notice Errand,
    /// A survey is due: begin it, or say why not (R289, R290).
    PrepareSurvey = "prepare-survey" Notice Supervise,
    /// The report of a survey lies ready (R291).
    KnowSurvey = "know-survey" Notice Supervise,
    /// Check who has not signed out at the end of the day.
    CheckVisitors = "check-visitors" Notice Call,
    /// Say whether a gathering takes place (R316).
    NoteGathering = "note-gathering" Notice Desk,
    /// Call those who have signed up: it is called off, or a place has become free (R316).
    TellGuests = "tell-guests" Notice Desk,
    /// Write the minutes of a meeting with the residents (R293).
    WriteMinutes = "write-minutes" Notice Supervise,
    /// Plan this half-year's meeting with the residents (R293).
    PlanMeeting = "plan-meeting" Notice Manage,
    /// This month's birthdays are ready to be looked at (R271).
    SeeBirthdays = "see-birthdays" Notice Desk,
}

impl Errand {
    /// R015: takes somebody away from where he stands.
    pub const fn leaves_post(self) -> bool {
        matches!(
            self,
            Errand::GoToPatient
                | Errand::FetchVehicle
                | Errand::NameCarer
                | Errand::Talk
                | Errand::Support
                | Errand::Patrol
                | Errand::Carry
        )
    }

    /// Whoever has claimed it says when he is there (R056). A round is everywhere, and its end has a clock of its own.
    pub(super) const fn has_one_place(self) -> bool {
        !matches!(self, Errand::Patrol)
    }
}

/// How a task goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Claimed, then contact within seconds, then done; missed if nobody claims.
    Call,
    /// Claimed, there in time, done.
    Walk,
    /// Claimed with an agreed arrival (R054), there, done.
    Appointed,
    /// Done with one step; claiming it first is allowed.
    Notice,
}

/// Which ladder it climbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Own post, next post, all posts; missed.
    Call,
    /// The same with somebody who waits, then the superiors.
    Waiting,
    /// Own post, then all, then the superiors.
    Alarm,
    /// Everybody who may leave his post at once, then the superiors.
    Emergency,
    /// The first post of that duty, then superior by superior (R059).
    Errand,
    Desk,
    Repair,
    Supervise,
    Manage,
}

impl Way {
    pub const fn duty(self) -> Duty {
        match self {
            Way::Call | Way::Waiting => Duty::Call,
            Way::Alarm => Duty::Alarm,
            Way::Emergency | Way::Errand => Duty::Errand,
            Way::Desk => Duty::Desk,
            Way::Repair => Duty::Repair,
            Way::Supervise => Duty::Supervise,
            Way::Manage => Duty::Manage,
        }
    }
}
