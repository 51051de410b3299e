// What needs me now: a card for every task, the most urgent first. A card says who, where and since when, has at most
// three buttons, and says who has it when somebody else does. Refusals stand on the card whose button was pressed.

import { step } from "./api.js";
import { asks } from "./asks.js";
import { el, icon, keyed, parts } from "./dom.js";
import { ask } from "./form.js";
import { CHECKS, SAYS } from "./scripts.js";
import { changed, is, postName, site, store } from "./store.js";
import { ago, clock, dotted, language, now, t, ticking, word } from "./text.js";

const ORDER = ["emergency", "support", "call", "alarm", "help", "visitor", "repair", "other"];
// A refusal is read in this time; the next press clears it anyway.
const READ = 12_000;
// R200, R201: after so long a guard begins with an apology. Ours: the regulations say "a longer time".
const LONG_WAIT = 60_000;

const ICONS = {
  "answer-call": "doorbell", "missed-call": "call", "see-help": "help", "call-host": "visit", "ask-butler": "badge",
  "see-person": "person", "see-unit": "door", "see-alarm": "door", repair: "repair", serve: "service", "ask-reporter": "call", "call-back": "call",
  "tell-result": "message", apologise: "message", "take-up": "assignment", "hand-over": "custody", approve: "pass", talk: "person",
  "know-complaint": "complaint", "check-work": "sign", sign: "sign", consent: "sign", decide: "sign", "go-to-patient": "emergency",
  "fetch-vehicle": "car", "meet-ambulance": "emergency", "name-carer": "emergency", "check-care": "emergency", "see-emergency": "emergency",
  support: "support", patrol: "patrol", carry: "carry", "see-post": "patrol", "check-visitors": "visit", reappoint: "clock", revisit: "clock",
  "take-over": "support", "review-fee": "pass", "note-gathering": "groups", "tell-guests": "call", "write-minutes": "edit", "plan-meeting": "groups", "see-birthdays": "person",
  improve: "assignment", "follow-up": "chart", conclude: "sign",
};

/** Refusals by card. */
const refused = new Map();
/** Cards whose step is under way: their buttons wait. */
const busy = new Set();

export const iconOf = (card) => ICONS[card.errand] ?? card.matter ?? "assignment";

/** R016: the number on the work card, so that it can be compared. */
export const withBadge = (name, badge) => (badge ? t("card.badge", { name, badge }) : name);

export const unit = (value) => (value ? t("card.unit", { unit: value }) : "");
/** As the house calls it; an id without a name is read as words. */
export const doorName = (door) => (door ? store.hello?.doors?.[door] ?? word("place", door).replaceAll("-", " ") : "");

/** What a matter's category is called: a complaint's is its topic, a service's its item. */
export const category = ({ matter, facts }) => (facts?.category ? word({ complaint: "topic", service: "item", improvement: "department" }[matter] ?? "category", facts.category) : "");

export function title(card) {
  const { facts } = card;
  const door = doorName(facts.door);
  if (card.errand === "answer-call") return t("card.call", { door });
  if (card.errand === "missed-call") return t("card.missed", { door });
  if (card.errand === "see-alarm") return t(t.has(`alarm.${facts.alarm ?? facts.kind}`) ? `alarm.${facts.alarm ?? facts.kind}` : "alarm.other", { door });
  if (card.errand === "repair") return t("card.repair", { what: word("category", facts.category) });
  if (facts.what && t.has(`what.${facts.what}`)) return t(`what.${facts.what}`);
  if (["take-up", "call-back", "tell-result", "apologise"].includes(card.errand)) return dotted(word("errand", card.errand), word("matter", card.matter));
  return word("errand", card.errand);
}

/** Errands whose title says the door. */
const NAMED = new Set(["answer-call", "missed-call", "see-alarm"]);

/** Where, in a few words. A unit is said as people say it. */
export const where = (facts, errand) => dotted(places(facts, errand));

function places(facts, errand) {
  const home = errand === "answer-call" || errand === "missed-call" || errand === "call-host" ? facts.unit && t("card.seeks", { unit: facts.unit }) : unit(facts.unit);
  const place = facts.place && !facts.unit ? word("place", facts.place) : "";
  const round = facts.round && word("round", facts.round);
  return [home, place, facts.about && word("check", facts.about), round, (facts.about || facts.round) && facts.of, facts.at_post && postName(facts.at_post), NAMED.has(errand) ? "" : doorName(facts.door)];
}

/** How a script calls somebody of whom a list shows the surname: 王先生/女士 (R188, R189). */
export function called(who) {
  const surname = (who ?? "").replaceAll("*", "").trim();
  return language() === "en" ? surname || t("card.sir-madam") : `${surname}${t("card.sir-madam")}`;
}

