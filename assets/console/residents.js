// Who lives where, for whoever is asked for somebody at the counter, at the gate or on the phone. Each search is journaled, so
// nothing is sent while somebody types; what was looked for and found is gone with the view.

import { latest, post } from "./api.js";
import { unit } from "./cards.js";
import { el, fill, icon, parts } from "./dom.js";
import { t } from "./text.js";

export function residents(at) {
  const refusal = el("p.refusal", { role: "alert" }), found = el("div", { "aria-live": "polite" }), only = latest();
  const input = el("input", { id: "who", type: "search", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 40, placeholder: t("residents.example") });
  const look = async (event) => {
    event.preventDefault();
    fill(refusal);
    fill(found);
    if (!input.value.trim()) return input.focus();
    try {
      fill(found, ...answer(await only(post("/api/directory", { q: input.value }))));
    } catch (error) {
      fill(refusal, error.message);
    }
  };
  fill(at, el("header.bar", {}, el("h2", {}, t("nav.residents"))), el("p.say", {}, t("residents.say")),
    el("form.search", { role: "search", onsubmit: look }, el("label", { for: "who" }, t("residents.who")), input, el("button.primary", { type: "submit" }, icon("person"), t("residents.look"))), refusal, found);
  input.focus();
  return () => {};
}

function answer({ known, found, more }) {
  if (!known) return [el("p.quiet.none", {}, t("residents.unknown"))];
  if (found.length === 0) return [el("p.quiet.none", {}, t("residents.nobody"))];
  return [el("div.list", {}, found.map(line)), more && el("p.quiet", {}, t("residents.more"))].filter(Boolean);
}

/** In the record of a visit, for whoever holds one of its tasks: whom he may call. */
export function hosts(record) {
  const all = record.hosts ?? [];
  return all.length > 0 && el("section.hosts", {}, el("h3", {}, t("residents.hosts")), el("div.list", {}, all.map(line)));
}

const line = (one) => el("div.row", {}, el("div.line", {}, el("span.what", {}, el("b", {}, parts(unit(one.unit), one.name)), el("span.quiet", {}, parts(one.vacant && t("residents.vacant"), one.language && tongue(one.language)))),
  one.phone && el("span.when", {}, el("a.button", { href: `tel:${one.phone}` }, icon("call"), one.phone))));

/** What a language is called in itself; a tag that the browser does not know is shown as it is. */
function tongue(tag) {
  try { return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag; } catch { return tag; }
}
