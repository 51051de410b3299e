// Meetings, activities and birthdays: who has signed up, as a list to be called and printed; and whose birthday falls into a
// month (R271, R293, R316). Each look is journaled by the daemon before it answers.

import { get, latest } from "./api.js";
import { unit } from "./cards.js";
import { el, fill, icon } from "./dom.js";
import { site, store } from "./store.js";
import { date, dotted, moment, now, t, word } from "./text.js";

/** The seats of an opened record, with what is known of whoever has each: the order in which they came. */
export function seated(record) {
  const guests = record.person?.guests ?? {};
  return (record.matter?.gathering?.seats?.taken ?? []).map((seat) => ({ ...seat, ...(guests[seat.id] ?? {}) }));
}

export function guests(record) {
  if (record.line.matter !== "gathering") return null;
  const all = seated(record);
  const row = (one, nth) => el("tr", {}, el("td", {}, String(nth + 1)), el("th", { scope: "row" }, one.name ?? ""), el("td", {}, unit(one.unit)),
    el("td", {}, one.phone && el("a", { href: `tel:${one.phone}` }, one.phone)), el("td", {}, one.waiting ? t("guests.waiting") : one.to_tell ? t("guests.to-tell") : ""));
  const paper = () => { document.body.classList.add("print-record"); print(); document.body.classList.remove("print-record"); };
  return el("section.guests", {}, el("h3", {}, dotted(t("guests.title"), t("guests.count", { n: all.filter((one) => !one.waiting).length, of: record.matter?.gathering?.seats?.places ?? 0 }))),
    el("p.printed", {}, dotted(site(), record.line.said, record.person?.title, record.line.facts.at && moment(record.line.facts.at), t("muster.printed", { at: moment(now()), who: store.me?.name ?? "" }))),
    all.length > 0 && el("table.muster", {}, el("thead", {}, el("tr", {}, ["guests.nth", "field.name", "field.unit", "field.phone", "guests.state"].map((key) => el("th", { scope: "col" }, t(key))))), el("tbody", {}, all.map(row))),
    all.length === 0 ? el("p.quiet", {}, t("guests.none")) : el("div.do", {}, el("button", { type: "button", data: { act: "print-guests" }, onclick: paper }, icon("print"), t("do.print"))));
}

/** The month's birthdays of those who have consented. */
export function birthdays(at, page) {
  const refusal = el("p.refusal", { role: "alert" }), body = el("div.sheet", {}), file = el("div.do", {}), only = latest();
  let month = Number(date(now()).slice(5, 7));
  const pick = el("select", { "aria-label": t("birthdays.month"), onchange: () => { month = Number(pick.value); load(); } },
    Array.from({ length: 12 }, (_, nth) => el("option", { value: nth + 1, selected: nth + 1 === month }, word("month", String(nth + 1)))));
  const load = async () => {
    fill(refusal);
    try {
      const { birthdays: all } = await only(get(`/api/birthdays?month=${month}`));
      const row = (one) => el("tr", {}, el("th", { scope: "row" }, el("button.quiet", { type: "button", onclick: () => page.openRecord(one.number) }, one.name)), el("td", {}, unit(one.unit)), el("td", {}, dotted(one.consent_to, one.consent_on)));
      fill(body, el("p.printed", {}, dotted(site(), word("month", String(month)), t("muster.printed", { at: moment(now()), who: store.me?.name ?? "" }))),
        all.length > 0 ? el("table.muster", {}, el("thead", {}, el("tr", {}, ["field.name", "field.unit", "birthdays.consent"].map((key) => el("th", { scope: "col" }, t(key))))), el("tbody", {}, all.map(row))) : el("p.quiet.none", {}, t("birthdays.none")));
    } catch (error) { fill(body); fill(refusal, error.message); }
    fill(file, el("a.button", { href: "#/proxy/birthday" }, icon("add"), t("birthdays.add")), el("button", { type: "button", onclick: () => print() }, icon("print"), t("do.print")), el("a.button", { href: `/api/birthdays.csv?month=${month}`, download: true }, t("report.csv")));
  };
  fill(at, el("header.bar", {}, el("h2", {}, t("nav.birthdays")), file), el("p.quiet", {}, t("birthdays.about")), pick, refusal, body);
  load();
  return () => {};
}
