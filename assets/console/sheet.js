// The opened record: who, where, what was promised, what has happened with names and times, and every step that may
// follow now, each as a plain form. Opening it is a view that the daemon journals (R308), so nothing opens by itself.

import { get, latest, step } from "./api.js";
import { el, fill, icon, keyed, parts } from "./dom.js";
import { ask } from "./form.js";
import { guests } from "./gather.js";
import { happened } from "./history.js";
import { labelOfStep, possible } from "./steps.js";
import { hosts } from "./residents.js";
import { is, postName, store, watch } from "./store.js";
import { called, category, checks, doorName, iconOf, press, proposals, said, says, title, unit, withBadge } from "./cards.js";
import { clock, language, moment, t, ticking, word } from "./text.js";

const sheet = document.getElementById("record");
const lineOf = (number) => ["tickets", "visitors", "alarms", "patrols", "checks"].map((list) => store[list].get(number)).find(Boolean);
let opened = null, before = null, stop = null;
const only = latest();

export const openNumber = () => opened?.number ?? null;

/** Opens a record by its number; the focus goes to its heading and comes back when it is closed. */
export async function openRecord(number) {
  before ??= document.activeElement;
  opened = { number, record: null, refused: null };
  document.body.classList.add("with-record");
  behind(true);
  sheet.hidden = false;
  fill(sheet, head(number, ""), el("p.quiet", {}, t("record.loading")));
  stop ??= watch(follow);
  await load();
  sheet.querySelector("h2")?.focus();
}

export function closeRecord() {
  if (!opened) return;
  opened = null;
  stop?.();
  stop = null;
  sheet.hidden = true;
  fill(sheet);
  document.body.classList.remove("with-record");
  behind(false);
  if (before?.isConnected) before.focus({ preventScroll: true });
  before = null;
}

/** On a phone the record covers the page: what is behind it is out of reach for keyboard and screen reader, too. */
function behind(covered) {
  const covers = covered && matchMedia("(max-width: 959px)").matches;
  for (const id of ["top", "nav", "main"]) document.getElementById(id).inert = covers;
}

async function load() {
  const number = opened?.number;
  try {
    const record = await only(get(`/api/case/${encodeURIComponent(number)}`));
    if (opened?.number === number) { opened.record = record; opened.version = record.line.version; show(); }
  } catch (error) {
    if (opened?.number === number) fill(sheet, head(number, ""), el("p.refusal", { role: "alert" }, error.message));
  }
}

/** Something has changed on the board: the opened record is read again when it is this one. */
function follow() {
  if (!opened?.record) return;
  const versions = [...store.cards.values()].filter((card) => card.number === opened.record.line.number).map((card) => card.version);
  const line = lineOf(opened.record.line.number);
  const newest = Math.max(opened.version, ...versions, line?.version ?? 0);
  if (newest > opened.version) { opened.version = newest; load(); }
}

function head(said, kind, record) {
  return el("header", {},
    el("div", {}, el("p.quiet", {}, kind), el("h2", { tabindex: -1 }, said)),
    record && el("span.state", {}, stateOf(record)),
    el("button.round.quiet", { type: "button", "aria-label": t("do.close"), data: { act: "close" }, onclick: closeRecord }, icon("close")));
}

export const stateOf = (record) => (t.has(`state.${record.matter}.${record.state}`) ? t(`state.${record.matter}.${record.state}`) : word("state", record.state));

function show() {
  const record = opened.record;
  const at = sheet.scrollTop;
  fill(sheet, head(record.line.said, word("matter", record.line.matter), record.line), el("div.scroll", {},
    about(record), person(record), guests(record), hosts(record), wishes(record), tasks(record), unfinished(record), steps(record), promises(record), notes(record), timeline(record)));
  sheet.scrollTop = at;
}

