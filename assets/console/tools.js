// What a guard does besides answering: muster, release pass, keys, shift, rounds, call log, signatures, proxy tickets,
// the phrase book and the switches of the page.

import { get, latest, post, step } from "./api.js";
import * as bell from "./bell.js";
import { unit } from "./cards.js";
import { days, today } from "./days.js";
import { el, fill, icon, kept, parts } from "./dom.js";
import { ask } from "./form.js";
import { OPENINGS } from "./openings.js";
import { PHRASES } from "./scripts.js";
import { stateOf } from "./sheet.js";
import { is, leads, postName, site, store } from "./store.js";
import { clock, dotted, language, moment, now, setLanguage, t, ticking, word } from "./text.js";

const bar = (name, ...buttons) => el("header.bar", {}, el("h2", {}, t(`nav.${name}`)), el("div.do", {}, buttons));
const button = (symbol, text, onclick, more = {}) => el(more.primary ? "button.primary" : more.grave ? "button.grave" : "button", { type: "button", onclick, data: more.act ? { act: more.act } : {} }, symbol && icon(symbol), text);
const none = (text) => el("p.quiet.none", {}, text);
const nothing = () => {};

/** Runs and shows a refusal in its place. */
async function tried(place, work) {
  fill(place);
  try { return await work(); } catch (error) { fill(place, error.message); return undefined; }
}

const refusalPlace = () => el("p.refusal", { role: "alert" });

// Muster: who is in the house.

export function muster(at) {
  const refusal = refusalPlace(), body = el("div.sheet", {}), only = latest();
  const load = async () => {
    const list = await tried(refusal, () => only(get("/api/muster")));
    if (list) show(list);
  };
  const send = async (what) => { if (await tried(refusal, () => post("/api/muster", what)) !== undefined) load(); };
  const show = (list) => {
    const { people, running, drill } = list;
    const there = (one) => one.present;
    const heads = (some) => some.reduce((sum, one) => sum + one.heads, 0);
    fill(body,
      running && el(drill ? "p.banner.drill" : "p.banner.danger", { role: "alert" }, t(drill ? "muster.drill" : "muster.real")),
      el("div.sums", {}, el("span", {}, el("b", {}, String(heads(people))), el("span", {}, t("muster.all"))), running && el("span", {}, el("b", {}, String(heads(people.filter(there)))), el("span", {}, t("muster.there"))), running && el("span.bad", {}, el("b", {}, String(heads(people.filter((one) => !there(one))))), el("span", {}, t("muster.missing")))),
      el("p.printed", {}, dotted(site(), t("muster.printed", { at: moment(now()), who: store.me?.name ?? "" }))),
      el("table.muster", {}, el("thead", {}, el("tr", {}, ["muster.name", "muster.kind", "muster.where", "muster.since", "muster.mark"].map((key) => el("th", { scope: "col" }, t(key))))),
        el("tbody", {}, people.map((one) => el("tr", { class: there(one) ? "there" : null }, el("th", { scope: "row" }, parts(one.name ?? t("visitors.unnamed"), one.heads > 1 && t("visitors.heads", { n: one.heads }))),
          el("td", {}, word("muster.kind", one.kind)), el("td", {}, unit(one.unit) || postName(one.post)), el("td", {}, one.since ? clock(one.since) : ""),
          el("td", {}, running && !is("auditor") ? el("button.mark", { type: "button", "aria-pressed": String(there(one)), "aria-label": t("muster.mark-one", { who: one.name ?? t("visitors.unnamed") }), onclick: () => send({ mark: { key: one.key, present: !there(one) } }) }, there(one) ? icon("check") : "") : el("span.box", {})))))),
      people.length === 0 && none(t("muster.nobody")));
    fill(actions, button("print", t("do.print"), () => print()),
      !is("auditor") && (running ? button("close", t("muster.end"), () => send({ end: {} }), { act: "end" }) : [button("groups", t("muster.begin-drill"), () => send({ begin: { drill: true } }), { act: "drill" }), button("alarm", t("muster.begin"), () => send({ begin: { drill: false } }), { act: "begin", grave: true })]));
  };
  const actions = el("div.do", {});
  fill(at, el("header.bar", {}, el("h2", {}, t("nav.muster")), actions), refusal, body);
  load();
  return nothing;
}

// Release pass: typed or scanned, and used once (R279).

