// The table of steps: state -> form -> Step. Every entry is one step of a matter as the daemon's rules know it; who may take
// it is theirs to say, `states` only keeps what is seldom meant out of the way. `shape` makes the step's JSON of the form's values where it is not the values themselves.

import { placed } from "./fields.js";
import { seated } from "./gather.js";
import { INQUIRIES } from "./inquiries.js";
import { dotted, language } from "./text.js";

const WAITING = ["arrived", "guard-check", "butler-called", "host-called", "waiting", "coming", "not-here"];
const REFUSALS = ["no-identity", "not-expected", "vacant-unit", "card-not-confirmed", "soliciting", "disturbance", "other"];

const OFFERED = ["received", "identified", "reappointed", "accepted"];
const ENDING = ["settled", "ended"];

const isHome = (record) => record.line.facts.scope === "private";

/** The resident, or one of the named collectors, by name (R277). */
function collector(record, { tick, code, choice, moment, optional }) {
  const person = record.person ?? {};
  // collector_1, collector_2, …: in the order in which the resident named them.
  const named = Object.keys(person).filter((key) => key.startsWith("collector_")).map((key) => ({ value: key.slice("collector_".length), label: String(person[key]) }));
  const people = [{ value: "resident", label: person.name ?? "" }, ...named.sort((one, other) => one.value - other.value)];
  return [{ ...choice("collector", []), options: people }, tick("id_checked"), code("id_tail", optional), choice("signed", ["screen", "paper"], { words: "signature" }), moment("back_by", optional)];
}

/** Minutes as paragraphs that the daemon takes: a line each, at most 500 characters. */
const paragraphs = (text) => text.split("\n").flatMap((line) => line.trim().match(/.{1,500}/gu) ?? []);

const span = ({ from, to, ...rest }) => ({ at: { from, to }, ...rest });
const fee = ({ labour, material, ...rest }) => ({ ...rest, fee: { labour: labour ?? 0, material: material ?? 0 } });

