// Proxy tickets (R007): what is asked when somebody rings up or stands at the desk. One entry a matter; `make` gives what the
// daemon's rules begin the matter with.

import { choice, CATEGORIES, long, number, optional, phone, text, unit } from "./fields.js";
import { language } from "./text.js";

const LANGUAGE = () => ({ language: language() });
const PLACES = ["lobby", "lift", "corridor", "garage", "garden", "other"];
const WINDOWS = ["soon-as-possible", "today-afternoon", "today-evening", "tomorrow-morning", "tomorrow-afternoon"];

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
  emergency: { icon: "emergency", fields: () => [], make: () => LANGUAGE() },
  help: { icon: "help", fields: () => [], make: () => LANGUAGE() },
};
