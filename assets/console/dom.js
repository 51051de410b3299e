// What builds the page. Text goes in as text, never as markup: what a resident wrote is shown, not run.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `el("button.primary", {type: "button", onclick}, "text", child)`. Attributes that are false, null or undefined are left out. */
export function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length > 0) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

/** Facts beside each other, each kept together: what is empty is left out. */
export const parts = (...facts) => el("span.parts", {}, facts.flat(Infinity).filter(Boolean).map((fact) => (fact.nodeType ? fact : el("span", {}, fact))));

/** An icon of the sprite; the words beside it say the same, so it is hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/a/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * Makes the children of `parent` those of `items`, by key: what has not changed is not touched, so that the focus, a
 * half-written word and the screen reader's place survive every change. `sign(item)` tells whether it has changed.
 */
export function keyed(parent, items, key, sign, build) {
  const old = new Map([...parent.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let place = null;
  for (const item of items) {
    const name = key(item), signature = sign(item);
    let node = old.get(name);
    old.delete(name);
    if (!node || node.dataset.sign !== signature) {
      const fresh = build(item);
      fresh.dataset.key = name;
      fresh.dataset.sign = signature;
      if (node) replace(node, fresh);
      node = fresh;
    }
    const after = place ? place.nextElementSibling : parent.firstElementChild;
    if (after !== node) parent.insertBefore(node, after);
    place = node;
  }
  for (const gone of old.values()) gone.remove();
  while (place?.nextElementSibling && !items.length) place.nextElementSibling.remove();
}

/** Puts a new element in the place of an old one; the focus stays on the same button, or on the element itself. */
function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (!focused) return;
  if (fresh.contains(focused)) return focused.focus({ preventScroll: true });
  const same = focused.dataset.act && fresh.querySelector(`[data-act="${focused.dataset.act}"]`);
  (same || (fresh.tabIndex >= 0 ? fresh : fresh.querySelector("button")))?.focus({ preventScroll: true });
}

/** Empties an element and fills it. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
}

/** What this browser remembers between visits: the switches of the page, never data of people. */
export const kept = {
  get(name, otherwise) {
    try { return localStorage.getItem(`lobbyd.${name}`) ?? otherwise; } catch { return otherwise; }
  },
  set(name, value) {
    try { localStorage.setItem(`lobbyd.${name}`, value); } catch { /* a private window remembers nothing */ }
  },
};
