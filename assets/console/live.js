// The live line: server-sent events, read with fetch because that sees what EventSource hides: the heartbeat, by whose
// absence a frozen daemon is known, and the status by which an ended session is known. After a loss it asks for what came
// after the last change it has, so that no card is lost; cards are kept by key, so that none is doubled.

// The daemon sends a heartbeat every 15 s; a line that is silent for longer than one and a half of them is dead.
const SILENCE = 22_000;
// Half a second at first, so that a restart is hardly seen; ten at most, so that the return is noticed soon.
const RETRY_FIRST = 500, RETRY_MOST = 10_000;

/** `told` has the calls `board(data)`, `change(data)`, `bye(data)`, `lost(since)`, `ended(code)`. Returns a function that hangs up. */
export function listen(told) {
  let hung = false, last = null, retry = RETRY_FIRST, since = null, controller = null, timer = null;

  function lost() {
    since ??= new Date();
    told.lost(since);
    clearTimeout(timer);
    timer = setTimeout(connect, retry * (0.5 + Math.random() / 2));
    retry = Math.min(retry * 2, RETRY_MOST);
  }

  function hear(event) {
    if (event.id) last = event.id;
    const data = event.data ? JSON.parse(event.data) : {};
    // A board, or, where the daemon knows what this page has seen, what has changed since: the page is up to date.
    if (["board", "change"].includes(event.name)) retry = RETRY_FIRST;
    if (["board", "change", "bye"].includes(event.name)) told[event.name](data);
  }

  async function connect() {
    if (hung) return;
    controller = new AbortController();
    const mine = controller;
    let silence = setTimeout(() => mine.abort(), SILENCE);
    try {
      const headers = { Accept: "text/event-stream" };
      if (last !== null) headers["Last-Event-ID"] = last;
      const response = await fetch("/api/live", { headers, cache: "no-store", credentials: "same-origin", signal: mine.signal });
      if (response.status === 401 || response.status === 403) {
        const body = await response.json().catch(() => null);
        return hung ? null : told.ended(body?.detail?.reason ?? "session-ended");
      }
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      since = null;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parse = parser(hear);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        clearTimeout(silence);
        silence = setTimeout(() => mine.abort(), SILENCE);
        parse(value);
      }
    } catch (error) {
      if (error instanceof SyntaxError) last = null;
    } finally {
      clearTimeout(silence);
    }
    if (!hung && mine === controller) lost();
  }

  connect();
  const again = () => { if (since && !hung) { clearTimeout(timer); connect(); } };
  // A phone that was in the pocket: at once, not after the pause.
  const shown = () => document.visibilityState === "visible" && again();
  addEventListener("online", again);
  document.addEventListener("visibilitychange", shown);
  return {
    hangUp() { hung = true; clearTimeout(timer); controller?.abort(); removeEventListener("online", again); document.removeEventListener("visibilitychange", shown); },
    again,
    seen: () => last,
  };
}

/** Cuts a stream into events (WHATWG HTML, "Server-sent events"); comments are heartbeats and make none. */
export function parser(hear) {
  let held = "", event = { name: "message", data: "", id: null };
  return (text) => {
    held += text;
    for (;;) {
      const end = held.indexOf("\n");
      if (end < 0) return;
      const line = held.slice(0, end).replace(/\r$/, "");
      held = held.slice(end + 1);
      if (line === "") {
        if (event.data !== "" || event.id) hear({ ...event, data: event.data.replace(/\n$/, "") });
        event = { name: "message", data: "", id: null };
      } else if (!line.startsWith(":")) {
        const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
        if (field === "event") event.name = value;
        if (field === "data") event.data += `${value}\n`;
        if (field === "id") event.id = value;
      }
    }
  };
}
