//! Gatherings, birthdays, improvements and surveys: what each kind says. Decides nothing.

use super::words::{Extent, Gathering, Language};
use super::{Declaration, Nothing, Of, Text, declare};
use crate::event::Kind;
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// The states of such a case.
const GATHERING: &[&str] = &["planned", "due", "held", "cancelled", "closed"];

/// The states of such a case.
const BIRTHDAY: &[&str] = &["kept", "withdrawn"];

/// The states of such a case.
const IMPROVEMENT: &[&str] = &["open", "done", "followed-up", "closed", "withdrawn"];

/// The states of such a case.
const SURVEY: &[&str] = &["proposed", "planned", "running", "ended", "closed", "called-off"];

declare! {
    /// A meeting or an activity is announced.
    GatheringPlanned: Of::Case(GATHERING), GatheringPlanned, GatheringPlannedPerson;
    /// Somebody will come.
    GatheringSignedUp: Of::Case(GATHERING), GatheringSignedUp, GatheringSignedUpPerson;
    /// Somebody will not come.
    GatheringSignedOff: Of::Case(GATHERING), GatheringSignedOff, GatheringSignedUpPerson;
    /// It took place.
    GatheringHeld: Of::Case(GATHERING), GatheringHeld;
    /// The minutes are written.
    GatheringMinuted: Of::Case(GATHERING), GatheringMinuted, GatheringMinutedPerson;
    /// It does not take place.
    GatheringCancelled: Of::Case(GATHERING), GatheringCancelled, GatheringCancelledPerson;
    /// It is over.
    GatheringClosed: Of::Case(GATHERING);
    /// Somebody has consented to have his birthday known. All of it is in `person`.
    BirthdayKept: Of::Case(BIRTHDAY), Nothing, BirthdayKeptPerson;
    /// He has taken the consent back: the office must forget every `person` with this number.
    BirthdayWithdrawn: Of::Case(BIRTHDAY);
    /// Something shall become better by a day.
    ImprovementAgreed: Of::Case(IMPROVEMENT), ImprovementAgreed, ImprovementAgreedPerson;
    /// It was done.
    ImprovementDone: Of::Case(IMPROVEMENT), ImprovementDone, ImprovementDonePerson;
    /// Whether it had an effect.
    ImprovementFollowedUp: Of::Case(IMPROVEMENT), ImprovementFollowedUp, ImprovementFollowedUpPerson;
    /// It had none: again, by another day.
    ImprovementReopened: Of::Case(IMPROVEMENT), ImprovementReopened;
    /// It is over.
    ImprovementClosed: Of::Case(IMPROVEMENT), ImprovementClosed;
    /// A survey is planned.
    SurveyPlanned: Of::Case(SURVEY), SurveyPlanned;
    /// It may be answered.
    SurveyBegun: Of::Case(SURVEY), SurveyBegun;
    /// One answer, without a name.
    SurveyAnswered: Of::Case(SURVEY), SurveyAnswered, Text;
    /// Nobody can answer any more: what came out.
    SurveyEnded: Of::Case(SURVEY), SurveyEnded;
    /// The result was drawn.
    SurveyClosed: Of::Case(SURVEY);
    /// It does not take place.
    SurveyCalledOff: Of::Case(SURVEY), Nothing, Text;
}

/// `gathering.planned`
#[derive(JsonSchema)]
struct GatheringPlanned {
    /// When it begins.
    at: DateTime<Utc>,
    /// A meeting or an activity.
    gathering: Gathering,
    /// How many places there are.
    places: u64,
}

/// `person` of `gathering.planned`
#[derive(JsonSchema)]
struct GatheringPlannedPerson {
    /// The words of the invitation.
    invitation: Option<String>,
    /// What it is called.
    title: String,
    /// The same in English.
    title_en: Option<String>,
    /// Where it is.
    r#where: String,
    /// The words of the notice.
    words: String,
    /// The same in English.
    words_en: Option<String>,
}

/// `gathering.signed-up`
#[derive(JsonSchema)]
struct GatheringSignedUp {
    /// How many will come.
    coming: u64,
    /// Whether there was no place left.
    on_waiting_list: bool,
    /// The number of the place.
    seat: u64,
    /// How many are on the waiting list.
    waiting: u64,
}

/// `person` of `gathering.signed-up`
#[derive(JsonSchema)]
struct GatheringSignedUpPerson {
    /// Who has a seat, by its number; null takes a name back.
    guests: BTreeMap<String, Option<Guest>>,
}

/// `gathering.signed-off`
#[derive(JsonSchema)]
struct GatheringSignedOff {
    /// How many will come.
    coming: u64,
    /// The seat that has moved up from the waiting list.
    moved_up: Option<u64>,
    /// The number of the place.
    seat: u64,
    /// How many are on the waiting list.
    waiting: u64,
}