/** What to say now: to the visitor before the host is called, to the host after; an apology first where somebody has waited. */
export function says(errand, card) {
  const host = errand === "call-host";
  const who = host && card?.facts?.unit ? t("card.resident", { unit: card.facts.unit }) : called(card?.who);
  const gaps = { site: site(), me: store.me?.name ?? "", who };
  const long = card && now() - Date.parse(card.since) > LONG_WAIT && ["call", "walk"].includes(card.form) && ["help", "visitor", "call"].includes(card.urgency);
  const own = host && !card?.taken?.mine ? ["calling-host"] : SAYS[errand] ?? [];
  const lines = [...(long && !card.taken ? ["back"] : []), ...own].slice(0, 2);
  // Nobody apologises twice in one breath: what follows the apology begins without its own.
  const words = (key, nth) => (nth > 0 && lines[0] === "back" && t.has(`say.${key}-on`) ? `say.${key}-on` : `say.${key}`);
  return lines.map((key, nth) => t(words(key, nth), gaps));
}

/** What is said in one breath is one bubble. */
export const said = (texts) => (texts.length > 0 ? el("p.say", {}, texts.join(language() === "en" ? " " : "")) : null);

export const checks = (errand) => (CHECKS[errand] ?? []).map((key) => t(`check.${key}`));

const place = (card) => ORDER.indexOf(card.urgency) + (card.taken && !card.taken.mine ? 100 : 0);

/** All that somebody may look at, in the order of urgency, then of waiting (R232): never by who it is. */
export function sorted() {
  const shown = [...store.cards.values()].filter((card) => card.for_me || card.taken?.mine || is("auditor"));
  return shown.sort((one, other) => place(one) - place(other) || Date.parse(one.since) - Date.parse(other.since) || one.key.localeCompare(other.key));
}

export const waiting = () => sorted().filter((card) => !card.taken && card.for_me && !is("auditor"));

/** What rings: somebody waits and nobody has come. A silent one shows and never sounds (R107). */
export function ringing() {
  const sounding = waiting().filter((card) => !card.silent && card.urgency !== "support" && rings(card));
  if (sounding.length === 0) return null;
  return sounding.some((card) => card.urgency === "emergency") ? "urgent" : "call";
}

const rings = (card) => ["emergency", "call", "alarm", "help", "visitor", "repair"].includes(card.urgency) && card.errand !== "missed-call";

export function render(list, empty, openRecord) {
  const cards = sorted();
  empty.hidden = cards.length > 0;
  keyed(list, cards, (card) => card.key, sign, (card) => build(card, openRecord));
}

const sign = (card) => JSON.stringify([card.version, card.state, card.taken, card.buttons, card.rung, card.promise, card.facts, card.for_me, card.proposed, refused.get(card.key), busy.has(card.key), language()]);

function build(card, openRecord) {
  const other = card.taken && !card.taken.mine;
  const name = title(card);
  const kind = other ? "taken" : card.taken ? "mine" : rings(card) ? `waiting ${card.urgency}` : card.urgency;
  const node = el(`article.card.${kind.replaceAll(" ", ".")}`, { tabindex: 0, "aria-label": name, data: { number: card.number, errand: card.errand, urgency: card.urgency, silent: card.silent ? "yes" : "" } },
    el("div.head", {}, el("span.face", {}, icon(iconOf(card))),
      el("div.what", {}, el("h3", {}, name), el("p.facts", {}, parts(facts(card))))),
    other || kind === "silent" ? null : hints(card),
    proposals(card, openRecord),
    el("div.do", {}, other ? [] : buttons(card, openRecord)),
    refused.has(card.key) && el("p.refusal", { role: "alert" }, refused.get(card.key)));
  const record = el("button.open", { type: "button", "aria-label": t("card.open", { number: card.said }), data: { act: "open" }, onclick: () => openRecord(card.number) }, icon("arrow"));
  node.querySelector(".head").append(record);
  node.addEventListener("keydown", (event) => {
    if (event.target === node && event.key === "Enter") openRecord(card.number);
  });
  return node;
}

function facts(card) {
  const out = [...places(card.facts, card.errand), card.who];
  if (card.errand !== "repair") out.push(category(card));
  if (card.facts.purpose) out.push(word("purpose", card.facts.purpose));
  if (card.facts.at_home !== undefined) out.push(t(card.facts.at_home ? "card.at-home" : "card.at-home-unsure"));
  if (card.facts.what === "watch-list") out.push(t("card.watched", { visit: card.facts.visit }));
  if (card.facts.why === "vacant-unit") out.push(t("card.vacant"));
  if (card.facts.not_needed === true) out.push(t("card.not-needed"));
  if (card.facts.earlier_visits) out.push(t("card.again", { n: card.facts.earlier_visits + 1, day: card.facts.last_visit }));
  if (card.facts.presses > 1) out.push(t("card.presses", { n: card.facts.presses }));
  if (card.facts.count > 1) out.push(t(card.matter === "alarm" ? "card.presses" : "card.pieces", { n: card.facts.count }));
  if (card.taken) {
    out.push(el("span.who", {}, t(card.taken.arrived ? "card.there" : "card.claimed", { who: card.taken.mine ? t("card.me") : withBadge(card.taken.by, card.taken.badge), at: clock(card.taken.at) })));
    if (card.taken.eta && !card.taken.arrived) out.push(el("span", {}, t("card.eta", { at: clock(card.taken.eta) })));
  } else {
    out.push(ticking(card.errand === "answer-call" ? "ringing" : "since", card.since));
    if (card.rung > 0) out.push(el("span.climbed", {}, t(card.form !== "call" && card.rung + 1 >= card.rungs ? "card.climbed-last" : "card.climbed")));
  }
  if (card.promise && !["call", "alarm", "emergency", "support"].includes(card.urgency)) {
    out.push(el("span.promise", {}, word("promise", card.promise.name), " ", card.promise.paused ? t("promise.paused") : ticking("due", card.promise.due)));
  }
  if (card.language && card.language !== "zh-Hans" && !card.taken) out.push(el("span", {}, t("card.speaks", { language: word("language", card.language) })));
  return out;
}

