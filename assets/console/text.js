// Words: the language switch, the strings with their gaps filled, and time as people say it.

import { kept } from "./dom.js";
import { STRINGS } from "./strings.js";
import { WORDS } from "./words.js";
import { QUESTIONS } from "./questions.js";
import { RECORDS } from "./records.js";
import { EVENTS } from "./events.js";
import { SCRIPTS } from "./scripts.js";

const LANGUAGES = ["zh-Hans", "en"];
const TABLE = { ...STRINGS, ...WORDS, ...QUESTIONS, ...RECORDS, ...EVENTS, ...SCRIPTS };

let chosen = LANGUAGES.includes(kept.get("language")) ? kept.get("language") : "zh-Hans";
// The daemon's clock less this browser's, in milliseconds: a phone whose clock is wrong still says the right span.
let skew = 0;
let zone = "Asia/Shanghai";

export const language = () => chosen;

export function setLanguage(next) {
  chosen = next;
  kept.set("language", next);
  document.documentElement.lang = next;
}

/** A string with its gaps filled: `t("card.claimed", {who})`. A key that is missing is shown as it is: a test finds it. */
export function t(key, gaps = {}) {
  const pair = TABLE[key];
  if (!pair) return key;
  const text = pair[chosen === "en" ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (_, gap) => gaps[gap] ?? "");
}
t.has = (key) => key in TABLE;

/** The word for a value of the daemon's: `word("state", "received")`; the value itself where the page has no word. */
export const word = (group, value) => {
  if (value === null || value === undefined) return "";
  return t.has(`${group}.${value}`) ? t(`${group}.${value}`) : String(value);
};

/** Joins parts that are there with a middle dot. */
export const dotted = (...parts) => parts.flat().filter(Boolean).join(" · ");

export function setClock(now, siteZone) {
  if (now) skew = Date.parse(now) - Date.now();
  if (siteZone) zone = siteZone;
}

/** The daemon's time, in milliseconds. */
export const now = () => Date.now() + skew;

const format = (options) => new Intl.DateTimeFormat(chosen === "en" ? "en-GB" : "zh-CN", { timeZone: zone, hourCycle: "h23", ...options });

/** 22:14, in the building's zone wherever the browser is. */
export const clock = (at) => (at ? format({ hour: "2-digit", minute: "2-digit" }).format(new Date(at)) : "");
export const day = (at) => format({ month: "long", day: "numeric", weekday: "short" }).format(new Date(at));
/** 2026-11-21, as the daemon's paths want it. */
export const date = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date(at));
export const hour = () => Number(new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" }).format(new Date(now())));

/** The clock, with the day before it where it is not today. */
export const moment = (at) => (date(at) === date(now()) ? clock(at) : `${format({ month: "numeric", day: "numeric" }).format(new Date(at))} ${clock(at)}`);

/** A day and a time of day, `2026-11-21T10:00`, as they are meant in the building, wherever the browser is. */
export function instant(local) {
  const shown = (at) => Date.parse(`${new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at).replace(" ", "T")}Z`);
  const wanted = Date.parse(`${local}Z`);
  // Twice: the first guess may lie on the other side of a change to summer time.
  const guess = wanted - (shown(wanted) - wanted);
  return new Date(guess - (shown(guess) - wanted)).toISOString().replace(".000Z", "Z");
}

/** Day and time in the language of whoever will read it, which need not be that of the page. */
export const momentIn = (at, tag) => new Intl.DateTimeFormat({ en: "en-GB", "zh-Hant": "zh-TW" }[tag] ?? "zh-CN", { timeZone: zone, month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** The next time of day `hh:mm` in the building's zone, as the daemon reads it. */
export function next(time) {
  const [hours, minutes] = time.split(":").map(Number);
  const parts = format({ hour: "2-digit", minute: "2-digit" }).formatToParts(new Date(now()));
  const of = (type) => Number(parts.find((part) => part.type === type).value);
  let ahead = (hours - of("hour")) * 60 + minutes - of("minute");
  if (ahead < -5) ahead += 24 * 60;
  const at = new Date(now() + ahead * 60_000);
  at.setSeconds(0, 0);
  return at.toISOString().replace(".000Z", "Z");
}

/** A span as people say it: 8 秒, 4 分钟, 1 小时 20 分, 2 天. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return t("span.seconds", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("span.minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? t("span.hours-minutes", { n: hours, m: minutes % 60 }) : t("span.hours", { n: hours });
  const days = Math.floor(hours / 24);
  return hours % 24 && days < 3 ? t("span.days-hours", { n: days, m: hours % 24 }) : t("span.days", { n: days });
}

export const ago = (at) => (now() - Date.parse(at) < 3000 ? t("span.now") : t("span.ago", { span: span(now() - Date.parse(at)) }));

/** What is left of a promise: 还有 4 分钟, or 已过 3 分钟. */
export function left(due) {
  const ahead = Date.parse(due) - now();
  // Rounded up while it runs: "4 more minutes" is true until there are only three.
  return ahead >= 0 ? t("span.left", { span: span(ahead < 60_000 ? ahead : ahead + 59_000) }) : t("span.over", { span: span(-ahead) });
}

/** How urgent what is left is: "late", "soon" (ten minutes), or "". */
export function pressing(due) {
  const ahead = Date.parse(due) - now();
  return ahead < 0 ? "late" : ahead < 600_000 ? "soon" : "";
}

const TICKS = { since: ago, ringing: (at) => t("span.ringing", { span: span(now() - Date.parse(at)) }), due: left, held: (at) => t("span.held", { span: span(now() - Date.parse(at)) }) };

/** A time that goes on counting: every second `tick` writes it anew. */
export function ticking(how, at) {
  const node = document.createElement("time");
  node.dateTime = at;
  node.dataset.tick = how;
  node.title = moment(at);
  node.textContent = TICKS[how](at);
  if (how === "due") node.className = pressing(at);
  return node;
}

/** Writes every counting time anew; only what has changed is touched. */
export function tick() {
  for (const node of document.querySelectorAll("time[data-tick]")) {
    const text = TICKS[node.dataset.tick](node.dateTime);
    if (node.textContent !== text) node.textContent = text;
    if (node.dataset.tick === "due" && node.className !== pressing(node.dateTime)) node.className = pressing(node.dateTime);
  }
}