function about(record) {
  const { facts, source, since, closed } = record.line;
  const rows = [
    ["fact.unit", unit(facts.unit)], ["fact.place", facts.place && word("place", facts.place)], ["fact.door", doorName(facts.door)],
    [record.line.matter === "improvement" ? "field.department" : "fact.category", category(record.line)], ["fact.scope", facts.scope && word("scope", facts.scope)],
    ["fact.at-home", facts.at_home !== undefined && t(facts.at_home ? "card.at-home" : "card.at-home-unsure")],
    ["fact.purpose", facts.purpose && word("purpose", facts.purpose)], ["fact.window", facts.window && word("window", facts.window)],
    ["fact.about", facts.about && word("check", facts.about)], ["fact.of", facts.of], ["fact.survey", facts.survey && word("survey", facts.survey)], ["fact.from", facts.survey && facts.from], ["fact.to", facts.survey && facts.to], ["fact.answers", facts.answers], ["fact.round", facts.round && word("round", facts.round)], ["fact.at-post", postName(facts.at_post)],
    ["fact.item", facts.item && word("item", facts.item)], ["fact.choice", facts.choice && word("choice", facts.choice)],
    ["fact.class", facts.class && word("class", facts.class)], ["fact.heads", facts.heads], ["fact.again", facts.earlier_visits && t("card.again", { n: facts.earlier_visits + 1, day: facts.last_visit })], ["fact.slot", facts.slot], [record.line.matter === "alarm" ? "fact.times" : "fact.count", facts.count],
    ["fact.gathering", facts.gathering && word("gathering", facts.gathering)], ["fact.at", facts.gathering && facts.at && moment(facts.at)], ["fact.places", facts.places],
    ["fact.due-day", facts.due_day], ["fact.watched", facts.what === "watch-list" && facts.visit], ["fact.report", facts.report],
    ["fact.source", word("source", source)], ["fact.since", moment(since)], ["fact.closed", closed && moment(closed)],
    ["fact.language", record.language && record.language !== "zh-Hans" && word("language", record.language)],
  ].filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  return el("dl.facts", {}, rows.map(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)]), record.line.highlighted && el("dd.marked", {}, t("record.highlighted")));
}

/** What people said of themselves. Shown as text; a phone number can be dialled with one touch. */
function person(record) {
  const person = record.person ?? {};
  const hidden = ["by_name", "text", "guests"];
  const rows = Object.entries(person).filter(([key, value]) => !hidden.includes(key) && value !== null && value !== "");
  if (rows.length === 0) return null;
  const order = (key) => ["name", "phone", "address"].indexOf(key) + 1 || 9;
  rows.sort(([one], [other]) => order(one) - order(other));
  const shown = (key, value) => {
    const text = typeof value === "object" ? plain(value) : String(value);
    return key.includes("phone") ? el("a", { href: `tel:${text}` }, text) : text;
  };
  return el("section.person", {}, el("h3", {}, t(record.line.matter === "improvement" ? "improve.title" : record.line.facts.what === "watch-list" ? "record.watched" : "record.person")), el("dl.facts", {}, rows.map(([key, value]) => [el("dt", {}, word("fact", key.replace(/_\d+$/, ""))), el("dd", {}, shown(key, value))])));
}

/** R238: what the household asks of whoever comes; only whoever has one of the tasks is told. */
function wishes(record) {
  const { hours, shoe_covers: covers, note } = record.wishes ?? {};
  const rows = [["fact.hours", hours && `${hours.from}–${hours.to}`], ["fact.shoe-covers", covers && t("record.shoe-covers")], ["fact.visit-note", note]].filter(([, value]) => value);
  return rows.length > 0 && el("section.person", {}, el("h3", {}, t("record.wishes")), el("dl.facts", {}, rows.map(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)])));
}

const plain = (value) => (value?.what && value.count ? `${value.what} × ${value.count}` : Array.isArray(value) ? value.map(plain).join("、") : typeof value === "object" && value !== null ? Object.values(value).map(plain).join(" ") : String(value));

/** Its tasks: who has each, or who is asked. R016: name and badge, so that a resident can check the card. */
function tasks(record) {
  const cards = [...store.cards.values()].filter((card) => card.number === record.line.number);
  const list = cards.length > 0 ? cards : record.cards ?? [];
  if (list.length === 0) return null;
  return el("section", {}, el("h3", {}, t("record.tasks")), el("ul.tasks", {}, list.map((card) => el("li", {}, icon(iconOf(card)), el("div", {},
    el("p", {}, card.facts ? title(card) : word("errand", card.errand)),
    el("p.quiet", {}, card.taken
      ? parts(t(card.taken.arrived ? "card.there" : "card.claimed", { who: withBadge(card.taken.by, card.taken.badge), at: clock(card.taken.at) }), card.taken.eta && t("card.eta", { at: clock(card.taken.eta) }))
      : parts(t("card.asked", { posts: (card.asked ?? []).map(postName).join("、") }), ticking("since", card.since))),
    card.taken?.mine && said(says(card.errand, { ...card, who: record.person?.name ?? card.who })),
    card.taken?.mine && checks(card.errand).length > 0 && el("ul.checks", {}, checks(card.errand).map((text) => el("li", {}, icon("check"), text))), proposals(card, openRecord), further(card))))));
}

