// Notices, handbook and answers for the desk, to be read while somebody asks. Only what is public goes into a reply: what is
// for the staff has no button for it (R140).

import { get } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { dotted, language, t, word } from "./text.js";

/** Longest reply in characters, as the form takes it. */
const MOST = 500;

let quote = null;

/** What is to stand in the next answer, once. */
export function quoted() {
  const value = quote ?? undefined;
  quote = null;
  return { value };
}

/** In the language of the page; else in the one that is there. */
const said = (texts) => texts?.[language()] ?? texts?.["zh-Hans"] ?? Object.values(texts ?? {})[0] ?? "";

const validity = (entry) => el(entry.valid ? "span" : "em.marked", {}, t(entry.valid ? "handbook.until" : "handbook.hidden", { day: entry.valid_until }));

export function handbook(at, page) {
  const refusal = el("p.refusal", { role: "alert" });
  const load = page.part ? one : all;
  fill(at, refusal);
  load(at, page.part).catch((error) => fill(refusal, error.message));
  return () => {};
}

async function all(at) {
  const { entries } = await get("/api/handbook");
  const sections = [...new Set(entries.map((entry) => entry.section))];
  const line = (entry) => el("div.row", {}, el("a.line", { href: `#/handbook/${entry.id}`, data: { entry: entry.id } },
    el("span.what", {}, el("b", {}, said(entry.title)), entry.level !== "public" && el("span.quiet", {}, word("reading", entry.level))), el("span.when", {}, validity(entry))));
  fill(at, el("header.bar", {}, el("h2", {}, t("nav.handbook"))),
    sections.map((name) => el("section", {}, el("h3", {}, word("section", name)), el("div.list", {}, entries.filter((entry) => entry.section === name).map(line)))),
    entries.length === 0 && el("p.quiet.none", {}, t("handbook.none")));
}

async function one(at, id) {
  const entry = await get(`/api/handbook/${encodeURIComponent(id)}`);
  const text = said(entry.text), status = el("p.quiet", { role: "status" });
  const copy = () => { const part = fitting(chosen(body) || text); quote = part; fill(status, t(part.length < text.length ? "handbook.copied-part" : "handbook.copied")); };
  const body = el("div.entry", {}, text.split("\n").map((line) => el("p", {}, line)));
  fill(at, el("header.bar", {}, el("h2", {}, said(entry.title)), el("div.do", {},
    el("a.button", { href: "#/handbook" }, icon("back"), t("nav.handbook")),
    entry.level === "public" && entry.valid && el("button", { type: "button", data: { act: "quote" }, onclick: copy }, icon("quote"), t("handbook.copy")),
    el("button", { type: "button", onclick: () => print() }, icon("print"), t("do.print")))),
  el("p.quiet", {}, dotted(word("section", entry.section), word("reading", entry.level))), status, body,
  el("p.quiet", {}, dotted(said(entry.contact), entry.phone)), el("p", {}, validity(entry)));
}

/** What somebody has marked in the text. */
function chosen(body) {
  const selection = getSelection();
  return selection && body.contains(selection.anchorNode) && body.contains(selection.focusNode) ? selection.toString().trim() : "";
}

/** As many whole lines as a reply holds. */
function fitting(text) {
  let part = "";
  for (const line of text.trim().split("\n")) {
    const more = part ? `${part}\n${line}` : line;
    if (more.length > MOST) return part || line.slice(0, MOST);
    part = more;
  }
  return part;
}