export function pass(at, page) {
  const input = el("input", { id: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 16 });
  const refusal = refusalPlace(), found = el("div", { "aria-live": "polite" });
  const look = async (event) => {
    event?.preventDefault();
    const code = input.value.trim().toUpperCase();
    if (!code) return input.focus();
    fill(found);
    const answer = await tried(refusal, () => get(`/api/pass/${encodeURIComponent(code)}`));
    if (answer) fill(found, passCard(answer, code, look, page));
  };
  const scanning = "BarcodeDetector" in window && navigator.mediaDevices && button("camera", t("pass.scan"), () => scan(input, look, refusal));
  fill(at, bar("pass", el("a.button", { href: "#/proxy/pass" }, icon("add"), t("pass.add"))), el("p.say", {}, t("say.carry-greet")), el("p.say", {}, t("say.carry-pass")),
    el("form.search", { onsubmit: look }, el("label", { for: "code" }, t("pass.code")), input, el("button.primary", { type: "submit" }, t("pass.check")), scanning), refusal, found);
  input.focus();
  return nothing;
}

function passCard({ case: line, person, used }, code, again, page) {
  const good = line.state === "approved";
  const refusal = refusalPlace();
  const use = async () => {
    const sent = await tried(refusal, () => step(line.number, line.version, { matter: { pass: { check: { code, matches: true } } } }));
    if (sent !== undefined) again();
  };
  const facts = [["fact.name", person.name], ["fact.vehicle", person.vehicle ?? line.facts.vehicle], ["fact.leave", line.facts.leaves_at && moment(line.facts.leaves_at)], ["fact.used", used && dotted(moment(used.at), used.by)]];
  return el(`article.card.${good ? "good" : "bad"}`, {}, el("div.head", {}, el("span.face", {}, icon(good ? "sign" : "warning")), el("div.what", {}, el("h3", {}, t(good ? "pass.good" : "pass.bad")), el("p.facts", {}, parts(line.said, unit(line.facts.unit), stateOf(line))))),
    el("ul.items", {}, (person.items ?? line.facts.items ?? []).map((item) => el("li", {}, `${item.what} × ${item.count}`))),
    el("dl.facts", {}, facts.filter(([, value]) => value).map(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)])),
    good && el("p.say", {}, t("say.carry-help")), refusal,
    el("div.do", {}, good && !is("auditor", "engineer") && el("button.primary", { type: "button", data: { act: "use" }, onclick: use }, t("pass.use")), button("arrow", t("do.record"), () => page.openRecord(line.number))));
}

/** The camera, where the browser can read codes. The picture never leaves the phone. */
async function scan(input, look, refusal) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
  if (!stream) return fill(refusal, t("pass.no-camera"));
  const video = el("video", { autoplay: true, playsinline: true, muted: true });
  const dialog = el("dialog.scan", { "aria-label": t("pass.scan") }, video, button("close", t("do.close"), () => dialog.close()));
  const detector = new window.BarcodeDetector({ formats: ["qr_code", "code_128"] });
  dialog.addEventListener("close", () => { stream.getTracks().forEach((track) => track.stop()); dialog.remove(); });
  document.body.append(dialog);
  dialog.showModal();
  video.srcObject = stream;
  while (dialog.open) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code) { input.value = code.rawValue.split("/").pop(); dialog.close(); return look(); }
    await new Promise((done) => { requestAnimationFrame(done); });
  }
}

// Keys in custody.

export const keys = (at, page) => page.living((place) => {
  if (!place.firstChild) fill(place, bar("keys", el("a.button", { href: "#/proxy/custody" }, icon("add"), t("keys.add"))), el("div.list", {}));
  const all = [...store.tickets.values()].filter((line) => line.matter === "custody" && !line.closed);
  page.list(place.querySelector(".list"), all, (line) => line.number, (line) => String(line.version), (line) => page.row(line, page, [[line.facts?.slot && t("keys.slot", { slot: line.facts.slot }), line.said], [line.who, unit(line.facts?.unit), stateOf(line)]], ticking("since", line.since)), t("keys.none"));
})(at, page);

// The shift.

