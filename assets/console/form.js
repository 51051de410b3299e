// One small dialog for everything that a step asks of a person. It is made from a list of fields, sends one request, and
// shows a refusal where the finger was; what was typed stays until it is sent or thrown away.

import { latest, post } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { letter } from "./letter.js";
import { instant, next, t, word } from "./text.js";

// A pause in typing after which the words are looked at (R195).
const LINT_AFTER = 400;

let open = null;

/**
 * Asks. `what`: { title, about?, says?: [text], checks?: [text], fields: [field], send: label, danger?, submit(values) }.
 * A field: { name, kind, label, required?, needed?(values), options?, words?, lint?, value?, hint?, of? (the fields of a line) }.
 * `submit` returns a promise; a refusal keeps the dialog open.
 */
export function ask(what) {
  open?.close();
  const values = {};
  const says = (what.says ?? []).length > 0 && el("p.say", {}, what.says.join(" "));
  const checks = (what.checks ?? []).length > 0 && el("ul.checks", {}, what.checks.map((text) => el("li", {}, icon("check"), text)));
  const fields = what.fields.map((field) => build(field, values));
  const refusal = el("p.refusal", { role: "alert" });
  const send = el(what.danger ? "button.danger" : "button.primary", { type: "submit" }, what.send ?? t("do.send"));
  const form = el("form", { novalidate: true },
    el("header", {}, el("h2", { id: "ask-title" }, what.title), el("button.quiet.round", { type: "button", "aria-label": t("do.close"), onclick: () => dialog.close() }, icon("close"))),
    what.about && el("p.about", {}, what.about), says, checks, fields.map((field) => field.node), refusal,
    el("div.do", {}, send, el("button", { type: "button", onclick: () => dialog.close() }, t("do.back"))));
  const dialog = el("dialog.ask", { "aria-labelledby": "ask-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const unclear = fields.find((field) => !field.clear());
    if (unclear) return unclear.complain();
    send.disabled = true;
    refusal.textContent = "";
    try {
      await what.submit(values);
      dialog.close();
    } catch (error) {
      refusal.textContent = error.message;
      send.disabled = false;
      send.focus();
    }
  });
  dialog.addEventListener("close", () => { dialog.remove(); if (open === dialog) open = null; });
  dialog.addEventListener("click", (event) => { if (event.target === dialog && !typed(values)) dialog.close(); });
  document.body.append(dialog);
  open = dialog;
  dialog.showModal();
  (dialog.querySelector(".field input, .field select, .field textarea, .field [role=radio], .field button") ?? send).focus();
  return dialog;
}

/** Whether a dialog is open: what rings meanwhile must not close it. */
export const isOpen = () => open !== null;
export const closeAsk = () => open?.close();

const typed = (values) => Object.values(values).some((value) => typeof value === "string" && value.length > 0);

let count = 0;

/** A field: its node, whether it is filled in well, and how it says that it is not. */
function build(field, values) {
  const id = `field-${++count}`;
  const complaint = el("p.unclear", { id: `${id}-unclear`, hidden: true });
  const set = (value) => {
    if (value === undefined || value === "" || value === null) delete values[field.name];
    else values[field.name] = value;
    complaint.hidden = true;
  };
  const kind = KINDS[field.kind] ?? KINDS.text;
  const made = kind({ ...field, id }, set, values);
  if (field.value !== undefined && !made.ownsValue) set(field.value);
  const optional = !field.required && el("span.optional", {}, t("form.optional"));
  const label = made.legend ? el("p.label", { id: `${id}-label` }, field.label, optional) : el("label", { for: id }, field.label, optional);
  const node = el("div.field", { data: { name: field.name } }, field.kind !== "tick" && field.label && label, made.node, field.hint && el("p.hint", {}, field.hint), made.below, complaint);
  return {
    node,
    clear: () => made.clear?.() ?? (!(field.required || field.needed?.(values)) || values[field.name] !== undefined),
    complain() {
      // R220: a polite request to repeat; R219: nobody is blamed.
      complaint.textContent = field.unclear ?? made.unclear ?? t("form.please", { what: field.label });
      complaint.hidden = false;
      (node.querySelector("input, select, textarea, button") ?? node).focus();
      node.scrollIntoView({ block: "nearest" });
    },
  };
}