/// `gathering.held`
#[derive(JsonSchema)]
struct GatheringHeld {
    /// How many came.
    attended: u64,
    /// How many will come.
    coming: u64,
    /// How many are on the waiting list.
    waiting: u64,
}

/// `gathering.minuted`
#[derive(JsonSchema)]
struct GatheringMinuted {
    /// How many paragraphs.
    paragraphs: u64,
}

/// `person` of `gathering.minuted`
#[derive(JsonSchema)]
struct GatheringMinutedPerson {
    /// The minutes, by paragraph.
    minutes: Vec<String>,
}

/// `gathering.cancelled`
#[derive(JsonSchema)]
struct GatheringCancelled {
    /// How many will come.
    coming: u64,
    /// How many are on the waiting list.
    waiting: u64,
}

/// `person` of `gathering.cancelled`
#[derive(JsonSchema)]
struct GatheringCancelledPerson {
    /// Why.
    reason: String,
}

/// `person` of `birthday.kept`
#[derive(JsonSchema)]
struct BirthdayKeptPerson {
    /// When the consent was given.
    consent_on: String,
    /// Who has it.
    consent_to: String,
    /// The month of birth, 1 to 12.
    month: u8,
    /// The name.
    name: String,
    /// The flat.
    unit: String,
}

/// `improvement.agreed`
#[derive(JsonSchema)]
struct ImprovementAgreed {
    /// What it is about.
    category: String,
    /// The day by which it shall be done.
    due_day: NaiveDate,
    /// The figures.
    report: String,
}

/// `person` of `improvement.agreed`
#[derive(JsonSchema)]
struct ImprovementAgreedPerson {
    /// What it is, in words.
    detail: String,
}

/// `improvement.done`
#[derive(JsonSchema)]
struct ImprovementDone {
    /// The day on which the effect is looked for.
    look_on: NaiveDate,
}

/// `person` of `improvement.done`
#[derive(JsonSchema)]
struct ImprovementDonePerson {
    /// Who did it.
    done_by: String,
    /// What was done.
    result: String,
}

/// `improvement.followed-up`
#[derive(JsonSchema)]
struct ImprovementFollowedUp {
    /// Whether it had an effect.
    effect: bool,
}

/// `person` of `improvement.followed-up`
#[derive(JsonSchema)]
struct ImprovementFollowedUpPerson {
    /// What came of it.
    effect: String,
}

/// `improvement.reopened`
#[derive(JsonSchema)]
struct ImprovementReopened {
    /// The day by which it shall be done.
    due_day: NaiveDate,
    /// How often it was opened again.
    reopened: u64,
}

/// `improvement.closed`
#[derive(JsonSchema)]
struct ImprovementClosed {
    /// How often it was opened again.
    reopened: u64,
}

/// `survey.planned`
#[derive(JsonSchema)]
struct SurveyPlanned {
    /// First day.
    from: NaiveDate,
    /// Whether it is only a proposal.
    proposed: bool,
    /// Codes of the questions.
    questions: Vec<String>,
    /// A short one or the year's.
    survey: Extent,
    /// Last day.
    to: NaiveDate,
}

/// `survey.begun`
#[derive(JsonSchema)]
struct SurveyBegun {
    /// First day.
    from: NaiveDate,
    /// A short one or the year's.
    survey: Extent,
    /// Last day.
    to: NaiveDate,
}

/// `survey.answered`
#[derive(JsonSchema)]
struct SurveyAnswered {
    /// Stars from 1 to 5, by what was rated.
    rating: BTreeMap<String, u8>,
    /// A short one or the year's.
    survey: Extent,
}

/// `survey.ended`
#[derive(JsonSchema)]
struct SurveyEnded {
    /// Answers in all.
    answers: u64,
    /// The same survey before this one.
    before: Option<Earlier>,
    /// First day.
    from: NaiveDate,
    /// What came out of each question.
    results: Vec<OfQuestion>,
    /// A short one or the year's.
    survey: Extent,
    /// Last day.
    to: NaiveDate,
}

/// Who has a seat.
#[derive(JsonSchema)]
struct Guest {
    /// The name.
    name: String,
    /// The phone number.
    phone: String,
    /// The flat.
    unit: Option<String>,
    /// The language at the glass.
    language: Language,
}

/// What came out of one question.
#[derive(JsonSchema)]
struct OfQuestion {
    /// The question's code.
    code: String,
    /// How many have answered it.
    answers: u64,
    /// The mean of the stars; null where nobody has.
    mean: Option<f64>,
    /// How many gave one star, two, up to five.
    stars: Vec<u64>,
    /// The mean of the survey before, where it asked the same.
    before: Option<f64>,
}

/// The survey of the same kind before this one.
#[derive(JsonSchema)]
struct Earlier {
    /// Its first day.
    from: NaiveDate,
    /// How many answered.
    answers: u64,
}