export function shift(at, page) {
  const refusal = refusalPlace(), done = el("p.good", { role: "status" });
  const items = () => [...store.cards.values()].filter((card) => card.for_me || card.taken?.mine);
  const draw = () => {
    const open = [...new Map(items().map((card) => [card.number, card])).values()];
    page.list(list, open, (card) => card.number, (card) => String(card.version), (card) => page.row(card, page, [[card.said, word("errand", card.errand)], [page.place(card), card.taken ? t("card.claimed", { who: card.taken.by, at: clock(card.taken.at) }) : t("ticket.nobody")]], card.promise ? page.due(card.promise) : ticking("since", card.since)), t("shift.nothing"));
  };
  const list = el("div.list", {});
  const close = () => ask({ title: t("shift.close"), about: t("shift.about", { post: postName(store.me?.post) }), fields: [{ name: "note", kind: "long", label: t("shift.note") }], send: t("shift.close"),
    submit: async (values) => { await post("/api/shift", { close: { note: values.note ?? null } }); fill(done, t("shift.closed")); } });
  const take = async () => { if (await tried(refusal, () => post("/api/shift", { take: {} })) !== undefined) fill(done, t("shift.taken")); };
  fill(at, bar("shift", button("check", t("shift.take"), take, { act: "take" }), button("shift", t("shift.close"), close, { act: "close", primary: true })), refusal, done, el("h3", {}, t("shift.open")), list);
  draw();
  const handed = el("section", {});
  at.append(handed);
  get("/api/shift").then((last) => last?.note && fill(handed, el("h3", {}, t("shift.last")), el("p.said", {}, last.note), el("p.quiet", {}, dotted(last.by, last.at && moment(last.at))))).catch(nothing);
  return page.living(draw)(at, page);
}

// Rounds (R075-R077) and signatures (R299, R300).

const cases = (name, from, empty, extra) => (at, page) => page.living((place) => {
  if (!place.firstChild) fill(place, bar(name), extra?.(), el("div.list", {}));
  const all = [...store[from].values()].sort((one, other) => Boolean(one.closed) - Boolean(other.closed) || Date.parse(other.since) - Date.parse(one.since));
  page.list(place.querySelector(".list"), all, (line) => line.number, (line) => JSON.stringify([line.version, line.promise]), (line) => page.row(line, page,
    [[line.said, name === "sign" ? word("check", line.facts.about) : word("round", line.facts.round), line.facts.of], [stateOf(line), line.owner]], line.closed ? moment(line.closed) : line.promise ? page.due(line.promise) : ticking("since", line.since)), t(empty));
})(at, page);

export const patrols = cases("patrols", "patrols", "patrol.none", () => el("p.quiet", {}, t("patrol.about")));
export const sign = cases("sign", "checks", "sign.none", () => el("p.quiet", {}, t("sign.about")));

// 《每日工作记录》: one line a request (R036).

export function log(at, page) {
  const refusal = refusalPlace(), list = el("ol.timeline", {}), lines = el("div.lines", {}), only = latest();
  let day = today();
  const add = () => lines.append(el("div.line", {}, el("input", { type: "text", maxlength: 500, "aria-label": t("log.line"), placeholder: t("log.line"), name: "text" }), el("input.short", { type: "text", maxlength: 16, "aria-label": t("fact.unit"), placeholder: t("fact.unit"), name: "unit" })));
  const load = async () => {
    const answer = await tried(refusal, () => only(get(`/api/log?day=${day}`)));
    const told = [...(answer?.lines ?? [])].reverse();
    fill(list, told.map((line) => el("li.plain", {}, el("time", {}, clock(line.time)), el("div", {}, el("p", {}, line.text ?? ""), el("p.quiet", {}, parts(unit(line.unit), line.caller, line.by_name)),
      el("a", { href: "#/proxy", onclick: () => { proxy.words = line.text ?? ""; } }, t("log.ticket"))))));
    if (told.length === 0) fill(list, none(t("log.none")));
  };
  const send = async (event) => {
    event.preventDefault();
    const values = [...lines.children].map((line) => ({ text: line.querySelector("[name=text]").value.trim(), unit: line.querySelector("[name=unit]").value.trim() || null })).filter((line) => line.text);
    if (values.length === 0) return lines.querySelector("input")?.focus();
    if (await tried(refusal, () => post("/api/log", { lines: values })) === undefined) return;
    fill(lines);
    add();
    load();
  };
  fill(at, bar("log"), el("p.say", {}, t("say.answer", { site: site() })), !is("auditor") && el("form.log", { onsubmit: send }, lines, refusal, el("div.do", {}, el("button.primary", { type: "submit" }, t("do.note")), button("add", t("form.line"), add))), days((chosen) => { day = chosen; fill(list); load(); }), list);
  add();
  load();
  return nothing;
}

// Proxy tickets (R007): noted for somebody who rings up or stands at the desk.

