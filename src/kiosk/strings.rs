//! Every sentence on the glass, in each language, from `assets/strings/*.ftl` (Fluent). Manner is law here: tests refuse the
//! company's forbidden phrases (R193-R197) and anything that blames (R219). It must never show an empty or half-filled sentence.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use std::borrow::Cow;

/// A language of the glass. The kiosk begins in the site's and switches for one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Chinese,
    English,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::Chinese, Language::English];

    /// BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-Hans",
            Language::English => "en",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    }

    pub const fn other(self) -> Self {
        match self {
            Language::Chinese => Language::English,
            Language::English => Language::Chinese,
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Language::Chinese => include_str!("../../assets/strings/zh-Hans.ftl"),
            Language::English => include_str!("../../assets/strings/en.ftl"),
        }
    }
}

macro_rules! sentences {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// A sentence by its name in the Fluent files. The compiler says which ones nobody uses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Say { $($variant),+ }

        impl Say {
            #[cfg(test)]
            const NAMES: &'static [&'static str] = &[$($name),+];

            const fn name(self) -> &'static str {
                match self { $(Say::$variant => $name),+ }
            }
        }
    };
}

sentences! {
    Help = "help",
    Emergency = "emergency",
    Language = "language",
    LanguageShort = "language-short",
    Large = "large",
    Normal = "normal",
    Back = "back",
    Leave = "leave",
    Next = "next",
    Step = "step",
    StepFirst = "step-first",
    Weekday = "weekday",
    Weekdays = "weekdays",
    GreetingMorning = "greeting-morning",
    GreetingNoon = "greeting-noon",
    GreetingAfternoon = "greeting-afternoon",
    GreetingEvening = "greeting-evening",
    GreetingNewYear = "greeting-new-year",
    HomeQuestion = "home-question",
    HomeVisit = "home-visit",
    HomeVisitHint = "home-visit-hint",
    HomeRepair = "home-repair",
    HomeRepairHint = "home-repair-hint",
    HomeServices = "home-services",
    HomeServicesHint = "home-services-hint",
    HomeSignOut = "home-sign-out",
    AlarmCannotStore = "alarm-cannot-store",
    AlarmRecovered = "alarm-recovered",
    VisitUnitQuestion = "visit-unit-question",
    VisitNameQuestion = "visit-name-question",
    VisitPhoneQuestion = "visit-phone-question",
    VisitPrivacy = "visit-privacy",
    VisitPurposeQuestion = "visit-purpose-question",
    PurposeFriends = "purpose-friends",
    PurposeDelivery = "purpose-delivery",
    PurposeWork = "purpose-work",
    PurposeViewing = "purpose-viewing",
    PurposeBusiness = "purpose-business",
    PurposeOther = "purpose-other",
    VisitSending = "visit-sending",
    VisitReceived = "visit-received",
    VisitNow = "visit-now",
    VisitKeep = "visit-keep",
    VisitAgain = "visit-again",
    VisitAgainNamed = "visit-again-named",
    UnitHint = "unit-hint",
    UnitBuilding = "unit-building",
    UnitPlain = "unit-plain",
    UnitAgain = "unit-again",
    UnitUnknown = "unit-unknown",
    PhoneHint = "phone-hint",
    PhoneAgain = "phone-again",
    NameHint = "name-hint",
    NameHintLetters = "name-hint-letters",
    NameAgain = "name-again",
    NamePick = "name-pick",
    NameLong = "name-long",
    NameLabel = "name-label",
    PhoneLabel = "phone-label",
    UnitLabel = "unit-label",
    TailLabel = "tail-label",
    DetailLabel = "detail-label",
    KeySpace = "key-space",
    KeySymbols = "key-symbols",
    KeyLetters = "key-letters",
    KeyPinyin = "key-pinyin",
    KeyDigits = "key-digits",
    KeyBackspace = "key-backspace",
    KeyShift = "key-shift",
    KeyMore = "key-more",
    KeyCandidate = "key-candidate",
    SignOutQuestion = "sign-out-question",
    SignOutHint = "sign-out-hint",
    SignOutGo = "sign-out-go",
    SignOutAgain = "sign-out-again",
    SignOutUnknown = "sign-out-unknown",
    SignOutUnit = "sign-out-unit",
    SignOutSending = "sign-out-sending",
    SignOutDone = "sign-out-done",
    SignOutThanks = "sign-out-thanks",
    RepairWhereQuestion = "repair-where-question",
    RepairHome = "repair-home",
    RepairHomeHint = "repair-home-hint",
    RepairPublic = "repair-public",
    RepairPublicHint = "repair-public-hint",
    RepairUnitQuestion = "repair-unit-question",
    RepairSpotQuestion = "repair-spot-question",
    SpotLobby = "spot-lobby",
    SpotLift = "spot-lift",
    SpotCorridor = "spot-corridor",
    SpotGarage = "spot-garage",
    SpotGarden = "spot-garden",
    SpotOther = "spot-other",
    RepairWhatQuestion = "repair-what-question",
    WhatWater = "what-water",
    WhatPower = "what-power",
    WhatLight = "what-light",
    WhatAirConditioning = "what-air-conditioning",
    WhatDoor = "what-door",
    WhatLift = "what-lift",
    WhatIntercom = "what-intercom",
    WhatOther = "what-other",
    RepairWhatNote = "repair-what-note",
    RepairWhenQuestion = "repair-when-question",
    WhenSoon = "when-soon",
    WhenTodayAfternoon = "when-today-afternoon",
    WhenTodayEvening = "when-today-evening",
    WhenTomorrowMorning = "when-tomorrow-morning",
    WhenTomorrowAfternoon = "when-tomorrow-afternoon",
    RepairWhenNote = "repair-when-note",
    RepairNameQuestion = "repair-name-question",
    RepairPhoneQuestion = "repair-phone-question",
    RepairPrivacy = "repair-privacy",
    RepairDetailQuestion = "repair-detail-question",
    RepairDetailHint = "repair-detail-hint",
    RepairCheckQuestion = "repair-check-question",
    CheckPlace = "check-place",
    CheckWhat = "check-what",
    CheckWhen = "check-when",
    CheckName = "check-name",
    CheckPhone = "check-phone",
    CheckDetail = "check-detail",
    CheckDetailEmpty = "check-detail-empty",
    RepairPrice = "repair-price",
    RepairSubmit = "repair-submit",
    RepairSending = "repair-sending",
    RepairReceived = "repair-received",
    RepairNowHome = "repair-now-home",
    RepairNowPublic = "repair-now-public",
    RepairKeep = "repair-keep",
    AnythingElse = "anything-else",
    More = "more",
    Done = "done",
    Finish = "finish",
    FinishCode = "finish-code",
    HelpSending = "help-sending",
    HelpTold = "help-told",
    HelpToldNow = "help-told-now",
    HelpNumber = "help-number",
    HelpPhone = "help-phone",
    HelpReturn = "help-return",
    HelpFailed = "help-failed",
    HelpFailedNow = "help-failed-now",
    EmergencyQuestion = "emergency-question",
    EmergencyNow = "emergency-now",
    Emergency120 = "emergency-120",
    EmergencyConfirm = "emergency-confirm",
    EmergencyCancel = "emergency-cancel",
    EmergencyTold = "emergency-told",
    EmergencyToldNow = "emergency-told-now",
    EmergencyFailed = "emergency-failed",
    EmergencyFailedNow = "emergency-failed-now",
    ServicesTitle = "services-title",
    ServicesNow = "services-now",
    ServicesCall = "services-call",
    ServicesPerson = "services-person",
    ServicesPersonHint = "services-person-hint",
    ServicesNumber = "services-number",
    HandbookTitle = "handbook-title",
    HandbookHint = "handbook-hint",
    SectionNotice = "section-notice",
    SectionHandbook = "section-handbook",
    SectionMovingIn = "section-moving-in",
    SectionDecoration = "section-decoration",
    SectionActivities = "section-activities",
    SectionCommittee = "section-committee",
    SectionAssembly = "section-assembly",
    SectionNews = "section-news",
    SectionSurroundings = "section-surroundings",
    ListNext = "list-next",
    PageNext = "page-next",
    EntryContact = "entry-contact",
    EntryUntil = "entry-until",
    CatalogueTitle = "catalogue-title",
    CatalogueHint = "catalogue-hint",
    CataloguePrice = "catalogue-price",
    CatalogueNote = "catalogue-note",
    Service01 = "service-01",
    Service02 = "service-02",
    Service03 = "service-03",
    Service04 = "service-04",
    Service05 = "service-05",
    Service06 = "service-06",
    Service07 = "service-07",
    Service08 = "service-08",
    Service09 = "service-09",
    Service10 = "service-10",
    Service11 = "service-11",
    Service12 = "service-12",
    Service13 = "service-13",
    Service14 = "service-14",
    Service15 = "service-15",
    Service16 = "service-16",
    Service17 = "service-17",
    Service18 = "service-18",
    Service19 = "service-19",
    Service20 = "service-20",
    Service21 = "service-21",
    Service22 = "service-22",
    Service23 = "service-23",
    Service24 = "service-24",
    Service25 = "service-25",
    Service26 = "service-26",
    Service27 = "service-27",
    Service28 = "service-28",
    Service29 = "service-29",
    TroubleTitle = "trouble-title",
    TroubleNow = "trouble-now",
    TroublePhone = "trouble-phone",
    TroublePerson = "trouble-person",
    Retry = "retry",
    IdleQuestion = "idle-question",
    IdleNow = "idle-now",
    IdleStay = "idle-stay",
    IdleLeave = "idle-leave",
}

