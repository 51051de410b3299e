// The lists beside what needs me now: next promises, visitors, tickets, doors, and the way to everything else. A view
// draws into its place and returns how to stop; the lists draw themselves anew, line by line, when the board changes.

import { get, latest, step } from "./api.js";
import { category, doorName, promises, sorted, unit } from "./cards.js";
import { days, today } from "./days.js";
import { el, fill, icon, keyed, parts } from "./dom.js";
import { stateOf } from "./sheet.js";
import { is, postName, sees, store, watch } from "./store.js";
import { ago, date, language, moment, now, span, t, ticking, word } from "./text.js";
import { keys, log, muster, pass, patrols, phrases, proxy, settings, shift, sign } from "./tools.js";
import { birthdays } from "./gather.js";
import { handbook } from "./handbook.js";
import { report } from "./report.js";
import { residents } from "./residents.js";
import { surveys } from "./surveys.js";

const inHouse = () => [...store.visitors.values()].filter((line) => !line.closed);
const openTickets = () => [...store.tickets.values()].filter((line) => !line.closed);

export function counts() {
  return {
    now: sorted().filter((card) => !card.taken && card.for_me).length,
    visitors: inHouse().length,
    tickets: openTickets().length,
    doors: [...store.alarms.values()].filter((line) => !line.closed).length,
  };
}

/** A view that draws itself anew with every change of the board. */
const living = (draw) => (place, page) => {
  const again = () => draw(place, page);
  again();
  return watch(again);
};

const title = (text) => el("h2", {}, text);

/** A line of a list: a button that opens the record. */
function row(line, page, left, right, extra) {
  return el("div.row", {}, el("button.line", { type: "button", data: { act: "open", number: line.number }, onclick: () => page.openRecord(line.number) },
    el("span.what", {}, el("b", {}, parts(left[0])), el("span.quiet", {}, parts(left[1]))), el("span.when", {}, right)), extra);
}

function list(place, items, key, sign, build, empty) {
  keyed(place, items, key, (item) => `${sign(item)}${language()}`, build);
  if (items.length === 0 && !place.firstChild) fill(place, el("p.quiet.none", {}, empty));
  if (items.length > 0) place.querySelector(":scope > .none")?.remove();
}

const place = (line) => [unit(line.facts?.unit), !line.facts?.unit && line.facts?.place && word("place", line.facts.place), doorName(line.facts?.door), postName(line.facts?.at_post)];
const what = (line) => [word("matter", line.matter), category(line)];
const due = (promise) => (promise ? [word("promise", promise.name), " ", promise.paused ? t("promise.paused") : ticking("due", promise.due)] : []);
const lineSign = (line) => JSON.stringify([line.version, line.state, line.owner, line.promise, line.closed]);

/** Beside or below the cards: what is promised next, and the day in a few numbers. */
const overview = living((at, page) => {
  if (!at.firstChild) {
    fill(at, el("section", {}, title(t("overview.promises")), el("div.list", { id: "promises" })),
      el("section", {}, title(t("overview.today")),  el("div.sums", { id: "sums" }), el("p.links.quiet", { id: "links" })),
      sees("visitors") && el("section", {}, title(t("overview.in-house")), el("div.list", { id: "guests" })));
  }
  list(at.querySelector("#promises"), promises(7), (line) => line.number, lineSign, (line) => row(line, page,
    [[line.said, what(line)], [place(line), line.owner ?? t("ticket.nobody")]], due(line.promise)), t("overview.none"));
  const sums = [["visitors", inHouse().length], ["tickets", openTickets().length], ["late", openTickets().filter((line) => line.promise?.late).length], ["alarms", counts().doors]].filter(([name]) => sees(name === "alarms" ? "doors" : name));
  fill(at.querySelector("#sums"), sums.map(([name, count]) => el("a", { href: name === "alarms" ? "#/doors" : name === "late" ? "#/tickets" : `#/${name}`, class: name === "late" && count > 0 ? "bad" : null }, el("b", {}, String(count)), el("span", {}, t(`overview.${name}`)))));
  fill(at.querySelector("#links"), links());
  if (sees("visitors")) list(at.querySelector("#guests"), newest(inHouse()).slice(0, 5), (line) => line.number, lineSign, (line) => guest(line, page), t("visitors.none"));
});

