// The steps of complaints, enquiries, suggestions and services: the same kind of table as table.js, for what the front
// desk and its superiors do. What a resident will read is looked at while it is typed (R195).

import { quoted } from "./handbook.js";

export const DEPARTMENTS = ["engineering", "security", "cleaning", "front-desk", "finance", "management"];

const departments = (kit) => kit.choice("department", DEPARTMENTS);
const rating = (_, { stars }) => [stars("service"), stars("quality"), stars("time")];
const span = ({ from, to }) => ({ at: { from, to } });
const fee = ({ labour, material, ...rest }) => ({ ...rest, fee: { labour: labour ?? 0, material: material ?? 0 } });
const receipt = (values) => ({ ...values, receipt: String(values.receipt).toLowerCase() });

export const INQUIRIES = {
  complaint: [
    { id: "classify", states: ["received", "classified", "acknowledged"], fields: (_, { choice, yesno, text, optional }) => [choice("class", ["valid-duty", "valid-conduct", "seeks-help", "seeks-advice", "vents"]), yesno("major"), text("authority", optional)] },
    { id: "acknowledge", states: ["received", "classified"], fields: (record, { reply }) => [reply("words", { label: "acknowledgement", language: record.language })], shape: ({ words }) => ({ words: words.text, result_by: words.at }) },
    { id: "investigate", states: ["acknowledged"], fields: (_, { number }) => [number("team", { value: 1 })] },
    { id: "consult", states: ["acknowledged", "investigating"], fields: (_, kit) => [departments(kit), kit.yesno("met")], shape: ({ department, ...rest }) => ({ ...rest, departments: [department] }) },
    { id: "set-measures", states: ["acknowledged", "investigating"], fields: (_, { long, choice, yesno }) => [long("measures"), choice("cause", ["process", "conduct", "skill", "equipment", "supplier", "communication", "outside-our-reach"]), yesno("own_fault")] },
    { id: "compensate", states: ["investigating", "measures-set", "result-told"], fields: (_, { money, text }) => [money("fen"), text("what", { label: "compensation" })] },
    { id: "tell-result", states: ["measures-set"], fields: (record, { reply, channel }) => [reply("words", { label: "result", language: record.language }), channel()], shape: ({ words, ...rest }) => ({ ...rest, words: words.text }), says: ["outbound"] },
    { id: "call-back", states: ["result-told"], fields: (_, { yesno, channel, long, optional }) => [yesno("satisfied"), channel(), long("remark", optional)], says: ["outbound", "farewell-opinion"] },
    { id: "rate", fields: rating },
    { id: "announce", states: ["measures-set", "result-told", "called-back"], about: "about.announce", fields: (_, { long }) => [long("prevention")] },
    { id: "progress", not: ["received"], fields: (_, { told }) => [told("words", { label: "progress" })] },
    { id: "escalate", fields: (_, { choice }) => [choice("to", ["supervisor", "manager", "leader"], { words: "level", label: "level" })] },
    { id: "becomes", states: ["received", "classified", "acknowledged"], about: "about.becomes", fields: (_, { code }) => [code("case", { label: "other-number" })] },
  ],
  enquiry: [
    { id: "answer", states: ["received", "transferred", "reply-time-told"], fields: (_, { told, yesno }) => [told("words", { label: "answer", ...quoted() }), yesno("written"), yesno("told")], says: ["can-help"] },
    { id: "transfer", states: ["received", "transferred", "reply-time-told"], fields: (_, kit) => [departments(kit)] },
    { id: "tell-time", states: ["received", "transferred", "reply-time-told"], fields: (_, { moment }) => [moment("by")], says: ["propose"] },
    { id: "progress", states: ["received", "transferred", "reply-time-told"], fields: (_, { told }) => [told("words", { label: "progress" })] },
    { id: "escalate", states: ["received", "transferred", "reply-time-told"], fields: (_, { person }) => [person("to", { label: "leader" })], says: ["unsolved"] },
    { id: "out-of-scope", states: ["received", "transferred", "reply-time-told"], fields: (_, { told, yesno }) => [told("words", { label: "answer" }), told("alternative"), yesno("told")], says: ["explain"] },
    { id: "told", states: ["answered"], fields: (_, { yesno }) => [yesno("understood")], says: ["anything-else"] },
  ],
  suggestion: [
    { id: "forward", states: ["received"], fields: (_, kit) => [departments(kit)] },
    { id: "reply", states: ["received", "forwarded"], fields: (_, { told }) => [told("words", { label: "answer" })], says: ["farewell-opinion"] },
  ],
  // R292.
  improvement: [
    { id: "done", states: ["open"], fields: (_, { day, long, text }) => [text("who", { label: "improve-who" }), long("what", { label: "improve-done" }), day("look_on", { label: "improve-look" })] },
    { id: "follow-up", states: ["done"], fields: (_, { day, long, optional, yesno }) => [yesno("effect", { label: "improve-effect" }), long("words", { label: "improve-seen" }), day("due", { ...optional, label: "improve-again", needed: (values) => values.effect === false })] },
  ],
  service: [
    { id: "review", states: ["requested"], fields: (_, { choice, yesno }) => [choice("documents", ["identity-card", "lease", "drawings", "permit", "insurance"], { words: "document" }), yesno("approved")], shape: ({ documents, ...rest }) => ({ ...rest, documents: [documents] }) },
    { id: "quote", states: ["requested"], fields: (_, { money, channel }) => [money("labour"), money("material"), channel()], shape: fee, says: ["propose"] },
    { id: "agree", states: ["requested", "quoted", "agreed", "no-access"], fields: (_, { moment }) => [moment("from"), moment("to")], shape: span },
    { id: "start", states: ["arrived"], fields: (_, { yesno }) => [yesno("entry_consent")], checks: ["card", "knock", "cover"] },
    { id: "no-access", states: ["arrived"], fields: (_, { number }) => [number("knocks", { value: 2 })], checks: ["knock"] },
    { id: "done", states: ["started"], fields: (_, { told, yesno }) => [told("result"), yesno("accepted")], checks: ["restored", "rubbish", "nothing-taken"] },
    { id: "settle", states: ["done"], fields: (_, { money, code }) => [money("paid"), code("receipt")], shape: receipt },
    { id: "call-back", states: ["done", "settled"], fields: (_, { yesno, channel, long, optional }) => [yesno("satisfied"), channel(), long("remark", optional)], says: ["outbound"] },
    { id: "rate", fields: rating },
    { id: "decline", states: ["requested", "quoted", "no-access"], danger: true, fields: (_, { told }) => [told("words", { label: "answer" }), told("alternative")], says: ["explain"] },
  ],
};
