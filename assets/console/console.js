// The guards' page from the first byte to the last: who is there, the live line, what is shown where, and the ring. It shows
// nothing before somebody has signed in, and keeps nothing of anybody after he has signed out.

import { get, onEnded, post, setToken } from "./api.js";
import * as bell from "./bell.js";
import { arrows, render as renderCards, ringing, title, waiting, where } from "./cards.js";
import { el, fill, icon, kept } from "./dom.js";
import { closeAsk } from "./form.js";
import { listen } from "./live.js";
import { changeSecret, hideLogin, showLogin } from "./login.js";
import { closeRecord, openRecord } from "./sheet.js";
import { hold } from "./support.js";
import { board, change, forget, postName, sees, site, store, watch } from "./store.js";
import { clock, dotted, hour, language, now, setClock, setLanguage, t, tick } from "./text.js";
import { VIEWS, counts, viewOf } from "./views.js";

const at = (id) => document.getElementById(id);
const NAV = [["now", "bolt"], ["visitors", "visit"], ["tickets", "assignment"], ["doors", "door"], ["more", "more"]];

let line = null, route = "now", announced = new Set(), cleanUp = null;

// The look.

/** Dark after 22:00 and before 6:00, or as the browser prefers, or as somebody chose. */
function dress() {
  const wish = kept.get("theme", "auto");
  const night = hour() >= 22 || hour() < 6 || matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = wish === "auto" ? (night ? "dark" : "light") : wish;
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=theme-color]").content = theme === "dark" ? "#12181C" : "#F7F5F0";
}

function top() {
  const menu = el("button.round.quiet", { type: "button", "aria-label": t("nav.settings"), data: { act: "settings" }, onclick: () => go("settings") }, icon("menu"));
  const sound = el("button.round.quiet", { type: "button", "aria-pressed": String(bell.isOn()), "aria-label": t("sound.switch"), data: { act: "sound" }, onclick: () => { bell.setOn(!bell.isOn()); bell.wake(); top(); draw(); } }, icon(bell.isOn() ? "sound-on" : "sound-off"));
  const here = el("button.here", { type: "button", "aria-label": t("support.label") }, el("span.dot", { "aria-hidden": "true" }), el("span", {}, dotted(postName(store.me?.post) || t("post.none"), store.me?.name)));
  hold(here);
  fill(at("top"), here, el("p.clock", {}, el("span", { id: "time" }, clock(now()))), sound, menu);
}

function nav() {
  const sums = counts();
  at("nav").setAttribute("aria-label", t("nav.label"));
  fill(at("nav"), NAV.filter(([name]) => sees(name)).map(([name, symbol]) => {
    const here = name === "more" ? !NAV.some(([other]) => other === route) || route === "more" : route === name;
    const count = sums[name];
    return el("a", { href: `#/${name}`, "aria-current": here ? "page" : null, "aria-label": count ? `${t(`nav.${name}`)} ${count}` : null }, icon(symbol), el("span", {}, t(`nav.${name}`), count ? el("b", {}, String(count)) : null));
  }));
}

// What is shown.

function go(name) { location.hash = `/${name}`; }

