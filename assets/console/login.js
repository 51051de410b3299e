// The sign-in: the only thing that the page shows to somebody whom the daemon does not know, and why a session has ended.

import { get, post, setToken } from "./api.js";
import { el, fill, kept } from "./dom.js";
import { site, store } from "./store.js";
import { language, setLanguage, t } from "./text.js";

export function hideLogin() {
  fill(document.getElementById("login"));
}

/** `why`: null at first, else the reason for which the session has ended. `begin(me)` goes on. */
export async function showLogin(place, why, begin) {
  if (!store.hello) store.hello = await get("/api/hello").catch(() => null);
  const posts = store.hello?.posts ?? [];
  const last = kept.get("post", "");
  const id = el("input", { id: "who", name: "who", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true });
  const secret = el("input", { id: "secret", name: "secret", type: "password", autocomplete: "current-password", required: true });
  const chosen = el("select", { id: "post", name: "post" }, posts.map((one) => el("option", { value: one.id, selected: one.id === last }, one.name ?? one.id)));
  const refusal = el("p.refusal", { role: "alert" });
  const send = el("button.primary", { type: "submit" }, t("login.send"));
  const form = el("form.login", { novalidate: true, onsubmit: submit },
    el("div.brand", {}, el("p.site", {}, site() || t("page.title")), el("h1", {}, t("login.title"))),
    why && el("p.why", { role: "status" }, t.has(`login.why.${why}`) ? t(`login.why.${why}`) : t("login.why.session-ended")),
    el("div.field", {}, el("label", { for: "who" }, t("login.id")), id),
    el("div.field", {}, el("label", { for: "secret" }, t("login.secret")), secret),
    posts.length > 0 && el("div.field", {}, el("label", { for: "post" }, t("login.post")), chosen),
    refusal, send,
    el("p.languages", {}, ["zh-Hans", "en"].map((tag) => el("button.quiet", { type: "button", "aria-pressed": String(language() === tag), onclick: () => { setLanguage(tag); showLogin(place, why, begin); } }, t(`language.${tag}`)))));

  async function submit(event) {
    event.preventDefault();
    refusal.textContent = "";
    if (!id.value.trim() || !secret.value) { refusal.textContent = t("login.both"); return (id.value.trim() ? secret : id).focus(); }
    send.disabled = true;
    try {
      const answer = await post("/api/login", { id: id.value.trim(), secret: secret.value, post: posts.length > 0 ? chosen.value : null });
      kept.set("post", chosen.value);
      const me = { ...answer.me, csrf: answer.csrf };
      if (me.must_change) return changeSecret(place, me, secret.value, begin);
      await begin(me);
    } catch (error) {
      refusal.textContent = error.message;
      send.disabled = false;
      secret.value = "";
      secret.focus();
    }
  }

  fill(place, form);
  id.focus();
}

/** A secret that somebody else has seen is changed before anything else. `old` where it was typed a moment ago. */
export function changeSecret(place, me, old, begin) {
  setToken(me.csrf);
  const before = el("input", { id: "old", type: "password", autocomplete: "current-password" });
  const fresh = el("input", { id: "new", type: "password", autocomplete: "new-password" });
  const refusal = el("p.refusal", { role: "alert" });
  const form = el("form.login", { novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    refusal.textContent = "";
    try {
      await post("/api/secret", { old: old ?? before.value, new: fresh.value });
      await begin({ ...me, must_change: false });
    } catch (error) { refusal.textContent = error.message; fresh.focus(); }
  } }, el("div.brand", {}, el("p.site", {}, site()), el("h1", {}, t("secret.title"))), el("p.why", {}, t("secret.about")),
  !old && el("div.field", {}, el("label", { for: "old" }, t("secret.old")), before),
  el("div.field", {}, el("label", { for: "new" }, t("secret.new")), fresh), refusal, el("button.primary", { type: "submit" }, t("do.send")));
  document.getElementById("login").hidden = false;
  fill(place, form);
  (old ? fresh : before).focus();
}
