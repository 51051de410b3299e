// The day that a list is about: one back, one on, or picked. Never a day that has not come.

import { el, fill, icon } from "./dom.js";
import { date, now, t } from "./text.js";

export const today = () => date(now());

/** The day `by` days after `day`; both as 2026-11-21. */
function moved(day, by) {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, 10);
}

/** A row of buttons; calls back with the day that was chosen. */
export function days(chosen) {
  let day = today();
  const row = el("div.chips", { role: "group", "aria-label": t("day.pick") });
  const choose = (picked) => {
    if (!picked || picked > today()) return draw();
    day = picked;
    draw();
    chosen(day);
  };
  const draw = () => fill(row,
    el("button.chip", { type: "button", data: { act: "day-before" }, onclick: () => choose(moved(day, -1)) }, t("day.before")),
    el("input", { type: "date", value: day, max: today(), "aria-label": t("day.pick"), data: { act: "day" }, onchange: (event) => choose(event.target.value) }),
    el("button.chip", { type: "button", disabled: day >= today(), data: { act: "day-after" }, onclick: () => choose(moved(day, 1)) }, t("day.after")),
    day < today() && el("button.chip", { type: "button", data: { act: "today" }, onclick: () => choose(today()) }, icon("clock"), t("day.today")));
  draw();
  return row;
}
