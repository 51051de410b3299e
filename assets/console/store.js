// What the page knows: one board, kept whole, and who looks at it. Views read it and are told when it changes; nothing but
// the live line and the sign-in writes it. Nothing of it outlives the tab.

import { language } from "./text.js";

export const store = {
  hello: null,
  me: null,
  connected: false,
  lostSince: null,
  cards: new Map(),
  tickets: new Map(),
  visitors: new Map(),
  doors: [],
  alarms: new Map(),
  patrols: new Map(),
  checks: new Map(),
  connections: {},
};

const watchers = new Set();

/** Calls back after every change, once for many changes at one time. */
export function watch(call) {
  watchers.add(call);
  return () => watchers.delete(call);
}

let planned = false;

export function changed() {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    watchers.forEach((call) => call());
  });
}

const LISTS = ["tickets", "visitors", "alarms", "patrols", "checks"];

const byKey = (list, key) => new Map((list ?? []).map((item) => [item[key], item]));

/** A full board replaces everything: no card outlives it, none is there twice. */
export function board(data) {
  store.cards = byKey(data.cards, "key");
  for (const list of LISTS) store[list] = byKey(data[list], "number");
  store.doors = data.doors ?? [];
  store.connections = data.connections ?? {};
  changed();
}

/** A change names the cases it is about and brings all that is left of them: taken twice it does no harm. */
export function change(data) {
  const about = new Set(data.numbers ?? []);
  for (const [key, card] of store.cards) if (about.has(card.number)) store.cards.delete(key);
  for (const list of LISTS) about.forEach((number) => store[list].delete(number));
  for (const card of data.cards ?? []) store.cards.set(card.key, card);
  for (const list of LISTS) for (const line of data[list] ?? []) store[list].set(line.number, line);
  if (data.doors) store.doors = data.doors;
  if (data.connections) store.connections = data.connections;
  changed();
}

/** Signed out: nothing of anybody stays in the page. */
export function forget() {
  board({});
  store.me = null;
  store.connected = false;
  store.lostSince = null;
}

export const site = () => (language() === "en" ? store.hello?.site_en : store.hello?.site) ?? "";
export const role = () => store.me?.role ?? null;
export const is = (...roles) => roles.includes(role());
/** An engineer works with repairs and services only: of the rest he is told nothing, and an empty list would say that there is nothing. */
export const sees = (view) => !(is("engineer") && ["visitors", "doors", "muster", "pass", "keys", "patrols"].includes(view));
/** May take and give tasks of every post. */
export const leads = () => is("shift-leader", "supervisor", "project-manager");

export function postName(id) {
  const post = (store.hello?.posts ?? []).find((known) => known.id === id);
  return post?.name ?? id ?? "";
}
