// The table of steps: errand or state -> form -> Step. Every entry is one step of a matter as the daemon's rules know it;
// `shape` makes the step's JSON of the form's values where it is not the values themselves.

const DESK = ["front-desk", "shift-leader", "supervisor", "project-manager"];
const GATE = ["guard", "front-desk", "shift-leader", "supervisor", "project-manager"];
const TRADE = ["engineer", "front-desk", "supervisor"];
const WAITING = ["arrived", "guard-check", "butler-called", "host-called", "waiting", "coming", "not-here"];
const REFUSALS = ["no-identity", "not-expected", "vacant-unit", "card-not-confirmed", "soliciting", "disturbance", "other"];

const span = ({ from, to, ...rest }) => ({ at: { from, to }, ...rest });
const fee = ({ labour, material, ...rest }) => ({ ...rest, fee: { labour: labour ?? 0, material: material ?? 0 } });

export const TABLE = {
  visit: [
    { id: "admit", roles: GATE, states: WAITING, says: ["welcome"] },
    { id: "card-shown", roles: GATE, states: WAITING, says: ["show-card"] },
    { id: "card-forgotten", roles: GATE, states: WAITING },
    { id: "call-host", roles: GATE, states: ["guard-check", "not-here", "waiting", "coming", "butler-called"] },
    { id: "refuse-identity", roles: GATE, states: WAITING },
    { id: "leave-message", roles: GATE, states: WAITING, fields: (_, { long, tick }) => [long("text"), tick("card", { optional: true })], says: ["not-here"] },
    { id: "turn-away", roles: GATE, states: WAITING, danger: true, fields: (_, { choice }) => [choice("reason", REFUSALS, { words: "refusal" })], says: ["turn-away"] },
    { id: "still-here", roles: GATE, states: ["admitted", "card-ok"] },
    { id: "sign-out", roles: GATE, states: ["admitted", "card-ok", "message-left", ...WAITING], says: ["farewell-visit"] },
  ],
  help: [{ id: "call-off", roles: ["guard", "front-desk", "shift-leader"], danger: true }],
  support: [{ id: "call-off", danger: true }],
  alarm: [
    { id: "shelve", roles: ["guard", "shift-leader", "supervisor", "project-manager"], states: ["unacknowledged", "acknowledged", "returned-unacknowledged"], when: (record) => record.line.facts.alarm !== "duress",
      fields: (_, { long, time }) => [time("until", { hint: "shelve" }), long("reason")] },
    { id: "unshelve", roles: ["guard", "shift-leader", "supervisor", "project-manager"], states: ["shelved"] },
    { id: "end", roles: ["guard", "shift-leader", "supervisor", "project-manager"], states: ["acknowledged"], danger: true, fields: (_, { long }) => [long("reason")] },
  ],
  patrol: [
    { id: "finding", states: ["walking", "walked"], fields: (_, { choice, long, optional }) => [choice("place", ["lobby", "lift", "corridor", "garage", "garden", "other"]), long("text", optional)] },
    { id: "checkpoint", states: ["walking"], fields: (_, { choice }) => [choice("at", ["lobby", "lift", "corridor", "garage", "garden"], { words: "place" })] },
  ],
  check: [{ id: "sign", roles: ["supervisor", "project-manager", "shift-leader"], fields: (_, { tick, long, optional }) => [tick("windows", { optional: true }), long("note", optional)],
    shape: (values, record) => ({ ...values, open: record.matter?.check?.open ?? record.line.facts.open ?? [] }) }],
  repair: [
    { id: "identify", roles: DESK, fields: (_, { choice }) => [choice("how", ["unit-and-phone", "code", "in-person"], { words: "identity" })] },
    { id: "appoint", roles: DESK, fields: (_, { moment }) => [moment("from"), moment("to")], shape: span, says: ["propose"] },
    { id: "confirm-home", fields: (_, { channel }) => [channel()], says: ["outbound"] },
    { id: "confirm-fault", roles: TRADE, fields: (_, { choice, CATEGORIES, text }) => [choice("category", CATEGORIES), text("fault")] },
    { id: "ask-fee", roles: TRADE, fields: (_, { text }) => [text("what", { label: "fee-what" })] },
    { id: "review-fee", roles: ["supervisor", "project-manager"], fields: (_, { yesno, money }) => [yesno("approved"), money("labour"), money("material")], shape: fee },
    { id: "make-plan", roles: TRADE, fields: (_, { told, money, yesno }) => [told("plan"), money("labour"), money("material"), yesno("listed")], shape: fee },
    { id: "answer-plan", fields: (_, { yesno }) => [yesno("accepted", { label: "plan-accepted" })] },
    { id: "start", roles: TRADE, fields: (_, { yesno }) => [yesno("entry_consent")], checks: ["card", "knock", "sign", "cover"] },
    { id: "progress", fields: (_, { told }) => [told("text", { label: "progress" })] },
    { id: "done", roles: TRADE, checks: ["rubbish", "nothing-taken"], says: ["anything-else"],
      fields: (_, { told, text, tick, yesno, choice, optional }) => [told("result"), text("materials", optional), tick("site_restored"), yesno("accepted"), choice("signature", ["screen", "paper", "none"]), text("paper_reason", optional)],
      shape: ({ signature, paper_reason: reason, ...rest }) => ({ ...rest, signature: signature === "paper" ? { paper: { reason: reason ?? "" } } : signature }) },
    { id: "no-access", roles: TRADE, fields: (_, { number }) => [number("knocks", { value: 2 })], checks: ["knock"] },
    { id: "check", roles: ["supervisor", "project-manager"], fields: (_, { yesno }) => [yesno("passed")] },
    { id: "settle", fields: (_, { money, code }) => [money("paid"), code("receipt")], shape: (values) => ({ ...values, receipt: String(values.receipt).toLowerCase() }) },
    { id: "call-back", fields: (_, { yesno, channel, long, optional }) => [yesno("satisfied"), channel(), long("remark", optional)], says: ["outbound", "outbound-repair"] },
    { id: "rate", fields: (_, { stars }) => [stars("service"), stars("quality"), stars("time")] },
    { id: "complain-of-delay", fields: (_, { long, optional }) => [long("words", optional)], says: ["thanks-first"] },
    { id: "ask-consent", roles: DESK },
    { id: "consent", roles: ["project-manager"], fields: (_, { yesno }) => [yesno("given"), yesno("nobody_available")] },
    { id: "reappoint", roles: DESK, fields: (_, { moment, person, optional }) => [moment("from"), moment("to"), person("with", optional)], shape: span, says: ["sorry-trouble", "propose"] },
  ],
};