function line(type, more = {}) {
  return (field, set) => {
    const input = el("input", { id: field.id, name: field.name, type, autocomplete: "off", value: field.value, "aria-describedby": `${field.id}-unclear`, ...more });
    input.addEventListener("input", () => set(more.read ? more.read(input.value) : input.value.trim()));
    return { node: input };
  };
}

const KINDS = {
  text: (field, set, values) => (field.lint ? linted(field, set, values, "input") : line("text")(field, set)),
  long: (field, set, values) => linted(field, set, values, "textarea"),
  phone: line("tel", { inputmode: "tel" }),
  unit: line("text", { autocapitalize: "characters" }),
  code: line("text", { autocapitalize: "characters", spellcheck: "false" }),
  secret: line("password", { read: (text) => text }),
  date: line("date"),
  number: line("number", { inputmode: "numeric", min: 0, read: (text) => (text === "" ? undefined : Math.trunc(Number(text))) }),
  // Yuan on the glass, fen in the step: money is never a fraction.
  money: line("number", { inputmode: "decimal", min: 0, step: "0.01", read: (text) => (text === "" ? undefined : Math.round(Number(text) * 100)) }),
  person: line("text", { read: (text) => (text.trim() ? { name: text.trim() } : undefined) }),
  persons: line("text", { read: (text) => text.split(/[,，、;；]/).map((name) => name.trim()).filter(Boolean).map((name) => name) }),

  time: (field, set) => {
    const input = el("input", { id: field.id, type: "time" });
    input.addEventListener("input", () => set(input.value ? next(input.value) : undefined));
    return { node: input };
  },

  moment: (field, set) => {
    const input = el("input", { id: field.id, type: "datetime-local" });
    input.addEventListener("input", () => set(input.value ? instant(input.value) : undefined));
    return { node: input };
  },

  /** One of a few: large tiles, arrow keys between them. */
  tiles: (field, set) => {
    const choices = field.options.map((option) => (typeof option === "object" ? option : { value: option, label: word(field.words ?? field.name, option) }));
    const node = tiles(choices, field, (value) => set(value));
    return { node, legend: true };
  },

  /** One of many. */
  select: (field, set) => {
    const input = el("select", { id: field.id }, el("option", { value: "" }, t("form.choose")), field.options.map((option) => el("option", { value: option.value }, option.label)));
    input.addEventListener("change", () => set(input.value));
    return { node: input };
  },

  /** R054: 10, 20, 30 minutes from now, or a time of day. */
  eta: (field, set) => {
    const input = el("input", { id: field.id, type: "time", "aria-label": t("form.at-time") });
    const choices = [10, 20, 30].map((minutes) => ({ value: { minutes }, label: t("span.minutes", { n: minutes }) }));
    const row = tiles(choices, field, (value) => { input.value = ""; set(value); });
    input.addEventListener("input", () => {
      row.querySelectorAll("[aria-checked=true]").forEach((tile) => tile.setAttribute("aria-checked", "false"));
      set(input.value ? { at: next(input.value) } : undefined);
    });
    return { node: row, legend: true, below: el("label.inline", {}, t("form.at-time"), input), unclear: t("no.needs-arrival-time") };
  },

  /** A box to tick; a required one must be ticked. */
  tick: (field, set) => {
    const input = el("input", { id: field.id, type: "checkbox", checked: field.value === true });
    set(field.value === true);
    input.addEventListener("change", () => set(input.checked));
    return { node: el("label.tick", { for: field.id }, input, el("span", {}, field.label)), clear: () => !field.required || input.checked, unclear: t("form.tick"), ownsValue: true };
  },

  /** Yes or no, where neither may be taken for granted. */
  yesno: (field, set) => ({
    node: tiles([{ value: true, label: field.yes ?? t("form.yes") }, { value: false, label: field.no ?? t("form.no") }], field, set), legend: true,
  }),

  /** One to five. */
  stars: (field, set) => ({ node: tiles([1, 2, 3, 4, 5].map((n) => ({ value: n, label: String(n) })), field, set), legend: true }),

  /** A reply to a complaint, part by part. */
  reply: (field, set) => letter(field, set, build),

  /** Rows of smaller fields: fee lines, items. */
  lines: (field, set) => {
    const rows = [], list = el("div.lines", {});
    const told = () => { const full = rows.filter((row) => Object.keys(row).length > 0); set(full.length > 0 ? full : undefined); };
    const add = () => {
      const values = {};
      rows.push(values);
      list.append(el("div.line", {}, field.of.map((part) => build(part, new Proxy(values, { set(target, key, value) { target[key] = value; told(); return true; }, deleteProperty(target, key) { delete target[key]; told(); return true; } })).node)));
    };
    add();
    const clear = () => { const full = rows.filter((row) => Object.keys(row).length > 0); return (!field.required || full.length > 0) && full.every((row) => field.of.every((part) => !part.required || row[part.name] !== undefined)); };
    return { node: list, legend: true, clear, below: el("button.quiet", { type: "button", onclick: add }, icon("add"), t("form.line")) };
  },
};

