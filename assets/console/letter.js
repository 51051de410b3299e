// The reply to a complaint as a form: five parts in one order. Each can be put in other words; none can be left out or moved,
// and the concrete action has its time (R115, R123, R128). What comes out is one text, shown as the resident will read it.

import { el, fill } from "./dom.js";
import { REPLY, REPLY_LANGUAGES } from "./replies.js";
import { momentIn, t } from "./text.js";

// The longest text that the daemon takes, and so much of it for one part.
const LONGEST = 500;
const PART = 150;

const standard = (nth, language) => REPLY[nth][1 + REPLY_LANGUAGES.indexOf(language)];

/** The parts in their order. An action stands in its sentence, with its time. */
export function composed(parts, at, language) {
  const said = REPLY.map(([name], nth) => (name === "action" ? standard(nth, language).replace("{at}", momentIn(at, language)).replace("{what}", parts.action.replace(/[。.]$/, "")) : parts[name]));
  return said.join(language === "en" ? " " : "");
}

/** A kind of field: its value is `{ text, at }`, and there is none while a part is missing. */
export function letter(field, set, build) {
  let language = REPLY_LANGUAGES.includes(field.language) ? field.language : "en";
  const parts = {}, shown = el("p.say", { "aria-live": "polite", data: { part: "whole" } });
  const made = [];
  const told = () => {
    const whole = REPLY.every(([name]) => parts[name]?.trim()) && parts.at;
    const text = whole ? composed(parts, parts.at, language) : "";
    fill(shown, text);
    set(whole && text.length <= LONGEST ? { text, at: parts.at } : undefined);
  };
  const values = new Proxy(parts, { set: (target, key, value) => { target[key] = value; told(); return true; }, deleteProperty: (target, key) => { delete target[key]; told(); return true; } });
  const draw = () => {
    made.splice(0);
    REPLY.forEach(([name], nth) => {
      const value = name === "action" ? parts.action : parts[name] ?? standard(nth, language);
      made.push(build({ name, kind: "long", label: t(`reply.${name}`), required: true, lint: true, max: PART, value }, values));
      if (name === "action") made.push(build({ name: "at", kind: "moment", label: t("reply.at"), required: true }, values));
    });
    fill(body, made.map((part) => part.node));
    told();
  };
  const select = el("select", { id: field.id, "aria-label": t("reply.language") }, REPLY_LANGUAGES.map((tag) => el("option", { value: tag, selected: tag === language }, t(`reply.${tag}`))));
  select.addEventListener("change", () => {
    // What was put in other words stays as it is.
    REPLY.forEach(([name], nth) => { if (parts[name] === standard(nth, language)) delete parts[name]; });
    delete parts.at;
    language = select.value;
    draw();
  });
  const body = el("div.reply", {});
  draw();
  const missing = () => made.find((part) => !part.clear());
  return { node: el("div", {}, select, body), below: shown, legend: true, ownsValue: true, clear: () => { const part = missing(); part?.complain(); return !part && (!field.required || Boolean(parts.at)); }, unclear: t("reply.unclear") };
}
