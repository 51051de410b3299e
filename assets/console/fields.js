// Short names for the fields of forms: what a step asks, as data. The label of a field is its word `field.<name>`.

import { t, word } from "./text.js";

const field = (kind) => (name, more = {}) => ({ name, kind, key: more.label ?? name, required: more.optional !== true, ...more, label: t(`field.${more.label ?? name}`) });

export const text = field("text");
export const long = field("long");
/** Words that a resident will read or hear: looked at while they are typed (R195). */
export const told = (name, more = {}) => field("long")(name, { lint: true, ...more });
export const tick = field("tick");
export const yesno = field("yesno");
export const number = field("number");
export const money = field("money");
export const phone = field("phone");
export const unit = field("unit");
export const code = field("code");
export const person = field("person");
export const time = field("time");
export const moment = field("moment");
/** A day, 2026-11-21. */
export const day = field("date");
export const stars = field("stars");
/** Thanks, why, apology, action with its time, closing: in that order (R115). */
export const reply = field("reply");
export const lines = (name, of, more = {}) => ({ ...field("lines")(name, more), of });

/** A choice of words: `choice("reason", ["a", "b"])` shows the words `reason.a`, `reason.b`. */
export const choice = (name, options, more = {}) => ({ ...field("tiles")(name, more), options: options.map((value) => ({ value, label: word(more.words ?? name, value) })) });

export const CHANNELS = ["phone", "intercom", "in-person", "radio", "message"];
export const CATEGORIES = ["water", "power", "light", "air-conditioning", "door", "lift", "intercom", "other"];
export const REASONS = ["on-another-task", "may-not-leave-post", "not-my-trade", "no-tool", "unwell", "off-duty", "other"];

export const channel = (more = {}) => choice("channel", CHANNELS, { value: "phone", ...more });
export const optional = { optional: true };

/** A choice of more words than fit as tiles. */
export const select = (name, options, more = {}) => ({ ...choice(name, options, more), kind: "select" });

/** Where a patient is: a unit where it reads like one, else in words (R148). */
export const placed = (address) => (/^[A-Za-z0-9-]*\d[A-Za-z0-9-]*$/.test(address) ? { unit: address } : { other: address });