export const TABLE = {
  ...INQUIRIES,
  visit: [
    { id: "admit", states: WAITING, says: ["welcome"] },
    { id: "card-shown", states: WAITING, says: ["show-card"] },
    { id: "card-forgotten", states: WAITING },
    { id: "call-host", states: ["guard-check", "not-here", "waiting", "coming", "butler-called"] },
    { id: "refuse-identity", states: WAITING },
    { id: "leave-message", states: WAITING, fields: (_, { long, tick }) => [long("text"), tick("card", { optional: true })], says: ["not-here"] },
    { id: "ask-call-back", states: WAITING, says: ["not-here"] },
    { id: "turn-away", states: WAITING, danger: true, fields: (_, { choice }) => [choice("reason", REFUSALS, { words: "refusal" })], says: ["turn-away"] },
    { id: "still-here", states: ["admitted", "card-ok"] },
    { id: "sign-out", states: ["admitted", "card-ok", "message-left", ...WAITING], says: ["farewell-visit"] },
  ],
  help: [{ id: "call-off", danger: true }],
  support: [{ id: "call-off", danger: true }],
  alarm: [
    { id: "shelve", states: ["unacknowledged", "acknowledged", "returned-unacknowledged"], when: (record) => record.line.facts.alarm !== "duress",
      fields: (_, { long, time }) => [time("until", { hint: "shelve" }), long("reason")] },
    { id: "unshelve", states: ["shelved"] },
    { id: "end", states: ["acknowledged"], danger: true, fields: (_, { long }) => [long("reason")] },
  ],
  patrol: [
    { id: "finding", states: ["walking", "walked"], fields: (_, { choice, long, optional }) => [choice("place", ["lobby", "lift", "corridor", "garage", "garden", "other"]), long("text", optional)] },
    { id: "checkpoint", states: ["walking"], fields: (_, { choice }) => [choice("at", ["lobby", "lift", "corridor", "garage", "garden"], { words: "place" })] },
  ],
  check: [{ id: "sign", states: ["due"], when: (record) => record.line.facts.about !== "visitors", fields: (_, { tick, long, optional }) => [tick("windows", optional), long("note", optional)] }],
  campaign: [
    { id: "begin", states: ["proposed", "planned"] },
    { id: "end", states: ["running"], danger: true },
    { id: "call-off", states: ["proposed", "planned"], danger: true, fields: (_, { long }) => [long("reason")] },
  ],
  repair: [
    { id: "confirm-home", states: ["accepted"], when: isHome, fields: (_, { channel }) => [channel()], says: ["outbound"] },
    { id: "identify", states: ["received", "accepted", "arrived", "fault-confirmed", "plan-made", "plan-accepted"], when: (record) => record.matter?.repair?.identified === false, fields: (_, { choice }) => [choice("how", ["unit-and-phone", "code", "in-person"], { words: "identity" })] },
    { id: "appoint", states: ["received", "identified", "no-access", "reappointed"], fields: (_, { moment }) => [moment("from"), moment("to")], shape: span, says: ["propose"] },
    { id: "confirm-fault", states: ["arrived"], fields: (record, { choice, CATEGORIES, text }) => [choice("category", CATEGORIES, { value: record.line.facts.category }), text("fault")] },
    { id: "start", states: ["fault-confirmed", "plan-accepted"], fields: (record, { yesno }) => (isHome(record) ? [yesno("entry_consent")] : []), shape: (values) => ({ entry_consent: values.entry_consent ?? false }), checks: ["card", "knock", "sign", "cover"] },
    { id: "answer-plan", states: ["plan-made"], fields: (_, { yesno }) => [yesno("accepted", { label: "plan-accepted" })], says: ["propose"] },
    { id: "make-plan", states: ["fault-confirmed", "plan-made"], fields: (_, { told, money, yesno }) => [told("plan"), money("labour"), money("material"), yesno("listed")], shape: fee },
    { id: "ask-fee", states: ["fault-confirmed"], fields: (_, { text }) => [text("what", { label: "fee-what" })] },
    { id: "review-fee", states: ["fee-review"], fields: (_, { yesno, money }) => [yesno("approved"), money("labour"), money("material")], shape: fee },
    { id: "done", states: ["in-work"], checks: ["rubbish", "nothing-taken"], says: ["anything-else"],
      fields: (_, { told, text, tick, yesno, choice, optional }) => [told("result"), text("materials", optional), tick("site_restored"), yesno("accepted"), choice("signature", ["screen", "paper", "none"]), text("paper_reason", optional)],
      shape: ({ signature, paper_reason: reason, ...rest }) => ({ ...rest, signature: signature === "paper" ? { paper: { reason: reason ?? "" } } : signature }) },
    { id: "no-access", states: ["arrived"], when: isHome, fields: (_, { number }) => [number("knocks", { value: 2 })], checks: ["knock"] },
    { id: "check", states: ["done"], fields: (_, { yesno }) => [yesno("passed")] },
    { id: "settle", states: ["done", "checked"], fields: (_, { money, code }) => [money("paid"), code("receipt")], shape: (values) => ({ ...values, receipt: String(values.receipt).toLowerCase() }) },
    { id: "call-back", states: ["done", "checked", "settled"], fields: (_, { yesno, channel, long, optional }) => [yesno("satisfied"), channel(), long("remark", optional)], says: ["outbound", "outbound-repair"] },
    { id: "rate", fields: (_, { stars }) => [stars("service"), stars("quality"), stars("time")] },
    { id: "progress", not: ["received", "called-back"], fields: (_, { told }) => [told("text", { label: "progress" })] },
    { id: "complain-of-delay", states: OFFERED, fields: (_, { long, optional }) => [long("words", optional)], says: ["thanks-first"] },
    { id: "ask-consent", states: OFFERED },
    { id: "consent", states: OFFERED, fields: (_, { yesno }) => [yesno("given"), yesno("nobody_available")] },
    { id: "reappoint", states: OFFERED, fields: (_, { moment, person, optional }) => [moment("from"), moment("to"), person("with", optional)], shape: span, says: ["sorry-trouble", "propose"] },
  ],
  emergency: [
    { id: "place", not: ENDING, fields: (_, { text, phone }) => [text("address"), phone("phone")], shape: ({ address, phone }) => ({ address: placed(address), phone }) },
    { id: "choose", states: ["placed", "helping", "settled"], fields: (_, { choice }) => [choice("choice", ["hospital", "ambulance-120", "care"]), choice("stand_by", ["home", "centre"], { words: "stand-by", value: "home" })], checks: ["family", "bring", "no-advice"] },
    { id: "condition", not: ENDING, fields: (_, { long }) => [long("text", { label: "condition" })], checks: ["no-advice"] },
    { id: "relative", states: ["helping"], fields: (_, { yesno }) => [yesno("with_patient")] },
    { id: "ambulance", states: ["helping"], when: (record) => record.matter?.emergency?.chosen?.includes("ambulance-120"), fields: (_, { choice }) => [choice("ambulance", ["called", "arrived"])], shape: (values) => values.ambulance, says: ["patient-gate"] },
    { id: "settle", states: ["helping", "settled"], fields: (_, { yesno }) => [yesno("more_help")], says: ["patient-more"] },
    { id: "call-off", states: ["requested", "placed", "helping"], danger: true, fields: (_, { choice, long, optional }) => [choice("reason", ["mistake", "nobody-there", "helped", "other-matter", "other"], { words: "call-off" }), long("note", { ...optional, needed: (values) => values.reason === "other" })] },
  ],
  custody: [
    { id: "consent", states: ["requested"], about: "about.disclaimer", fields: (_, { choice }) => [choice("signed", ["screen", "paper"], { words: "signature" })] },
    { id: "deposit", states: ["consented"], fields: (_, { code, choice }) => [code("slot"), choice("copy", ["paper", "qr"])], says: ["thanks-taken"] },
    { id: "collect", states: ["deposited"], fields: collector,
      shape: ({ collector, ...rest }) => ({ ...rest, who: collector === "resident" ? "resident" : { collector: Number(collector) } }) },
    { id: "return", states: ["collected"], fields: (_, { code }) => [code("slot")] },
    { id: "name-collector", states: ["requested", "consented", "deposited"], fields: (_, { text }) => [text("name")] },
    { id: "refuse", states: ["deposited"], danger: true, fields: (_, { choice }) => [choice("why", ["no-identity", "not-named", "no-signature"], { words: "refusal" })], says: ["explain"] },
    { id: "close", states: ["collected"], danger: true },
  ],
  pass: [
    { id: "approve", states: ["requested"] },
    { id: "refuse", states: ["requested"], danger: true, fields: (_, { told }) => [told("reason")], says: ["explain"] },
    { id: "check", states: ["approved"], fields: (_, { code, yesno }) => [code("code", { label: "pass-code" }), yesno("matches")], says: ["carry-pass", "carry-help"] },
  ],
  gathering: [
    { id: "sign-up", states: ["planned"], fields: (_, { unit, text, phone }) => [unit("unit"), text("name"), phone("phone")], shape: (values) => ({ ...values, language: language() }) },
    { id: "held", states: ["planned", "due"], fields: (_, { number }) => [number("attended")] },
    { id: "minutes", states: ["held"], fields: (_, { long }) => [long("minutes", { max: 8000 })], shape: ({ minutes }) => ({ text: paragraphs(minutes) }) },
    { id: "sign-off", states: ["planned"], when: (record) => seated(record).length > 0, fields: (record, { choice }) => [{ ...choice("seat", []), options: seated(record).map((one) => ({ value: one.id, label: dotted(one.name, one.unit) })) }] },
    { id: "cancel", states: ["planned", "due"], danger: true, fields: (_, { told }) => [told("reason", { label: "cancel-reason" })] },
  ],
  delivery: [
    { id: "collect", states: ["received", "notified", "shown"], fields: (_, { code }) => [code("code", { label: "parcel-code" })] },
    { id: "hand-out", states: ["received", "notified", "shown"], fields: (_, { tick }) => [tick("id_checked")] },
    { id: "return", states: ["received", "notified", "shown"], danger: true },
  ],
};
