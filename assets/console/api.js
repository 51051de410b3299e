// Requests to the daemon. Every answer is either what was asked for or a refusal with a code and words in both languages;
// nothing here retries a step, because a step may have been taken although its answer was lost.

import { clock, language, t } from "./text.js";

// A daemon on a busy Raspberry Pi answers in well under a second; a finger waits no longer than this.
const PATIENCE = 10_000;

let token = null;
let ended = () => {};

/** The CSRF token of the session, from the sign-in or from /api/me. */
export function setToken(value) { token = value; }

/** Called when the daemon says that the session has ended. */
export function onEnded(call) { ended = call; }

/** Why something was not done, to be shown where the finger was. */
export class Refused extends Error {
  constructor(status, body) {
    const gaps = body?.detail && typeof body.detail === "object" ? body.detail : {};
    const known = t.has(`no.${body?.code}`) && (body.code !== "claimed" || gaps.by) ? t(`no.${body.code}`, gaps) : null;
    const words = language() === "en" ? body?.text_en : body?.text_zh;
    const until = gaps.until ? ` ${t("no.until", { at: clock(gaps.until) })}` : "";
    super((known ?? words ?? t(status === 0 ? "no.connection" : "no.unknown", { status })) + until);
    this.status = status;
    this.code = body?.code ?? null;
    this.detail = body?.detail ?? null;
  }
}

async function exchange(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["Content-Type"] = "application/json";
  if (method !== "GET" && token) headers["X-CSRF"] = token;
  let response;
  try {
    response = await fetch(path, {
      method, headers, credentials: "same-origin", cache: "no-store",
      body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw new Refused(0, null);
  }
  const text = await response.text().catch(() => "");
  let answer = null;
  try { answer = text ? JSON.parse(text) : null; } catch { answer = null; }
  if (response.ok) return answer;
  if (answer?.code === "signed-out" && path !== "/api/me") ended(answer?.detail?.reason ?? "session-ended");
  throw new Refused(response.status, answer);
}

export const get = (path) => exchange("GET", path);
export const post = (path, body) => exchange("POST", path, body);

/**
 * For a place that shows the answer to one question at a time: whoever has asked there gets the answer to what was asked last, also where
 * an older answer comes later, for a month's names must not stand below another month.
 */
export function latest() {
  let newest = null;
  return async (asked) => {
    newest = asked;
    for (;;) {
      const mine = newest;
      try {
        const answer = await mine;
        if (mine === newest) return answer;
      } catch (error) {
        if (mine === newest) throw error;
      }
    }
  };
}

/** A step with a case; `seen` is the version that the person was looking at. */
export const step = (number, seen, what) => post(`/api/case/${encodeURIComponent(number)}/step`, { seen, step: what });