/// The sentences of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    pub fn new(language: Language) -> Self {
        let tag = language.tag().parse().expect("the tags above are BCP 47");
        let mut bundle = FluentBundle::new(vec![tag]);
        // Without this every variable is wrapped in direction marks, which the faces lack.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(rest, _)| rest);
        // Both faults are found by the tests below; a kiosk shows what it has.
        let _ = bundle.add_resource(resource);
        Words { language, bundle }
    }

    pub fn language(&self) -> Language {
        self.language
    }

    pub fn say(&self, sentence: Say) -> Cow<'_, str> {
        self.with(sentence, &[])
    }

    pub fn with(&self, sentence: Say, values: &[(&str, &str)]) -> Cow<'_, str> {
        let Some(pattern) = self.bundle.get_message(sentence.name()).and_then(|message| message.value()) else {
            return Cow::Borrowed(sentence.name());
        };
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, (*value).to_owned());
        }
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned();
        debug_assert!(faults.is_empty(), "{}: {faults:?}", sentence.name());
        Cow::Owned(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Each sentence's text by name.
    fn sentences(language: Language) -> BTreeMap<&'static str, &'static str> {
        let lines = language.source().lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(|line| line.split_once(" = ").unwrap_or_else(|| panic!("one sentence a line: {line}"))).collect()
    }

    fn variables(text: &str) -> BTreeSet<&str> {
        text.split("{ $").skip(1).map(|rest| rest.split(" }").next().unwrap()).collect()
    }

    #[test]
    fn every_language_has_every_sentence_and_no_other() {
        let names: BTreeSet<&str> = Say::NAMES.iter().copied().collect();
        for language in Language::ALL {
            assert_eq!(sentences(language).into_keys().collect::<BTreeSet<_>>(), names, "{}", language.tag());
            assert!(FluentResource::try_new(language.source().to_owned()).is_ok());
        }
    }

    #[test]
    fn a_sentence_takes_the_same_variables_in_every_language() {
        let english = sentences(Language::English);
        for (name, text) in sentences(Language::Chinese) {
            assert_eq!(variables(text), variables(english[name]), "{name}");
        }
    }

    #[test]
    fn no_sentence_holds_a_phrase_that_the_company_forbids() {
        // R190, R193-R197, R145, R142, R219, in both scripts, and their English likes.
        let forbidden = [
            "不知道",
            "不清楚",
            "喂",
            "他",
            "她",
            "与我无关",
            "與我無關",
            "不是我的事",
            "开发商",
            "開發商",
            "开发公司",
            "開發公司",
            "一定能",
            "保证",
            "保證",
            "错误",
            "錯",
            "您填错",
            "非法",
            "无效",
            "失败",
            "禁止",
            "不能",
            "invalid",
            "error",
            "illegal",
            "wrong",
            "fail",
            "must",
            "don't know",
            "not my",
            "forbidden",
            "not allowed",
        ];
        // Words that hold such a character and are none of those phrases.
        let innocent = ["其他"];
        for language in Language::ALL {
            for (name, text) in sentences(language) {
                let mut bare = text.to_lowercase();
                for word in innocent {
                    bare = bare.replace(word, "");
                }
                let found = forbidden.iter().find(|phrase| bare.contains(**phrase));
                assert!(found.is_none(), "{name} says {:?}: {text}", found.unwrap());
            }
        }
    }

    #[test]
    fn chinese_uses_its_own_punctuation() {
        for (name, text) in sentences(Language::Chinese) {
            assert!(!text.contains([',', '?', '!', ';']), "{name}: {text}");
        }
    }

    #[test]
    fn a_value_stands_in_its_sentence_as_it_is() {
        let words = Words::new(Language::Chinese);
        assert_eq!(words.with(Say::Step, &[("n", "2"), ("of", "4")]), "第 2 步，共 4 步");
    }
}
