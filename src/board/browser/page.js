// The kiosk's screen in a page: pieces of the picture and the outline come over a WebSocket, touches go back.
// It keeps nothing, and connects again by itself. `window.lobby` is there for tests.
"use strict";

const picture = document.getElementById("picture");
const words = document.getElementById("words");
const glass = document.getElementById("glass");
const told = document.getElementById("told");
const lost = document.getElementById("lost");
const paper = picture.getContext("2d", { alpha: false });
paper.fillStyle = "#F7F5F0";
paper.fillRect(0, 0, picture.width, picture.height);

// Half a second at first, so that a restart of the daemon is hardly seen; ten at most, so that it is noticed soon.
const RETRY_FIRST = 500, RETRY_MOST = 10000;

const lobby = window.lobby = { outline: null, connected: false, pictures: 0 };
let socket = null, retry = RETRY_FIRST, lostSince = null;
// The first piece of a connection is the whole picture.
let fresh = true;
// Pieces are decoded one after the other: a later one must not be overtaken by an earlier.
let drawing = Promise.resolve();

function connect() {
  fresh = true;
  socket = new WebSocket(`ws://${location.host}/screen`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { retry = RETRY_FIRST; lobby.connected = true; lostSince = null; lost.hidden = true; };
  socket.onmessage = (event) => {
    const step = typeof event.data === "string" ? () => name(JSON.parse(event.data)) : () => draw(event.data);
    drawing = drawing.then(step).catch((error) => console.error("the message cannot be shown", error));
  };
  socket.onclose = () => {
    lobby.connected = false;
    finger = null;
    lostSince ??= new Date();
    const time = lostSince.toTimeString().slice(0, 5);
    lost.textContent = `连接中断，自 ${time} 起 · Connection lost since ${time}`;
    lost.hidden = false;
    setTimeout(connect, retry * (0.5 + Math.random() / 2));
    retry = Math.min(retry * 2, RETRY_MOST);
  };
}

async function draw(data) {
  const place = new DataView(data);
  const [x, y, width, height] = [0, 2, 4, 6].map((at) => place.getUint16(at));
  const piece = await createImageBitmap(new Blob([new Uint8Array(data, 8)], { type: "image/png" }));
  if (fresh) resize(width, height);
  fresh = false;
  paper.drawImage(piece, x, y);
  piece.close();
  lobby.pictures += 1;
}

function resize(width, height) {
  if (picture.width === width && picture.height === height) return;
  picture.width = width;
  picture.height = height;
  glass.style.setProperty("--width", width);
  glass.style.setProperty("--height", height);
}

// ---- the words, for screen readers and keyboards

const TAGS = { button: "button", heading: "h1", field: "div", text: "p" };

function name(outline) {
  const [width, height] = outline.size;
  if (outline.language) document.documentElement.lang = outline.language;
  const old = new Map([...words.children].map((element) => [element.dataset.key, element]));
  const elements = outline.parts.map((part) => {
    const key = `${part.role} ${part.id}`;
    const element = old.get(key) ?? make(part, key);
    old.delete(key);
    const [x, y, w, h] = part.place;
    if (element.textContent !== part.label) element.textContent = part.label;
    element.style.left = `${100 * x / width}%`;
    element.style.top = `${100 * y / height}%`;
    element.style.width = `${100 * w / width}%`;
    element.style.height = `${100 * h / height}%`;
    element.place = part.place;
    return element;
  });
  for (const gone of old.values()) gone.remove();
  elements.forEach((element, index) => {
    if (words.children[index] !== element) words.insertBefore(element, words.children[index] ?? null);
  });
  const heading = outline.parts.find((part) => part.role === "heading");
  if (outline.screen !== lobby.outline?.screen && heading) told.textContent = heading.label;
  lobby.outline = outline;
}

function make(part, key) {
  const element = document.createElement(TAGS[part.role] ?? "p");
  element.dataset.key = key;
  element.dataset.id = part.id;
  if (part.role === "field") {
    element.setAttribute("role", "textbox");
    element.setAttribute("aria-readonly", "true");
  }
  if (part.role === "button") element.addEventListener("click", () => press(element.place));
  return element;
}

// ---- touches

let finger = null, moved = null;

function send(touch, [x, y]) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ touch, x, y }));
}

function press([x, y, width, height]) {
  const middle = [Math.floor(x + width / 2), Math.floor(y + height / 2)];
  send("down", middle);
  send("up", middle);
}

function place(event) {
  const box = picture.getBoundingClientRect();
  return [Math.floor((event.clientX - box.left) * picture.width / box.width),
    Math.floor((event.clientY - box.top) * picture.height / box.height)];
}

picture.addEventListener("pointerdown", (event) => {
  if (finger !== null || event.button !== 0) return;
  finger = event.pointerId;
  picture.setPointerCapture(finger);
  send("down", place(event));
  event.preventDefault();
});
picture.addEventListener("pointermove", (event) => {
  if (event.pointerId !== finger) return;
  // One move a picture: the kiosk draws no faster.
  if (moved === null) requestAnimationFrame(() => { if (finger !== null && moved) send("move", moved); moved = null; });
  moved = place(event);
});
picture.addEventListener("pointerup", (event) => {
  if (event.pointerId !== finger) return;
  finger = null;
  send("up", place(event));
});
picture.addEventListener("pointercancel", (event) => {
  if (event.pointerId !== finger) return;
  finger = null;
  send("cancel", [0, 0]);
});
picture.addEventListener("contextmenu", (event) => event.preventDefault());

// ---- the scanner: text that is pasted or dropped here, or typed into the field that `#scan` at the end of the address shows

const scanning = document.getElementById("scan");

function scan(text) {
  const reading = text.trim();
  // As long as the board takes; it looks again.
  if (reading && reading.length <= 512 && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ scan: reading }));
}

if (location.hash === "#scan") {
  scanning.hidden = false;
  document.body.classList.add("scans");
}
scanning.addEventListener("submit", (event) => {
  event.preventDefault();
  scan(scanning.elements.text.value);
  scanning.reset();
});
document.addEventListener("paste", (event) => {
  if (scanning.contains(event.target)) return;
  scan(event.clipboardData.getData("text/plain"));
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  scan(event.dataTransfer.getData("text/plain"));
});

connect();
