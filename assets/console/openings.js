// Proxy tickets (R007): what is asked when somebody rings up or stands at the desk. One entry a matter; `make` gives what the
// daemon's rules begin the matter with.

import { choice, CATEGORIES, lines, long, moment, number, optional, phone, text, tick, unit } from "./fields.js";
import { language } from "./text.js";

const LANGUAGE = () => ({ language: language() });
const PLACES = ["lobby", "lift", "corridor", "garage", "garden", "other"];
const WINDOWS = ["soon-as-possible", "today-afternoon", "today-evening", "tomorrow-morning", "tomorrow-afternoon"];

// Letters that nobody mistakes for one another.
const LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/** A code that nobody can guess, from the browser's own source of chance. */
const secretCode = (length) => [...crypto.getRandomValues(new Uint8Array(length))].map((byte) => LETTERS[byte % LETTERS.length]).join("");

const names = (words) => (words ?? "").split(/[,，、;；]/).map((name) => name.trim()).filter(Boolean);

const who = () => [text("name"), phone("phone")];

export const OPENINGS = {
  repair: { icon: "repair", says: ["door-open"],
    fields: () => [unit("unit", { ...optional, label: "unit-or-place" }), choice("place", PLACES, optional), choice("category", CATEGORIES), choice("window", WINDOWS, optional), text("detail", optional), ...who()],
    make: ({ unit: home, place, window, detail, ...rest }) => ({ place: home ? { home } : { public: place ?? "other" }, windows: window ? [window] : [], detail: detail ?? null, ...rest, ...LANGUAGE() }) },
  complaint: { icon: "complaint", says: ["thanks-first"], fields: () => [long("text"), unit("unit", optional), ...who(), long("wanted", optional)], make: (values) => ({ ...values, ...LANGUAGE() }) },
  enquiry: { icon: "enquiry", says: ["can-help"], fields: () => [long("text"), unit("unit", optional), ...who()], make: (values) => ({ ...values, ...LANGUAGE() }) },
  suggestion: { icon: "suggestion", says: ["farewell-opinion"], fields: () => [long("text"), unit("unit", optional), ...who()], make: (values) => ({ ...values, ...LANGUAGE() }) },
  visit: { icon: "visit", says: ["who-sought"],
    fields: () => [unit("unit", { label: "host-unit" }), text("name", optional), phone("phone", optional), choice("purpose", ["friends", "delivery", "work", "viewing", "business", "other"]), number("heads", { value: 1 }), text("note", optional)],
    make: (values) => ({ ...values, ...LANGUAGE() }) },
  pass: { icon: "pass",
    fields: () => [unit("unit"), ...who(), lines("items", [text("what", { label: "item" }), number("count")]), moment("leaves_at"), text("vehicle", optional), tick("help_to_carry")],
    make: (values) => ({ ...values, code: secretCode(8), ...LANGUAGE() }) },
  custody: { icon: "custody",
    fields: () => [unit("unit"), ...who(), number("keys", { value: 1 }), text("reason"), text("collection"), text("collectors", optional)],
    make: ({ collectors, ...rest }) => ({ ...rest, collectors: names(collectors), ...LANGUAGE() }) },
  delivery: { icon: "delivery", fields: () => [unit("unit"), number("count", { value: 1 }), text("carrier", optional), phone("phone", optional)], make: (values) => ({ ...values, code: secretCode(6), ...LANGUAGE() }) },
  help: { icon: "help", fields: () => [], make: () => LANGUAGE() },
  emergency: { icon: "emergency", about: "proxy.danger", fields: () => [unit("unit", { ...optional, label: "address-unit" }), text("other", { ...optional, label: "address-other" }), phone("phone", optional)],
    // Help starts without it: an address without a phone is asked again in the record (R148).
    make: ({ unit: home, other, phone: number }) => ({ placed: number && (home || other) ? { address: home ? { unit: home } : { other }, phone: number } : null, ...LANGUAGE() }) },
};
