// R107: a guard in a difficult situation calls his leader without showing it. He holds his own name in the corner of the page
// for a second; the page answers with nothing but a short word that means nothing to whoever looks over his shoulder.

import { post } from "./api.js";
import { t } from "./text.js";

// Long enough that no sleeve does it, short enough under stress.
const HOLD = 1000;
const SHOWN = 2500;

export function hold(button) {
  let timer = null;
  const begin = (event) => {
    if (event.type === "keydown" && (event.repeat || !["Enter", " "].includes(event.key))) return;
    if (event.type === "pointerdown" && event.button > 0) return;
    clearTimeout(timer);
    timer = setTimeout(alert, HOLD);
  };
  const end = () => { clearTimeout(timer); timer = null; };
  const alert = async () => {
    const words = button.querySelector("span:last-child"), before = words.textContent;
    try {
      await post("/api/support", {});
      words.textContent = t("support.noted");
    } catch {
      words.textContent = t("support.failed");
    }
    setTimeout(() => { words.textContent = before; }, SHOWN);
  };
  for (const name of ["pointerdown", "keydown"]) button.addEventListener(name, begin);
  for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) button.addEventListener(name, end);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}
