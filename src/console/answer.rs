//! What the page is told when something is not done: a code that it can act on, and words in both languages that a
//! person can act on. Never repeats what somebody typed.

use crate::desk::Refusal;
use crate::service::case::Objection;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    pub status: StatusCode,
    pub code: &'static str,
    /// Who has taken it, until when it is locked: what the words alone do not say.
    pub detail: Value,
}

impl Refused {
    pub const fn new(status: StatusCode, code: &'static str) -> Self {
        Refused { status, code, detail: Value::Null }
    }

    pub fn with(self, detail: Value) -> Self {
        Refused { detail, ..self }
    }

    pub const UNREADABLE: Refused = Refused::new(StatusCode::BAD_REQUEST, "unreadable");
    pub const UNKNOWN: Refused = Refused::new(StatusCode::NOT_FOUND, "unknown");
    pub const RIGHT: Refused = Refused::new(StatusCode::FORBIDDEN, "right");
    pub const BUSY: Refused = Refused::new(StatusCode::SERVICE_UNAVAILABLE, "busy");
    pub const STORAGE: Refused = Refused::new(StatusCode::SERVICE_UNAVAILABLE, "storage");
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (zh, en) = words(self.code);
        let body = json!({ "code": self.code, "text_zh": zh, "text_en": en, "detail": self.detail });
        (self.status, Json(body)).into_response()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Storage(_) | Refusal::Reserved(_) => Refused::STORAGE,
            Refusal::Busy | Refusal::OutOfTurn | Refusal::Closed => Refused::BUSY,
        }
    }
}

impl From<Objection> for Refused {
    fn from(objection: Objection) -> Self {
        let refused = Refused::new(StatusCode::CONFLICT, objection.code());
        match objection {
            Objection::Claimed(by) => refused.with(json!({ "by": by })),
            Objection::Stale(state) | Objection::Order(state) => refused.with(json!({ "state": state })),
            Objection::NotReceived(number) | Objection::InHand(number) => {
                refused.with(json!({ "number": String::from(number) }))
            }
            Objection::Used { at, by } => refused.with(json!({ "at": at, "by": by })),
            Objection::Guessing { until } => refused.with(json!({ "until": until })),
            Objection::NoClock(promise) | Objection::NoPause(promise) => {
                refused.with(json!({ "promise": promise.name() }))
            }
            _ => refused,
        }
    }
}

/// Polite, and never blaming (R219): what is the matter, and what helps.
pub fn words(code: &str) -> (&'static str, &'static str) {
    let found = WORDS.iter().find(|(known, ..)| *known == code);
    found.map_or(("还差一步，暂时不能这样做。", "Something else has to be done first."), |(_, zh, en)| {
        (zh, en)
    })
}