/** Offline is a fact, not an error: the page works on. */
function links() {
  const { office, building, storage, printer, queue } = store.connections;
  // Where devices wait for room their broker is well, and what cannot wait is heard.
  const silent = building && building !== "up" && !(building === "held" && storage === "held");
  return [office && office !== "up" && el("span", {}, t("links.office")), queue && waiting(queue), silent && el("span.bad", {}, t("links.building")), storage === "held" && el("span.bad", {}, t("links.held")), storage === "low" && el("span.bad", {}, t("links.low")), storage === "failing" && el("span.bad", {}, t("links.storage")),
    printer && printer !== "ok" && el("span", {}, word("printer", printer))];
}

/** What waits for the office and when it will be there; while it only grows, how long there is room. */
function waiting({ urgent, normal, oldest, out_per_second: rate, drained_in_seconds: left, room_for_seconds: room }) {
  const n = urgent + normal;
  return el("span", { data: { queue: n } }, parts(n > 0 && oldest && t("links.waiting", { n, since: ago(oldest) }),
    left != null && t("links.drained", { rate, span: span(left * 1000) }), n > 0 && left == null && room != null && t("links.room", { span: span(room * 1000) })));
}

const newest = (lines) => lines.sort((one, other) => Date.parse(other.since) - Date.parse(one.since));

const guest = (line, page, extra) => row(line, page, [[line.who ?? t("visitors.unnamed"), line.facts?.purpose && word("purpose", line.facts.purpose), line.facts?.heads > 1 && t("visitors.heads", { n: line.facts.heads })],
  [place(line), moment(line.since), stateOf(line)]], line.closed ? t("visitors.left-at", { at: moment(line.closed) }) : ticking("held", line.since), extra);

/** Today's list lives; another day's is read once. */
const visitors = (at, page) => {
  let day = today();
  const refusal = el("p.refusal", { role: "alert" }), lists = el("div.lists", {}), only = latest();
  const build = (line) => guest(line, page, !line.closed && signOut(line));
  const live = () => {
    if (day !== today()) return;
    if (!lists.firstChild) fill(lists, el("div.list", { id: "in" }), el("h3", {}, t("visitors.left")), el("div.list", { id: "out" }));
    const all = newest([...store.visitors.values()]);
    list(lists.querySelector("#in"), all.filter((line) => !line.closed), (line) => line.number, lineSign, build, t("visitors.none"));
    list(lists.querySelector("#out"), all.filter((line) => line.closed), (line) => line.number, lineSign, build, t("visitors.none-left"));
  };
  const choose = async (chosen) => {
    day = chosen;
    fill(refusal);
    fill(lists);
    if (day === today()) return live();
    try {
      const answer = await only(get(`/api/visitors?day=${chosen}`));
      // Today is shown without asking.
      if (chosen !== day) return;
      // Who was still in the house from the day before stands in that day's list.
      const then = newest(answer.visitors.filter((line) => line.number.split("-")[1] === chosen.replaceAll("-", "")));
      fill(lists, el("div.list", { id: "then" }, then.map((line) => guest(line, page))), then.length === 0 && el("p.quiet.none", {}, t("visitors.none-then")));
    } catch (error) { if (chosen === day) fill(refusal, error.message); }
  };
  fill(at, el("header.bar", {}, title(t("nav.visitors")), el("div.do", {}, el("a.button", { href: "#/proxy/visit" }, icon("add"), t("visitors.add")), el("a.button", { href: "#/muster" }, icon("groups"), t("nav.muster")))), days(choose), refusal, lists);
  live();
  return watch(live);
};

function signOut(line) {
  // Whoever left a message may have gone already: the record knows.
  if (is("auditor", "engineer") || line.state === "message-left") return null;
  const button = el("button", { type: "button", data: { act: "sign-out" }, title: t("say.farewell-visit"), onclick: async () => {
    button.disabled = true;
    try { await step(line.number, line.version, { matter: { visit: "sign-out" } }); } catch (error) { button.disabled = false; button.after(el("p.refusal", { role: "alert" }, error.message)); }
  } }, t("visitors.sign-out"));
  return button;
}

let shown = "all";
const tickets = living((at, page) => {
  const all = openTickets();
  const kinds = ["all", ...new Set(all.map((line) => line.matter))];
  if (!kinds.includes(shown)) shown = "all";
  if (!at.firstChild) fill(at, el("header.bar", {}, title(t("nav.tickets")), el("div.do", {}, el("a.button", { href: "#/proxy" }, icon("add"), t("tickets.add")))), el("div.chips", { role: "group", "aria-label": t("tickets.filter"), id: "chips" }), el("div.list", { id: "tickets" }));
  fill(at.querySelector("#chips"), kinds.map((kind) => el("button.chip", { type: "button", "aria-pressed": String(shown === kind), onclick: () => { shown = kind; tickets.again(); } },
    kind === "all" ? t("tickets.all") : word("matter", kind), el("b", {}, String(kind === "all" ? all.length : all.filter((line) => line.matter === kind).length)))));
  tickets.again = () => { list(at.querySelector("#tickets"), chosen(all), (line) => line.number, lineSign, build, t("tickets.none")); at.querySelectorAll(".chip").forEach((chip, nth) => chip.setAttribute("aria-pressed", String(kinds[nth] === shown))); };
  const build = (line) => row(line, page, [[line.said, what(line), line.highlighted && el("em.marked", {}, t("record.highlighted")), line.chased && el("em.marked", {}, t("ticket.chased"))],
    [line.who, place(line), stateOf(line), line.owner ?? t("ticket.nobody")]], due(line.promise));
  tickets.again();
});