function hints(card) {
  // What to say comes when it is needed: with a call at once, else when somebody has taken it.
  const now = card.taken?.mine || card.form === "call" || card.urgency === "visitor" || card.urgency === "help";
  const lines = now ? said(says(card.errand, card)) : null;
  const list = card.taken?.mine ? checks(card.errand) : [];
  return [lines, list.length > 0 && el("ul.checks", {}, list.map((text) => el("li", {}, icon("check"), text)))];
}

/** R074: who could be sent, the first choice first, and why. Whoever leads gives it with one touch; nobody is sent by itself. */
export function proposals(card, openRecord) {
  if (!card.proposed?.length) return null;
  return el("ol.proposed", { "aria-label": t("card.proposed") }, card.proposed.map((one) => {
    const name = one.mine ? t("card.me") : withBadge(one.name, one.badge);
    return el("li", {}, el("span", {}, el("b", {}, name), " ", el("span.quiet", {}, parts(reasons(one)))),
      one.give && el("button", { type: "button", disabled: busy.has(card.key), "aria-label": t("card.give-to", { name }), data: { act: "give" }, onclick: () => press(card, one.give, t("card.give-to", { name }), openRecord) }, t("do.give")));
  }));
}

const reasons = (one) => [one.trade && `${word("trade", one.trade)} ${word("skill", one.level)}`, one.open > 0 ? t("card.in-hand", { n: one.open }) : t("card.free"), one.last ? t("card.last", { ago: ago(one.last) }) : t("card.never")];

function buttons(card, openRecord) {
  return (card.buttons ?? []).map((button, nth) => {
    const label = labelOf(card, button.label);
    const grave = ["emergency", "alarm"].includes(card.urgency) && nth === 0;
    return el(nth === 0 ? (grave ? "button.grave" : "button.primary") : "button", {
      type: "button", disabled: busy.has(card.key), data: { act: button.label }, onclick: () => press(card, button, label, openRecord),
    }, label);
  });
}

const labelOf = (card, label) => (t.has(`do.${label}.${card.errand}`) ? t(`do.${label}.${card.errand}`) : t.has(`do.${label}.${card.urgency}`) ? t(`do.${label}.${card.urgency}`) : t(`do.${label}`));

/** A press: at once where nothing is missing, else a question first. */
export function press(card, button, label, openRecord) {
  refused.delete(card.key);
  if (button.asks === "record") return openRecord(card.number);
  const question = button.asks && asks(card, button);
  if (!question) return send(card, button.step);
  ask({ title: label, about: dotted(title(card), where(card.facts, card.errand)), says: button.label === "done" ? says(card.errand, card) : [], send: label,
    fields: question.fields, submit: (values) => step(card.number, card.version, question.fill(button.step, values)) });
}

async function send(card, what) {
  busy.add(card.key);
  changed();
  try {
    await step(card.number, card.version, what);
  } catch (error) {
    refused.set(card.key, error.code === "fixed-post" ? t("no.fixed-post") : error.message);
    setTimeout(() => { refused.delete(card.key); changed(); }, READ);
    if (error.code === "fixed-post") relief(card, what);
  } finally {
    busy.delete(card.key);
    changed();
  }
}

/** R015: a fixed post is left only when somebody stands in. */
function relief(card, what) {
  ask({ title: t("form.relief"), about: t("no.fixed-post"), send: t("do.claim"), fields: [{ name: "relief", kind: "person", label: t("form.relief-name"), required: true }],
    submit: (values) => { const [kind] = Object.keys(what.task.step); return step(card.number, card.version, { task: { ...what.task, step: { [kind]: { ...what.task.step[kind], ...values } } } }); } });
}

/** Arrow keys walk through the cards; Enter opens one. */
export function arrows(list) {
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const card = event.target.closest(".card");
    if (!by || !card || event.target.matches("input, textarea")) return;
    const cards = [...list.querySelectorAll(".card")];
    const next = cards[cards.indexOf(card) + by];
    if (next) { event.preventDefault(); next.focus(); }
  });
}

/** The promises that fall due next, over all tickets. */
export function promises(limit) {
  const lines = [...store.tickets.values()].filter((line) => line.promise && !line.closed);
  return lines.sort((one, other) => one.promise.paused - other.promise.paused || Date.parse(one.promise.due) - Date.parse(other.promise.due)).slice(0, limit);
}

