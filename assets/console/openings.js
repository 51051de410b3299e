// Proxy tickets (R007): what is asked when somebody rings up or stands at the desk. One entry a matter; `make` gives what the
// daemon's rules begin the matter with.

import { choice, CATEGORIES, day, lines, long, moment, number, optional, phone, placed, select, text, tick, told, unit, yesno } from "./fields.js";
import { language } from "./text.js";

const LANGUAGE = () => ({ language: language() });
const PLACES = ["lobby", "lift", "corridor", "garage", "garden", "other"];
const WINDOWS = ["soon-as-possible", "today-afternoon", "today-evening", "tomorrow-morning", "tomorrow-afternoon"];

// Letters that nobody mistakes for one another.
const LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/** A code that nobody can guess, from the browser's own source of chance. */
const secretCode = (length) => [...crypto.getRandomValues(new Uint8Array(length))].map((byte) => LETTERS[byte % LETTERS.length]).join("");

const names = (words) => (words ?? "").split(/[,，、;；]/).map((name) => name.trim()).filter(Boolean);

/** The 29 convenience services (R266) and the forms that have no matter of their own. */
const ITEMS = [...Array.from({ length: 29 }, (_, nth) => String(nth + 1).padStart(2, "0")), "parking-lease", "utility-opening", "bill-collection", "decoration", "entrust-let", "move-in", "overtime-air"];

const who = () => [text("name"), phone("phone")];

export const OPENINGS = {
  repair: { icon: "repair", says: ["door-open"],
    fields: () => [unit("unit", { ...optional, label: "unit-or-place" }), choice("place", PLACES, optional), choice("category", CATEGORIES), choice("window", WINDOWS, optional), text("detail", optional), ...who()],
    make: ({ unit: home, place, window, detail, ...rest }) => ({ place: home ? { home } : { public: place ?? "other" }, windows: window ? [window] : [], detail: detail ?? null, ...rest, ...LANGUAGE() }) },
  complaint: { icon: "complaint", says: ["thanks-first"], fields: () => [long("text"), choice("topic", ["service", "repair", "security", "cleaning", "noise", "parking", "charges", "favours", "other"]), text("wanted", optional), text("more", optional), unit("unit", optional), ...who()], make: (values) => ({ ...values, ...LANGUAGE() }) },
  enquiry: { icon: "enquiry", says: ["can-help"], fields: () => [long("text"), yesno("written", { label: "in-writing" }), unit("unit", optional), ...who()], make: (values) => ({ ...values, ...LANGUAGE() }) },
  suggestion: { icon: "suggestion", says: ["farewell-opinion"], fields: () => [long("text"), unit("unit", optional), text("name", optional), phone("phone", optional)], make: (values) => ({ ...values, ...LANGUAGE() }) },
  service: { icon: "service", fields: () => [select("item", ITEMS), text("wish", optional), choice("window", WINDOWS, optional), unit("unit"), ...who()], make: ({ window, ...rest }) => ({ ...rest, windows: window ? [window] : [], ...LANGUAGE() }) },
  visit: { icon: "visit", says: ["who-sought"],
    fields: () => [unit("unit", { label: "host-unit" }), text("name", optional), phone("phone", optional), choice("purpose", ["friends", "delivery", "work", "viewing", "business", "other"]), number("heads", { value: 1 }), text("note", optional)],
    make: (values) => ({ ...values, ...LANGUAGE() }) },
  pass: { icon: "pass",
    fields: () => [unit("unit"), ...who(), lines("items", [text("what", { label: "thing" }), number("count")]), moment("leaves_at"), text("vehicle", optional), tick("help_to_carry")],
    make: (values) => ({ ...values, code: secretCode(8), ...LANGUAGE() }) },
  custody: { icon: "custody",
    fields: () => [unit("unit"), ...who(), number("keys", { value: 1 }), text("reason"), text("collection"), text("collectors", optional)],
    make: ({ collectors, ...rest }) => ({ ...rest, collectors: names(collectors), ...LANGUAGE() }) },
  delivery: { icon: "delivery", fields: () => [unit("unit"), number("count", { value: 1 }), text("carrier", optional), phone("phone", optional)], make: (values) => ({ ...values, code: secretCode(6), ...LANGUAGE() }) },
  // Who plans, and who keeps the list of birthdays: the daemon refuses the others.
  gathering: { icon: "groups", roles: ["supervisor", "project-manager"], about: "about.gathering",
    fields: () => [choice("kind", ["meeting", "activity"], { words: "gathering" }), text("title"), told("words", { label: "announcement" }), text("title_en", optional), text("words_en", optional), moment("at", { label: "gathering-at" }), text("place", { label: "gathering-place" }), number("places", { value: 20 }), told("invitation", optional)],
    make: (values) => values },
  birthday: { icon: "person", roles: ["front-desk", "supervisor", "project-manager"], about: "about.birthday",
    fields: () => [unit("unit"), text("name", { label: "called" }), number("month"), text("consent_to"), day("consent_on")], make: (values) => values },
  help: { icon: "help", fields: () => [], make: () => LANGUAGE() },
  // Help starts without it: an address without a phone is asked again in the record (R148).
  emergency: { icon: "emergency", about: "proxy.danger", fields: () => [text("address", optional), phone("phone", optional)],
    make: ({ address, phone: number }) => ({ placed: number && address ? { address: placed(address), phone: number } : null, ...LANGUAGE() }) },
};
