// Every step that a record's sheet can offer: by matter, in which states, and what it asks. One line a step;
// its JSON is `{"matter": {<matter>: {<step>: <values>}}}`, or only the step's name where it asks nothing. Rights and order
// are the daemon's: it sends the names of the steps that it would take from this person now, and no other is offered.

import { channel, choice, CATEGORIES, code, day, lines, long, moment, money, number, optional, person, phone, reply, stars, text, tick, time, told, unit, yesno } from "./fields.js";
import { is } from "./store.js";
import { t } from "./text.js";
import { TABLE } from "./table.js";

const ALL = [
  { id: "chase", tickets: true, make: () => "chase" },
  { id: "contact", tickets: true, fields: () => [channel(), long("note", optional)], make: (values) => ({ contact: values }) },
  { id: "pause", tickets: true, when: (record) => pausable(record).length > 0,
    fields: (record) => [choice("promise", pausable(record)), choice("obstacle", ["traffic", "no-working-conditions", "other"]), moment("until"), long("note")], make: (values) => ({ pause: values }) },
  { id: "resume", tickets: true, when: (record) => paused(record).length > 0, fields: (record) => [choice("promise", paused(record), { value: paused(record)[0] })], make: (values) => ({ resume: values }) },
  { id: "withdraw", tickets: true, danger: true, fields: () => [long("reason", { optional: true, label: "withdraw-reason" })], make: (values) => ({ withdraw: values }) },
];

const MOVING = ["call", "alarm", "help", "emergency", "patrol", "check", "support", "visit"];

const running = (record) => (record.promises ?? []).filter((one) => !one.timer && !one.task);
const pausable = (record) => running(record).filter((one) => one.pausable && !one.pause && !one.late).map((one) => one.name);
const paused = (record) => running(record).filter((one) => one.pause).map((one) => one.name);

const kit = { channel, choice, CATEGORIES, code, day, lines, long, moment, money, number, optional, person, phone, reply, stars, text, tick, time, told, unit, yesno };

/** The steps that may follow now, likeliest first, ready for the sheet. */
export function possible(record) {
  if (is("auditor")) return [];
  const fits = (entry) => record.steps?.includes(entry.id) && (!entry.states || entry.states.includes(record.line.state)) && (!entry.not || !entry.not.includes(record.line.state))
    && (!entry.when || entry.when(record)) && (!entry.tickets || !MOVING.includes(record.line.matter));
  const own = (TABLE[record.line.matter] ?? []).filter(fits).map((entry) => prepared(entry, record));
  return [...own.map((entry, nth) => ({ ...entry, first: nth === 0 })), ...ALL.filter(fits).map((entry) => prepared(entry, record))];
}

/** An entry of the table for this record: its fields, and how its values become the step. */
export function prepared(entry, record) {
  const { matter } = record.line;
  const step = (values) => {
    const shaped = entry.shape ? entry.shape(values, record) : values;
    return { matter: { [matter]: entry.fields || entry.shape ? { [entry.id]: shaped } : entry.id } };
  };
  return { ...entry, matter, fields: entry.fields?.(record, kit) ?? [], make: entry.make ?? step };
}

export const labelOfStep = (entry) => (t.has(`step.${entry.matter}.${entry.id}`) ? t(`step.${entry.matter}.${entry.id}`) : t(`step.${entry.id}`));