/** What a card has no room for: to take a notice up, to pass it on, another reason than "busy". */
function further(card) {
  const button = (one) => el("button", { type: "button", data: { more: one.label }, onclick: () => press(card, one, t(`do.more.${one.label}`), openRecord) }, t(`do.more.${one.label}`));
  return card.more?.length > 0 && el("div.do", {}, card.more.map(button));
}

/** R299: what stood open when a check was due is looked at before it is signed. */
function unfinished(record) {
  const open = record.matter?.check?.open ?? [];
  return open.length > 0 && el("section", {}, el("h3", {}, t("record.unfinished")), el("div.do", {}, open.map((number) => el("button", { type: "button", onclick: () => openRecord(number) }, number))));
}

function promises(record) {
  const clocks = (record.promises ?? []).filter((one) => !one.timer);
  if (clocks.length === 0) return null;
  return el("section", {}, el("h3", {}, t("record.promises")), el("dl.facts", {}, clocks.map((one) =>
    [el("dt", {}, word("promise", one.name)), el("dd", {}, parts(moment(one.due), one.pause ? [t("promise.paused"), word("obstacle", one.pause.obstacle)] : ticking("due", one.due)))])));
}

/** R035: a quick note is always at hand. */
function notes(record) {
  if (is("auditor")) return null;
  const input = el("input", { type: "text", maxlength: 500, "aria-label": t("record.note"), placeholder: t("record.note"), name: "note" });
  const refusal = el("p.refusal", { role: "alert" });
  return el("form.note", { onsubmit: async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return input.focus();
    try { await step(record.line.number, record.line.version, { note: { text } }); input.value = ""; load(); } catch (error) { refusal.textContent = error.message; }
  } }, input, el("button", { type: "submit" }, t("do.note")), refusal);
}

function steps(record) {
  const list = possible(record);
  if (list.length === 0) return null;
  const refusal = el("p.refusal", { role: "alert" });
  const button = (entry, nth) => el(nth === 0 && entry.first ? "button.primary" : "button", { type: "button", data: { step: entry.id }, onclick: () => take(record, entry, refusal) }, labelOfStep(entry));
  return el("section.steps", {}, el("h3", {}, t("record.steps")), el("div.do", {}, list.map(button)), refusal);
}

/** R196: a field that is looked at offers to ask a leader, where a step of this record does that. */
function withLeader(record, entry, refusal) {
  const escalate = entry.id !== "escalate" && possible(record).find((other) => other.id === "escalate");
  return entry.fields.map((field) => (field.lint && escalate ? { ...field, leader: () => take(record, escalate, refusal) } : field));
}

async function take(record, entry, refusal) {
  refusal.textContent = "";
  const send = async (values) => {
    await step(record.line.number, record.line.version, entry.make(values, record));
    await load();
  };
  if (entry.fields.length === 0 && !entry.danger) return send({}).catch((error) => { refusal.textContent = error.message; });
  const gaps = { who: called(record.person?.name), me: store.me?.name ?? "" };
  ask({ title: labelOfStep(entry), about: entry.about && t(entry.about), says: (entry.says ?? []).map((key) => t(`say.${key}`, gaps)), checks: (entry.checks ?? []).map((key) => t(`check.${key}`)),
    fields: withLeader(record, entry, refusal), send: labelOfStep(entry), danger: entry.danger, submit: send });
}

/** What has happened, the newest first, with names and times. */
function timeline(record) {
  const told = [...(record.history ?? [])].reverse();
  const list = el("ol.timeline", {});
  keyed(list, told, (one) => String(one.seq), () => language(), (one) => {
    const { text, detail, kind } = happened(one, record.line);
    return el(`li.${kind}`, {}, el("time", { datetime: one.time, title: one.time }, moment(one.time)), el("div", {}, el("p", {}, parts(text)), el("p.quiet", {}, parts(detail))));
  });
  return el("section", {}, el("h3", {}, t("record.history")), list);
}