function tiles(choices, field, chosen) {
  const node = el("div.tiles", { role: "radiogroup", "aria-labelledby": `${field.id}-label` });
  choices.forEach((choice, nth) => {
    const tile = el("button.tile", { type: "button", role: "radio", "aria-checked": String(field.value === choice.value && choice.value !== undefined), tabindex: nth === 0 ? 0 : -1, data: { value: typeof choice.value === "object" ? JSON.stringify(choice.value) : String(choice.value) } }, choice.icon && icon(choice.icon), choice.label);
    const pick = () => {
      for (const other of node.children) { other.setAttribute("aria-checked", "false"); other.tabIndex = -1; }
      tile.setAttribute("aria-checked", "true");
      tile.tabIndex = 0;
      tile.focus();
      chosen(choice.value);
    };
    tile.addEventListener("click", pick);
    tile.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      node.children[(nth + by + choices.length) % choices.length].click();
    });
    node.append(tile);
  });
  return node;
}

/** A text that is looked at while it is typed: hits are underlined below, each with what can be said instead (R194-R197). */
function linted(field, set, values, tag) {
  const input = el(tag, { id: field.id, name: field.name, rows: tag === "textarea" ? 4 : null, maxlength: field.max ?? 500, autocomplete: "off", "aria-describedby": `${field.id}-unclear` });
  if (field.value !== undefined) input.value = field.value;
  const below = el("div.lint", { "aria-live": "polite" });
  const only = latest();
  let timer = null;
  const look = async () => {
    const text = input.value;
    if (!text.trim()) return fill(below);
    // Without an answer nothing is underlined: the daemon looks again when it is sent.
    const { hits } = await only(post("/api/lint", { text })).catch(() => ({ hits: [] }));
    if (text === input.value) fill(below, hits.length > 0 && shown(text, hits));
  };
  const shown = (text, hits) => {
    const parts = [];
    let at = 0;
    for (const hit of [...hits].sort((one, other) => place(text, one) - place(text, other))) {
      const from = place(text, hit);
      if (from < at) continue;
      parts.push(text.slice(at, from), el("mark", {}, hit.text));
      at = from + hit.text.length;
    }
    parts.push(text.slice(at));
    const better = hits.map((hit) => el("li", {}, el("s", {}, hit.text), icon("arrow"),
      el("button.quiet", { type: "button", onclick: () => { input.value = input.value.replace(hit.text, hit.replacement); changed(); look(); input.focus(); } }, hit.replacement)));
    // R196: what somebody does not know, he asks a leader; where no step does that, the sentence of R198 says so.
    const instead = () => { input.value = t("say.unsolved"); changed(); look(); };
    const leader = hits.some((hit) => hit.ask_leader) && el("button", { type: "button", data: { act: "ask-leader" }, onclick: field.leader ?? instead }, icon("support"), t("do.ask-leader"));
    return [el("p.quoted", {}, parts), el("p.hint", {}, t("form.better")), el("ul.better", {}, better), leader];
  };
  const changed = () => set(input.value.trim());
  input.addEventListener("input", () => {
    changed();
    clearTimeout(timer);
    if (field.lint) timer = setTimeout(look, LINT_AFTER);
  });
  return { node: input, below };
}

/** Where a hit stands: the daemon counts in characters, the browser in units of UTF-16. */
const place = (text, hit) => [...text].slice(0, hit.at).join("").length;