const WORDS: &[(&str, &str, &str)] = &[
    // Signing in.
    ("signed-out", "请先登录。", "Please sign in first."),
    ("wrong", "工号或密码不对，请再试一次。", "That id or PIN does not fit. Please try once more."),
    (
        "locked",
        "试的次数太多，请稍后再来，或请班长重置。",
        "Too many tries. Please come back later, or ask the shift leader for a reset.",
    ),
    ("slow", "请慢一点，一分钟后再试。", "A little slower, please: try again in a minute."),
    ("post", "这个岗位没有为您开放，请另选一个。", "That post is not one of yours. Please choose another."),
    ("must-change", "请先设一个自己的密码。", "Please set a PIN of your own first."),
    ("weak", "这个密码太容易猜到，请换一个。", "That one is easy to guess. Please choose another."),
    ("streams", "打开的页面太多，请关掉几个。", "Too many pages are open. Please close some."),
    // Requests.
    ("csrf", "页面已过期，请刷新。", "This page is out of date. Please reload it."),
    ("origin", "请直接打开本页面使用。", "Please use the page itself."),
    ("unreadable", "没有看明白，请再填一次。", "That could not be read. Please fill it in once more."),
    ("too-large", "内容太长了，请分几次说。", "That is too long. Please say it in parts."),
    ("busy", "正忙，请稍候再按一次。", "Busy just now. Please press again in a moment."),
    (
        "storage",
        "机器现在存不下来，请用电话或对讲机。",
        "The machine cannot store anything now. Please use phone or radio.",
    ),
    ("not-here", "这台机器还没有这项功能。", "This machine cannot do that yet."),
    // Steps.
    ("unknown", "没有找到这一条。", "There is no such record."),
    ("ended", "这件事已经结束了。", "This has already ended."),
    ("claimed", "已经有同事接了。", "A colleague has already taken it."),
    ("other-post", "这件事是派给别的岗位的。", "It was offered to another post."),
    ("fixed-post", "固定岗不能离岗，请先安排人替岗。", "This post may not be left: first name who stands in."),
    (
        "right",
        "您的岗位不能这样做，请找班长或主管。",
        "Your role may not do this. Please ask the shift leader or the supervisor.",
    ),
    ("stale", "情况已经变了，请看一下最新的再按。", "It has changed meanwhile. Please look at it again."),
    ("order", "现在还不到这一步。", "It is not time for this step yet."),
    ("no-clock", "这项时限没有在走。", "That clock is not running."),
    ("no-pause", "这项时限不能暂停，请按时办理。", "That clock does not pause for an obstacle."),
    ("too-soon", "刚刚催过，请稍等一下。", "It was asked a moment ago. Please wait a little."),
    (
        "guessing",
        "输错的码太多了，请稍等再试，或者核对本人身份。",
        "Too many wrong codes. Please wait a while, or look at who it is instead.",
    ),
    ("wrong-matter", "这类事情没有这一步。", "There is no such step in this matter."),
    (
        "not-received",
        "交给中心的工单还没有回执，请稍等再交班。",
        "The centre has not confirmed what was handed to it. Please wait before closing the shift.",
    ),
    (
        "in-hand",
        "手上还有没办完的事，请先办完或退回。",
        "Something is still in hand: please finish it or give it back.",
    ),
    ("not-kept", "不见访客的原因不用记。", "Why somebody does not receive a visitor is not written down."),
    ("used", "这张放行条已经用过了。", "This pass has been used."),
    ("signed-up", "这个电话已经报过名了。", "This phone number has signed up already."),
    ("full", "这一条内容太多了，请另开一条。", "This record is full. Please open another."),
    (
        "wording",
        "这句话不能对住户说，请按提示改一下。",
        "That must not be said to a resident. Please take the suggested words.",
    ),
    ("needs-arrival-time", "请先说好几点到。", "First agree when somebody will be there."),
    ("needs-reason", "不能前往请说明理由。", "Please say why not."),
    ("needs-name", "请写下是谁接的。", "Please write down who took it."),
    ("needs-fault-confirmed", "请先确认故障。", "First confirm the fault."),
    ("needs-appointment", "进门前要先约好时间。", "A home needs an appointment first."),
    ("needs-entry-consent", "请先征得住户同意进门。", "First ask the resident's consent to enter."),
    (
        "needs-fee-review",
        "价目表以外的收费要先请主管审核。",
        "A fee outside the list needs the supervisor's review first.",
    ),
    ("needs-plan-accepted", "请先让住户确认维修方案和价格。", "The resident must accept plan and price first."),
    ("needs-signature", "请先请住户签字。", "The resident's signature is missing."),
    ("needs-supervisor-check", "请先由主管检查签字。", "The supervisor must check and sign first."),
    ("needs-settlement", "请先结清费用。", "The fee must be settled first."),
    ("needs-call-back", "请先回访，再结单。", "Call back first, then close."),
    ("needs-manager-consent", "改约要先经项目经理同意。", "Another time needs the project manager's consent."),
    ("needs-note", "请写一句说明。", "Please write a note."),
    ("needs-site-restored", "请先把现场收拾好。", "First leave the place as it was."),
    ("needs-class", "请先给投诉归类。", "First choose the class of the complaint."),
    ("needs-measures", "请先写下处理措施。", "First write down the measures."),
    ("needs-result-told", "请先把结果告诉对方。", "First tell the result."),
    ("needs-authority", "请写明由哪个部门负责。", "Please name the authority."),
    ("needs-approver", "请写明由谁批准。", "Please name who approved it."),
    ("needs-answer-or-transfer", "请先答复或者转交。", "First answer it or pass it on."),
    ("needs-alternative", "请告诉对方可以找谁帮忙。", "Please say who can help instead."),
    ("needs-address-and-phone", "请先问清地址和电话。", "First ask for address and phone."),
    ("needs-choice", "请先选怎么帮:送医院、叫120、找人照看。", "First choose: hospital, 120, or somebody to care."),
    ("needs-two-persons", "要有两位同事一起去。", "Two persons have to go."),
    ("needs-relative", "请等家属到场。", "A relative must be present."),
    ("needs-more-help-asked", "请先问一句还需要什么帮助。", "First ask whether more help is needed."),
    ("needs-disclaimer", "请先让业主看过并同意托管说明。", "The disclaimer must be read and agreed to first."),
    ("needs-slot", "请填钥匙的存放编号。", "Please fill in the key's slot."),
    ("needs-identity-check", "请先看一下身份证件。", "First look at an identity card."),
    (
        "needs-named-collector",
        "只有业主本人或指定的人可以领取。",
        "Only the resident or a named collector may collect it.",
    ),
    ("needs-approval", "放行条还没有批准。", "The pass has not been approved."),
    ("needs-shelf-end", "请选搁置到几点。", "Please say until when."),
    ("needs-price", "请先说好价格。", "First agree on the price."),
    ("needs-identity", "请先核实是哪一户、哪一位。", "First make sure who it is."),
    ("needs-second-knock", "请再敲一次门，稍等再走。", "Please knock once more before you go."),
    ("needs-outcome", "请选一下结果。", "Please say what came of it."),
    ("needs-ambulance-call", "请先记下120已经打了。", "First note that 120 was called."),
    ("needs-ambulance-arrival", "请先记下救护车已到。", "First note that the ambulance has arrived."),
    ("needs-reply-time", "请先告诉对方什么时候答复。", "First tell when the answer will come."),
    ("needs-written-reply", "书面来问的，请写下书面答复。", "What was asked in writing is answered in writing."),
    ("needs-apology", "请先写一句道歉的话。", "Please begin with a word of apology."),
    ("needs-phone-call", "这一项请打电话约定。", "Please agree on this by phone."),
    (
        "needs-other-case",
        "没有找到这个编号，请先登记新单，再填它的编号。",
        "There is no such ticket. Please register it first, then put its number here.",
    ),
    ("needs-later-day", "请选一个以后的日子。", "Please choose a later day."),
    (
        "needs-survey-begun",
        "请先开始这次调查，或者取消并写明原因。",
        "First begin the survey, or call it off and say why.",
    ),
    (
        "needs-days",
        "请再看一下日期：结束日不早于今天和开始日，最长九十二天。",
        "Please look at the days again: it ends today or later, not before it begins, and lasts 92 days at most.",
    ),
    ("needs-text", "请写几个字。", "Please write a few words."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::case::Need;

    #[test]
    fn every_need_has_words_in_both_languages() {
        let silent: Vec<_> = Need::ALL
            .iter()
            .map(|need| need.name())
            .filter(|code| !WORDS.iter().any(|(known, ..)| known == code))
            .collect();
        assert!(silent.is_empty(), "no words for {silent:?}");
        assert!(WORDS.iter().all(|(_, zh, en)| !zh.is_empty() && !en.is_empty()));
    }

    #[test]
    fn the_one_who_comes_second_hears_the_name() {
        let refused = Refused::from(Objection::Claimed("测试甲".into()));
        assert_eq!((refused.status, refused.code), (StatusCode::CONFLICT, "claimed"));
        assert_eq!(refused.detail, json!({ "by": "测试甲" }));
    }
}
