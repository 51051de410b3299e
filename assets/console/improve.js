// What is to become better (R292): agreed on from a report by whoever supervises, with the department and the day; below it
// what is open, with the time left. Its steps are the record's.

import { post } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { choice, day, long } from "./fields.js";
import { ask } from "./form.js";
import { DEPARTMENTS } from "./inquiries.js";
import { stateOf } from "./sheet.js";
import { is, store, watch } from "./store.js";
import { t } from "./text.js";

const open = () => [...store.tickets.values()].filter((line) => line.matter === "improvement" && !line.closed);
const due = (line) => (line.promise ? Date.parse(line.promise.due) : Infinity);

/** Draws itself anew with the board; returns how to stop. `period` says which report is looked at. */
export function improvements(at, page, period) {
  const list = el("div.list", { id: "improvements" });
  const draw = () => {
    const lines = open().sort((one, other) => due(one) - due(other));
    fill(list, lines.map((line) => page.row(line, page, [[line.said, page.what(line), line.highlighted && el("em.marked", {}, t("record.highlighted"))], [stateOf(line), line.owner]], page.due(line.promise))),
      lines.length === 0 && el("p.quiet.none", {}, t("improve.none")));
  };
  const agree = is("supervisor", "project-manager") && el("button", { type: "button", data: { act: "improve" }, onclick: () => form(page, period()) }, icon("add"), t("improve.add"));
  fill(at, el("header.bar", {}, el("h3", {}, t("improve.title")), el("div.do", {}, agree)), list);
  draw();
  return watch(draw);
}

function form(page, report) {
  ask({ title: t("improve.add"), about: t("improve.about", { report }), send: t("improve.add"),
    fields: [long("what", { label: "improve-what" }), choice("department", DEPARTMENTS), day("due", { label: "improve-due" })],
    submit: async (values) => {
      const answer = await post("/api/open", { opening: { improvement: { report, ...values } } });
      if (answer?.number) page.openRecord(answer.number);
    } });
}
