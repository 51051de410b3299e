// The ring: a short soft tone, a vibration, and the count in the title, for as long as something rings for this post.
// It never rings for a silent alert: whoever stands beside the guard must not hear it (R107, duress).

import { kept } from "./dom.js";

// Three rings are R094's measure; the tone comes about as often as a Chinese ring does.
const EVERY = 3000;

let context = null, timer = null, ringing = null;

export const isOn = () => kept.get("sound", "on") === "on";

export function setOn(on) {
  kept.set("sound", on ? "on" : "off");
  if (on) wake();
}

/** Browsers allow sound only after a touch: every touch of the page tries. */
export function wake() {
  if (!isOn()) return;
  try {
    context ??= new (window.AudioContext ?? window.webkitAudioContext)();
    if (context.state === "suspended") context.resume().catch(() => {});
  } catch { context = null; }
}

/** Whether the sound is wanted but the browser has not been touched yet. */
export const isAsleep = () => isOn() && context?.state !== "running";

/** Two soft tones, higher and twice for an emergency. */
function tone(urgent) {
  if (!isOn() || context?.state !== "running") return;
  const notes = urgent ? [880, 660, 880, 660] : [660, 528];
  notes.forEach((pitch, nth) => {
    const at = context.currentTime + nth * 0.22;
    const [sound, loudness] = [context.createOscillator(), context.createGain()];
    sound.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(urgent ? 0.35 : 0.2, at + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
    sound.connect(loudness).connect(context.destination);
    sound.start(at);
    sound.stop(at + 0.21);
  });
}

function once() {
  tone(ringing === "urgent");
  if (isOn() && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(ringing === "urgent" ? [200, 100, 200] : [150]);
}

/** `what`: null, "call" or "urgent". */
export function ring(what) {
  if (what === ringing) return;
  ringing = what;
  clearInterval(timer);
  timer = null;
  if (!what) return;
  once();
  timer = setInterval(once, EVERY);
}

export const rings = () => ringing;