function chosen(all) {
  const mine = shown === "all" ? all : all.filter((line) => line.matter === shown);
  const at = (line) => (line.promise && !line.promise.paused ? Date.parse(line.promise.due) : Infinity);
  return mine.sort((one, other) => at(one) - at(other) || Date.parse(one.since) - Date.parse(other.since));
}

const doors = living((at, page) => {
  if (!at.firstChild) fill(at, title(t("nav.doors")), el("div.list", { id: "alarms" }), el("h3", {}, t("doors.all")), el("div.list", { id: "doors" }));
  const alarms = [...store.alarms.values()].filter((line) => !line.closed).sort((one, other) => Date.parse(one.since) - Date.parse(other.since));
  list(at.querySelector("#alarms"), alarms, (line) => line.number, lineSign, (line) => row(line, page,
    [alarmTitle(line), [stateOf(line), line.owner, line.facts.count > 1 && t("card.presses", { n: line.facts.count })]], ticking("since", line.since)), t("doors.quiet"));
  list(at.querySelector("#doors"), store.doors, (door) => door.id, JSON.stringify, (door) => el("div.row", {}, el("div.line", {}, el("span.what", {}, el("b", {}, doorName(door.id)), el("span.quiet", {}, parts(doorWords(door)))), el("span.when", {}, icon("door")))), t("doors.none"));
});

export const alarmTitle = (line) => t(t.has(`alarm.${line.facts.alarm ?? line.facts.kind}`) ? `alarm.${line.facts.alarm ?? line.facts.kind}` : "alarm.other", { door: doorName(line.facts.door) });

/** What is known of a door: its contact, its lock, what is wrong with it. A heartbeat is nothing to tell. */
function doorWords(door) {
  const aspects = ["door", "lock", "alarm", "tamper", "device"].filter((aspect) => door[aspect] && !["heartbeat", "normal", "cleared"].includes(door[aspect]));
  return [aspects.map((aspect) => word(`aspect.${aspect}`, door[aspect])), door.since && t("doors.since", { at: moment(door.since) })];
}

// As the daemon lets them in: what somebody may not open is not there.
const HOUSE = ["front-desk", "guard", "shift-leader", "supervisor", "project-manager"];
const TILES = [
  ["residents", "home", ...HOUSE], ["muster", "groups", ...HOUSE, "auditor"], ["pass", "pass", ...HOUSE, "auditor"], ["keys", "custody"], ["proxy", "add", ...HOUSE, "engineer"],
  ["shift", "shift", "front-desk", "guard", "shift-leader", "engineer", "supervisor"], ["patrols", "patrol"],
  ["log", "edit", ...HOUSE, "auditor"], ["sign", "sign"], ["birthdays", "person", "front-desk", "supervisor", "project-manager"], ["phrases", "quote"], ["handbook", "assignment"], ["report", "chart", "front-desk", "shift-leader", "supervisor", "project-manager", "auditor"], ["surveys", "star", "front-desk", "shift-leader", "supervisor", "project-manager", "auditor"], ["settings", "device"],
];

const more = (at) => {
  fill(at, title(t("nav.more")), el("div.grid", {}, TILES.filter(([name, , ...roles]) => sees(name) && (roles.length === 0 || is(...roles))).map(([name, symbol]) => el("a.square", { href: `#/${name}` }, icon(symbol), el("span", {}, t(`nav.${name}`))))));
  return () => {};
};

export const VIEWS = { now: overview, visitors, tickets, doors, more, residents, muster, pass, keys, proxy, shift, patrols, log, sign, birthdays, phrases, handbook, report, surveys, settings };

export const viewOf = (route) => (place, page) => VIEWS[route.split("/")[0]](place, { ...page, part: location.hash.split("/")[2] ?? null, row, list, what, due, place: placeOf, living, date: () => date(now()) });

const placeOf = place;
