// The figures of a day, a month, a quarter: charts that the daemon draws as SVG, with their numbers beside them.

import { get, latest } from "./api.js";
import { el, fill } from "./dom.js";
import { improvements } from "./improve.js";
import { date, now, t, word } from "./text.js";

const PERIODS = ["day", "month", "quarter"];

/** 2026-11-21, 2026-11 or 2026-Q4, as the daemon names a period. */
function named(period, day) {
  const [year, month] = day.split("-");
  return { day, month: `${year}-${month}`, quarter: `${year}-Q${Math.ceil(Number(month) / 3)}` }[period];
}

export function report(at, page) {
  const refusal = el("p.refusal", { role: "alert" }), body = el("div.report", {}), row = el("div.chips", { role: "group" }), only = latest();
  let period = "month", day = date(now());
  const input = el("input", { type: "date", value: day, "aria-label": t("report.day"), onchange: () => { day = input.value || day; load(); } });
  const load = async () => {
    fill(refusal);
    chips();
    try {
      const { charts } = await only(get(`/api/report?period=${named(period, day)}`));
      fill(body, charts.map(figure), charts.length === 0 && el("p.quiet", {}, t("report.nothing")));
    } catch (error) { fill(body); fill(refusal, error.message); }
  };
  const chips = () => fill(row, PERIODS.map((name) => el("button.chip", { type: "button", "aria-pressed": String(period === name), data: { act: name }, onclick: () => { period = name; load(); } }, t(`report.${name}`))), input,
    el("a.button", { href: `/api/report.csv?period=${named(period, day)}`, download: true }, t("report.csv")));
  const better = el("section", {});
  fill(at, el("header.bar", {}, el("h2", {}, t("nav.report"))), row, refusal, body, better);
  load();
  return improvements(better, page, () => named(period, day));
}

const said = (key) => { const [group, ...rest] = key.split("."); return rest.length > 0 ? word(group, rest.join(".")) : key; };
const number = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(1));

function figure(chart) {
  return el("figure", {}, el("figcaption", {}, t(`report.${chart.name}`), legend(chart)), picture(chart.svg),
    el("details", {}, el("summary", {}, t("report.numbers")), el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }), chart.heads.map((head) => el("th", { scope: "col" }, t(`report.head.${head}`))))),
      el("tbody", {}, chart.rows.map((row) => el("tr", {}, el("th", { scope: "row" }, said(row.word)), row.numbers.map((value) => el("td", {}, number(value)))))))));
}

/** Which colour is what, where there is more than one. */
function legend(chart) {
  const heads = chart.name === "days" ? ["opened", "late"] : chart.heads;
  return heads.length > 1 && el("span.legend", {}, heads.map((head, nth) => el(`span${nth === 0 ? "" : ["late", "missed"].includes(head) ? ".late" : ".second"}`, {}, t(`report.head.${head}`))));
}

/** A drawing of the daemon's as elements of this page, in its language; anything but an SVG is not shown. */
function picture(svg) {
  const drawn = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  if (drawn.localName !== "svg" || drawn.querySelector("script, foreignObject")) return null;
  for (const node of drawn.querySelectorAll("[data-word]")) node.textContent = said(node.dataset.word);
  return document.importNode(drawn, true);
}
