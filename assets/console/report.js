// The figures of a day, a month, a quarter: charts that the daemon draws as SVG, with their numbers beside them.

import { get } from "./api.js";
import { el, fill } from "./dom.js";
import { date, now, t } from "./text.js";

const PERIODS = ["day", "month", "quarter"];

export function report(at) {
  const refusal = el("p.refusal", { role: "alert" }), body = el("div.report", {});
  let period = "month", day = date(now());
  const input = el("input", { type: "date", value: day, "aria-label": t("report.day"), onchange: () => { day = input.value || day; load(); } });
  const path = () => `/api/report?period=${period}&day=${day.replaceAll("-", "")}`;
  const load = async () => {
    fill(refusal);
    chips();
    try {
      const answer = await get(path());
      fill(body, (answer.charts ?? []).map((chart) => el("figure", {}, el("figcaption", {}, chart.title ? t(`report.${chart.title}`) : ""), picture(chart.svg))));
    } catch (error) { fill(refusal, error.message); }
  };
  const row = el("div.chips", { role: "group" });
  const chips = () => fill(row, PERIODS.map((name) => el("button.chip", { type: "button", "aria-pressed": String(period === name), data: { act: name }, onclick: () => { period = name; load(); } }, t(`report.${name}`))), input,
    el("a.button", { href: `/api/report.csv?period=${period}&day=${day.replaceAll("-", "")}`, download: `report-${period}-${day}.csv` }, t("report.csv")));
  fill(at, el("header.bar", {}, el("h2", {}, t("nav.report"))), row, refusal, body);
  load();
  return () => {};
}

/** A drawing of the daemon's as elements of this page; anything but an SVG is not shown. */
function picture(svg) {
  const drawn = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return drawn.localName === "svg" && !drawn.querySelector("script, foreignObject") ? document.importNode(drawn, true) : null;
}
