// A line of a record's history in words: what happened, by whom, and what was said. The daemon's kinds are many; the
// page has a word for each that a person asks about, and shows the rest as they are rather than not at all.

import { clock, moment, t, word } from "./text.js";
import { category, doorName, withBadge } from "./cards.js";
import { postName } from "./store.js";

// Facts that a line's words say already, or that are nobody's business.
const SAID = new Set(["number", "day", "nth", "state", "via", "by", "post", "task", "errand", "posts", "seq", "language", "channel", "given", "accepted_at", "rung"]);

const DETAILS = {
  errand: (value) => word("errand", value), promise: (value) => word("promise", value), reason: (value) => word("reason", value), outcome: (value) => word("outcome", value),
  obstacle: (value) => word("obstacle", value), unit: (value) => t("card.unit", { unit: value }), due: (value) => t("history.due", { at: moment(value) }), due_day: (value) => t("history.due", { at: value }), look_on: (value) => t("history.look-on", { at: value }), effect: (value) => t(value ? "history.effect" : "history.no-effect"), eta: (value) => t("card.eta", { at: clock(value) }),
  until: (value) => t("history.until", { at: moment(value) }), late: (value) => (value === true ? t("history.late") : ""), category: (value, of) => category({ matter: of.matter, facts: { category: value } }), place: (value) => word("place", value),
  answer: (value) => word("outcome", value), why: (value) => (t.has(`why.${value}`) ? t(`why.${value}`) : ""), satisfied: (value) => t(value ? "history.satisfied" : "history.unsatisfied"),
  door: doorName, choice: (value) => word("choice", value), class: (value) => word("class", value), presses: (value) => t("card.presses", { n: value }),
};

/** `of`: the line of the record, whose own facts stand at its top and are not said again. */
export function happened(one, of) {
  const data = one.facts ?? {}, person = one.person ?? {};
  const words = t.has(`event.${one.kind}`) ? t(`event.${one.kind}`) : one.kind;
  const about = one.kind.startsWith("task.") ? word("errand", data.errand) : one.kind.startsWith("promise.") ? word("promise", data.promise) : "";
  const self = !person.accepted_by || person.accepted_by === person.by_name;
  const who = withBadge(person.accepted_by ?? person.by_name, self && person.by_name && one.badge) ?? (data.via && data.via !== "page" ? word("via", data.via) : "");
  const where = data.post ? postName(data.post) : "";
  const asked = ["task.offered", "task.climbed"].includes(one.kind) ? (data.posts ?? []).map(postName).join("、") : "";
  const facts = Object.entries(data).filter(([key, value]) => !SAID.has(key) && DETAILS[key] && value !== null && value !== of.facts[key] && !(key === "promise" && about)).map(([key, value]) => DETAILS[key](value, of));
  const said = ["text", "note", "detail", "message", "condition", "effect"].map((key) => person[key]).filter((text) => typeof text === "string").map((text) => `“${text}”`);
  return { text: [words, about], detail: [who, where, asked && t("card.asked", { posts: asked }), data.channel && word(t.has(`channel.${data.channel}`) ? "channel" : "source", data.channel), facts, said], kind: tone(one.kind) };
}

function tone(kind) {
  if (/breached|missed|lapsed|declined|refused|forced|reopened/.test(kind)) return "bad";
  if (/warned|climbed|reminded|paused|chased/.test(kind)) return "warn";
  return /kept|done|closed|arrived|signed|approved/.test(kind) ? "good" : "plain";
}
