// Surveys of satisfaction (R289-R291): what each has come to beside the one before it, and the way to begin one.

import { get, post } from "./api.js";
import { el, fill, icon, parts } from "./dom.js";
import { choice, lines, optional, text } from "./fields.js";
import { ask } from "./form.js";
import { is } from "./store.js";
import { date, now, t, word } from "./text.js";

// Days that a survey lasts unless somebody says otherwise; the daemon's own proposals have the figures of the house.
const DAYS = 14;

const day = (name, value) => ({ name, kind: "date", label: t(`field.${name}`), required: true, value });

/** The day so many days after today, 2026-11-21. */
function later(days) {
  const at = new Date(`${date(now())}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

function begin(page) {
  const asked = lines("questions", [text("code", { label: "question-code" }), text("zh-Hans", { label: "question-hans" }), text("zh-Hant", { label: "question-hant" }), text("en", { label: "question-en" })], { ...optional, hint: t("survey.usual") });
  ask({ title: t("survey.begin"), about: t("survey.about"), send: t("survey.begin"),
    fields: [choice("kind", ["pulse", "yearly"], { words: "survey", label: "survey-kind" }), day("from-day", date(now())), day("to-day", later(DAYS - 1)), text("name", { ...optional, label: "survey-name" }), asked],
    submit: async ({ kind, name, questions, "from-day": from, "to-day": to }) => {
      const answer = await post("/api/open", { opening: { campaign: { kind, from, to, name: name ?? null, questions: questions ?? [] } }, source: "internal" });
      if (answer?.number) page.openRecord(answer.number);
    } });
}

const mean = (value) => (value === null || value === undefined ? "–" : value.toFixed(2));

/** By how much it is better or worse than the one before. */
const change = ({ mean: value, before }) => (value === null || before === null ? mean(before) : `${mean(before)} ${value > before ? "↑" : value < before ? "↓" : "="}`);

const questionOf = (code) => (t.has(`rating.campaign/${code}`) ? t(`rating.campaign/${code}`) : code);

function shown(survey, page) {
  const title = survey.name ?? word("survey", survey.kind);
  const head = ["question", "mean", "before", "5", "4", "3", "2", "1"].map((name) => el("th", { scope: "col" }, t(`survey.head.${name}`)));
  const rows = survey.results.map((one) => el("tr", {}, el("th", { scope: "row" }, questionOf(one.code)), el("td", {}, mean(one.mean)), el("td", {}, change(one)), [...one.stars].reverse().map((count) => el("td", {}, String(count)))));
  return el("figure", { data: { number: survey.number } }, el("figcaption", {}, el("span", {}, title), el("span.quiet", {}, parts(word("state.campaign", survey.state), `${survey.from} – ${survey.to}`, t("survey.answers", { n: survey.answers })))),
    survey.state !== "proposed" && survey.state !== "planned" && el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)),
    el("div.do", {}, el("button", { type: "button", data: { act: "open" }, onclick: () => page.openRecord(survey.number) }, icon("arrow"), t("do.record"))));
}

export function surveys(at, page) {
  const refusal = el("p.refusal", { role: "alert" }), body = el("div.report", {});
  const load = async () => {
    try {
      const { surveys: all } = await get("/api/surveys");
      fill(body, all.map((survey) => shown(survey, page)), all.length === 0 && el("p.quiet", {}, t("survey.none")));
    } catch (error) { fill(refusal, error.message); }
  };
  fill(at, el("header.bar", {}, el("h2", {}, t("nav.surveys")), el("div.do", {},
    is("supervisor", "project-manager") && el("button.primary", { type: "button", data: { act: "begin" }, onclick: () => begin(page) }, icon("add"), t("survey.begin")),
    el("a.button", { href: "/api/surveys.csv", download: true }, t("report.csv")))), refusal, body);
  load();
  return () => {};
}