function routed() {
  const name = location.hash.replace(/^#\/?/, "") || "now";
  route = VIEWS[name.split("/")[0]] && sees(name.split("/")[0]) ? name : "now";
  if (!store.me) return;
  show();
  scrollTo(0, 0);
}

/** Builds the view of this route; from then on it draws itself when the board changes. */
function show() {
  cleanUp?.();
  document.body.dataset.route = route.split("/")[0];
  const view = viewOf(route);
  fill(at("view"));
  cleanUp = view(at("view"), { openRecord, go });
  nav();
  draw();
}

function draw() {
  if (!store.me) return;
  const mine = waiting();
  at("now-title").textContent = dotted(t("now.title"), mine.length > 0 ? String(mine.length) : "");
  at("empty").textContent = t("now.empty");
  renderCards(at("cards"), at("empty"), openRecord);
  asleep();
  queue(mine);
  ring(mine);
  nav();
}

/** Browsers stay silent until they are touched: then the page says so instead of a guard believing that it rings. */
function asleep() {
  at("asleep").hidden = !bell.isAsleep();
  if (bell.isAsleep()) fill(at("asleep"), el("button.quiet", { type: "button", onclick: () => { bell.wake(); setTimeout(draw, 200); } }, icon("sound-on"), t("sound.asleep")));
}

/** R175, R178: somebody else is waiting while this guard has his hands full. */
function queue(mine) {
  const busy = [...store.cards.values()].some((card) => card.taken?.mine && ["call", "walk"].includes(card.form));
  const people = mine.filter((card) => ["help", "visitor", "call"].includes(card.urgency));
  at("queue").hidden = !(busy && people.length > 0);
  at("queue").textContent = `${t("say.busy")}${t("say.second")}`;
}

function ring(mine) {
  const what = store.connected || mine.length > 0 ? ringing() : null;
  bell.ring(what);
  document.title = dotted(mine.length > 0 ? `(${mine.length}) ${t("page.title")}` : t("page.title"), postName(store.me?.post));
  for (const card of mine) {
    if (announced.has(card.key)) continue;
    announced.add(card.key);
    if (card.silent) continue;
    const place = card.urgency === "emergency" ? at("assertive") : at("polite");
    place.textContent = dotted(title(card), where(card.facts, card.errand));
  }
  announced = new Set([...announced].filter((key) => store.cards.has(key)));
}

// The live line.

const told = {
  board(data) { setClock(data.now, store.hello?.time_zone); board(data); announced.clear(); connected(true); },
  change(data) { if (data.now) setClock(data.now); change(data); if (!store.connected) connected(true); },
  bye(data) { if (data.reason !== "restart") ended(data.reason ?? "session-ended"); },
  ended,
  lost(since) {
    store.lostSince = since;
    connected(false);
  },
};

function connected(is) {
  store.connected = is;
  document.body.classList.toggle("lost", !is);
  at("connection").hidden = is;
  if (!is) fill(at("connection"), icon("lost"), el("span", {}, t("connection.lost", { at: clock(store.lostSince) })), el("button.quiet", { type: "button", onclick: () => line?.again() }, t("connection.again")));
  draw();
}

// Coming and going.

// A session ends when nobody touches the page; a touch is told at most this often.
const TOUCH_EVERY = 120_000;
let touched = 0;

function touch() {
  bell.wake();
  if (!store.me || Date.now() - touched < TOUCH_EVERY) return;
  touched = Date.now();
  // A refusal means that the session has ended; `onEnded` has heard of it.
  post("/api/here", {}).catch(() => {});
}

export async function begin(me) {
  store.me = me;
  setToken(me.csrf);
  document.body.classList.remove("signed-out");
  hideLogin();
  at("login").hidden = true;
  top();
  arrowsOnce();
  line?.hangUp();
  line = listen(told);
  routed();
}

let arrowed = false;
function arrowsOnce() {
  if (!arrowed) arrows(at("cards"));
  arrowed = true;
}

/** The session is over: everything goes from the page, and the sign-in says why. */
export function ended(why) {
  line?.hangUp();
  line = null;
  bell.ring(null);
  setToken(null);
  closeAsk();
  closeRecord();
  cleanUp?.();
  cleanUp = null;
  forget();
  for (const id of ["top", "nav", "cards", "view", "polite", "assertive", "connection"]) fill(at(id));
  at("connection").hidden = true;
  announced.clear();
  document.title = t("page.title");
  document.body.classList.add("signed-out");
  document.body.classList.remove("lost");
  at("login").hidden = false;
  showLogin(at("login"), why, begin);
}

async function start() {
  setLanguage(language());
  dress();
  at("skip").textContent = t("nav.skip");
  at("record").setAttribute("aria-label", t("record.label"));
  try {
    store.hello = await get("/api/hello");
    setClock(store.hello.time, store.hello.time_zone);
    dress();
    if (store.hello.signed_in === false) return ended(null);
    const me = await get("/api/me");
    if (me.must_change) return changeSecret(at("login"), me, null, begin);
    await begin(me);
  } catch (error) {
    ended(error.status === 0 ? "no-connection" : null);
  }
}

onEnded(ended);
watch(draw);
addEventListener("hashchange", routed);
addEventListener("pointerdown", touch, { passive: true });
addEventListener("keydown", (event) => {
  touch();
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) closeRecord();
});
document.addEventListener("lobbyd:language", () => { setLanguage(language()); at("skip").textContent = t("nav.skip"); if (store.me) { top(); show(); } });
document.addEventListener("lobbyd:theme", dress);
document.addEventListener("lobbyd:signed-out", () => ended("signed-out"));
document.addEventListener("lobbyd:post", () => { top(); draw(); });
setInterval(() => { tick(); const time = at("time"); if (time && time.textContent !== clock(now())) { time.textContent = clock(now()); dress(); } }, 1000);

// For tests: what the page believes.
window.guards = { store, site, rings: bell.rings, lastSeen: () => line?.seen() ?? null };
start();