export function proxy(at, page) {
  const chosen = OPENINGS[page.part];
  if (chosen) setTimeout(() => openForm(page.part, chosen, page));
  fill(at, bar("proxy"), el("p.quiet", {}, t("proxy.about")), el("div.grid", {}, Object.entries(OPENINGS).filter(([, opening]) => !opening.roles || is(...opening.roles)).map(([name, opening]) => el("button.square", { type: "button", data: { opening: name }, onclick: () => openForm(name, opening, page) }, icon(opening.icon), el("span", {}, word("matter", name))))));
  return nothing;
}

const SOURCES = ["phone", "walk-in", "intercom", "letter", "staff-contact", "suggestion-box", "other"];

function openForm(name, opening, page) {
  const fields = [...opening.fields().map((field) => (field.name === "text" || field.name === "detail" ? { ...field, value: proxy.words } : field)), { name: "source", kind: "tiles", label: t("fact.source"), words: "source", options: SOURCES, value: "phone", required: true }];
  proxy.words = undefined;
  ask({ title: word("matter", name), about: opening.about && t(opening.about), danger: opening.about === "proxy.danger", says: (opening.says ?? []).map((key) => t(`say.${key}`, { site: site() })), fields, send: t("proxy.send"), submit: async (values) => {
    const { source, ...rest } = values;
    const answer = await post("/api/open", { opening: { [name]: opening.make(rest) }, source });
    if (answer?.number) page.openRecord(answer.number);
  } });
}

// The phrase book (R174-R231).

export function phrases(at) {
  const gaps = { site: site(), me: store.me?.name ?? "", who: t("card.sir-madam") };
  fill(at, bar("phrases"), Object.entries(PHRASES).map(([name, keys]) => el("section", {}, el("h3", {}, t(`phrases.${name}`)), el("ul.phrases", {}, keys.map((key) => el("li.say", {}, t(`say.${key}`, gaps)))))));
  return nothing;
}

// The switches of the page.

export function settings(at, page) {
  const refusal = refusalPlace(), done = el("p.good", { role: "status" });
  const choice = (name, options, value, chosen) => el("fieldset", {}, el("legend", {}, t(`settings.${name}`)), el("div.chips", {}, options.map(([key, text]) => el("button.chip", { type: "button", "aria-pressed": String(key === value), data: { act: `${name}-${key}` }, onclick: () => { chosen(key); settings(at, page); } }, text))));
  const told = (event) => document.dispatchEvent(new Event(event));
  const posts = (store.hello?.posts ?? []).filter((one) => !store.me?.posts?.length || store.me.posts.includes(one.id) || leads());
  fill(at, bar("settings"),
    el("p.quiet", {}, dotted(store.me?.name, store.me?.badge && t("settings.badge", { badge: store.me.badge }), word("role", store.me?.role))),
    posts.length > 0 && choice("post", posts.map((one) => [one.id, one.name ?? one.id]), store.me?.post, async (id) => { if (await tried(refusal, () => post("/api/post", { post: id })) !== undefined) { store.me.post = id; kept.set("post", id); told("lobbyd:post"); settings(at, page); } }),
    refusal,
    choice("language", [["zh-Hans", t("language.zh-Hans")], ["en", t("language.en")]], language(), (tag) => { setLanguage(tag); told("lobbyd:language"); }),
    choice("theme", ["auto", "light", "dark"].map((theme) => [theme, t(`theme.${theme}`)]), kept.get("theme", "auto"), (theme) => { kept.set("theme", theme); told("lobbyd:theme"); }),
    choice("sound", [["on", t("sound.on")], ["off", t("sound.off")]], bell.isOn() ? "on" : "off", (on) => { bell.setOn(on === "on"); told("lobbyd:post"); }),
    el("p.quiet", {}, t("support.about")),
    done, el("div.do", {}, button("sign", t("do.change-secret"), () => changeSecret(done), { act: "change-secret" }), button("logout", t("do.sign-out"), async () => { await tried(refusal, () => post("/api/logout", {})); told("lobbyd:signed-out"); }, { act: "sign-out" })));
  return nothing;
}

/** Whoever thinks that somebody has seen it changes it at once. */
function changeSecret(done) {
  fill(done);
  const secret = (name) => ({ name, kind: "secret", label: t(`secret.${name}`), required: true });
  ask({ title: t("do.change-secret"), fields: [secret("old"), { ...secret("new"), hint: t("secret.rule") }], send: t("do.change-secret"), submit: async (values) => { await post("/api/secret", values); fill(done, t("secret.changed")); } });
}
