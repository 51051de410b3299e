//! Services and parcels: what each kind says. Decides nothing.

use super::words::{Channel, Language, Proof, Source};
use super::{Declaration, Nothing, Of, Stars, declare};
use crate::event::Kind;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;

/// The states of such a case.
const SERVICE: &[&str] = &[
    "requested",
    "quoted",
    "agreed",
    "arrived",
    "no-access",
    "started",
    "done",
    "settled",
    "closed",
    "declined",
    "withdrawn",
];

/// The states of such a case.
const DELIVERY: &[&str] = &["received", "notified", "shown", "collected", "returned"];

declare! {
    /// A service was ordered, or a permission asked for.
    ServiceRequested: Of::Case(SERVICE), ServiceRequested, ServiceRequestedPerson;
    /// A permission was looked at.
    ServiceReviewed: Of::Case(SERVICE), ServiceReviewed;
    /// What it costs was told.
    ServiceQuoted: Of::Case(SERVICE), ServiceQuoted;
    /// A time was agreed.
    ServiceAgreed: Of::Case(SERVICE), ServiceAgreed;
    /// Nobody opened.
    ServiceNoAccess: Of::Case(SERVICE), ServiceNoAccess;
    /// The work has begun.
    ServiceStarted: Of::Case(SERVICE), ServiceStarted;
    /// The work is done.
    ServiceDone: Of::Case(SERVICE), ServiceDone, ServiceDonePerson;
    /// It was paid.
    ServiceSettled: Of::Case(SERVICE), ServiceSettled;
    /// It is not done; an alternative was told.
    ServiceDeclined: Of::Case(SERVICE), Nothing, ServiceDeclinedPerson;
    /// The customer was asked afterwards.
    ServiceCalledBack: Of::Case(SERVICE), ServiceCalledBack, ServiceCalledBackPerson;
    /// Stars from the customer.
    ServiceRated: Of::Case(SERVICE), ServiceRated;
    /// The service is over.
    ServiceClosed: Of::Case(SERVICE), ServiceClosed;
    /// A parcel lies here.
    DeliveryReceived: Of::Case(DELIVERY), DeliveryReceived, DeliveryReceivedPerson;
    /// The addressee was told.
    DeliveryNotified: Of::Case(DELIVERY), DeliveryNotified;
    /// He was told again.
    DeliveryReminded: Of::Case(DELIVERY), DeliveryNotified;
    /// He is there and has shown his code.
    DeliveryShown: Of::Case(DELIVERY);
    /// He was there and did not get it.
    DeliveryNotHandedOver: Of::Case(DELIVERY), DeliveryNotHandedOver;
    /// It was handed over.
    DeliveryCollected: Of::Case(DELIVERY), DeliveryCollected;
    /// It went back to the courier.
    DeliveryReturned: Of::Case(DELIVERY);
}

/// `service.requested`
#[derive(JsonSchema)]
struct ServiceRequested {
    /// What it is about.
    category: String,
    /// How it came in.
    channel: Source,
    /// The language at the glass.
    language: Language,
    /// The flat or office.
    unit: String,
    /// The times that would suit; or whether the windows are shut.
    windows: Vec<String>,
}

/// `person` of `service.requested`
#[derive(JsonSchema)]
struct ServiceRequestedPerson {
    /// What it is, in words.
    detail: Option<String>,
    /// The name.
    name: String,
    /// The phone number.
    phone: String,
}

/// `service.reviewed`
#[derive(JsonSchema)]
struct ServiceReviewed {
    /// Whether it was approved.
    approved: bool,
    /// The documents that were shown.
    documents: Vec<String>,
}

/// `service.quoted`
#[derive(JsonSchema)]
struct ServiceQuoted {
    /// By which way it came, or was told.
    channel: Channel,
    /// Money for work, in hundredths of a yuan.
    labour_fen: u64,
    /// Money for material, in hundredths of a yuan.
    material_fen: u64,
}

/// `service.agreed`
#[derive(JsonSchema)]
struct ServiceAgreed {
    /// From when.
    from: DateTime<Utc>,
    /// Until when.
    to: DateTime<Utc>,
}

/// `service.no-access`
#[derive(JsonSchema)]
struct ServiceNoAccess {
    /// How often somebody knocked.
    knocks: u64,
}

/// `service.started`
#[derive(JsonSchema)]
struct ServiceStarted {
    /// Whether the resident agreed that the home is entered.
    entry_consent: Option<bool>,
}

/// `service.done`
#[derive(JsonSchema)]
struct ServiceDone {
    /// `true`: agreed.
    accepted: bool,
    /// Money for work, in hundredths of a yuan.
    labour_fen: u64,
    /// Money for material, in hundredths of a yuan.
    material_fen: u64,
}

/// `person` of `service.done`
#[derive(JsonSchema)]
struct ServiceDonePerson {
    /// What was done.
    result: String,
}

/// `service.settled`
#[derive(JsonSchema)]
struct ServiceSettled {
    /// Money for work, in hundredths of a yuan.
    labour_fen: u64,
    /// Money for material, in hundredths of a yuan.
    material_fen: u64,
    /// The number of the receipt.
    receipt: String,
}

/// `person` of `service.declined`
#[derive(JsonSchema)]
struct ServiceDeclinedPerson {
    /// Who can help, or what can be done.
    alternative: String,
    /// What was answered.
    reply: String,
}

/// `service.called-back`
#[derive(JsonSchema)]
struct ServiceCalledBack {
    /// By which way it came, or was told.
    channel: Channel,
    /// Whether he is satisfied.
    satisfied: bool,
}

/// `person` of `service.called-back`
#[derive(JsonSchema)]
struct ServiceCalledBackPerson {
    /// What was remarked.
    remark: Option<String>,
}

/// `service.rated`
#[derive(JsonSchema)]
struct ServiceRated {
    /// Stars from 1 to 5, by what was rated.
    rating: Stars,
}

/// `service.closed`
#[derive(JsonSchema)]
struct ServiceClosed {
    /// How often it was opened again.
    reopened: u64,
}

/// `delivery.received`
#[derive(JsonSchema)]
struct DeliveryReceived {
    /// How it came in.
    channel: Source,
    /// Parcels.
    count: u64,
    /// The language at the glass.
    language: Language,
    /// The flat or office.
    unit: String,
}

/// `person` of `delivery.received`
#[derive(JsonSchema)]
struct DeliveryReceivedPerson {
    /// Who brought it.
    carrier: Option<String>,
    /// The courier's phone number.
    courier_phone: Option<String>,
    /// The phone number.
    phone: Option<String>,
}

/// `delivery.notified`
#[derive(JsonSchema)]
struct DeliveryNotified {
    /// Which reminder.
    reminder: u64,
}

/// `delivery.not-handed-over`
#[derive(JsonSchema)]
struct DeliveryNotHandedOver {
    /// Why.
    why: String,
}

/// `delivery.collected`
#[derive(JsonSchema)]
struct DeliveryCollected {
    /// How the addressee showed that it is his.
    proof: Proof,
}
