// Single keys, dead while somebody types and for whoever switched them off (WCAG 2.1.4); Ctrl+Enter always works.

const FOLLOW = 1200; // milliseconds between g and the key after it
let gone = -FOLLOW;

const isTyping = (element) => element.isContentEditable || element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
const areOn = () => document.documentElement.dataset.keys !== "off";
const pageOf = (key) => document.querySelector(`[data-goes="${CSS.escape(key)}"]`)?.href;
const links = () => [...document.querySelectorAll("main .row-link")].filter((link) => link.checkVisibility());

function move(step) {
  const rows = links();
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + step));
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

// The call whose field one was in last, or else the first one.
let call = null;
document.addEventListener("focusin", ({ target }) => (call = target.closest("[data-call]") ?? call));

function unfold(key) {
  const wanted = `details[data-unfolds="${key}"]`;
  const found = (call?.isConnected ? call : document).querySelector(wanted) ?? document.querySelector(wanted);
  if (!found) return;
  found.open = true;
  found.querySelector("button").focus();
}

// From a run to the next one, from the queue to its first that nobody is at: ready to be answered (answers.js).
function goOn() {
  const link = document.getElementById("next-waiting") ?? document.querySelector("tr[data-free]:not([data-gone]) .row-link");
  if (link) location.assign(new URL("#answer", link.href));
}

const ACTS = {
  "/": () => {
    const find = document.getElementById("find");
    find.focus();
    find.select();
  },
  "?": () => document.getElementById("shortcuts").showModal(),
  j: () => move(1),
  k: () => move(-1),
  m: () => unfold("m"),
  t: () => unfold("t"),
  r: () => document.dispatchEvent(new CustomEvent("raw")),
  a: () => document.dispatchEvent(new CustomEvent("answer")),
  "]": goOn,
  g: () => (gone = performance.now()),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest?.("form");
    const button = form?.querySelector("button.button-primary:not(:disabled)");
    if (!button) return;
    event.preventDefault();
    // A click, for htmx sends along what was clicked last.
    button.click();
    return;
  }
  // Of what is typed in the shadow of an element the page only sees the element.
  const [target] = event.composedPath();
  // Out of an answer, so that single keys work again.
  if (event.key === "Escape" && isTyping(target) && event.target.closest("#answers") && !document.querySelector("dialog[open]")) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || !areOn()) return;
  if (isTyping(target) || document.querySelector("dialog[open]")) return;
  const page = performance.now() - gone < FOLLOW && pageOf(event.key);
  if (page) {
    location.assign(page);
    return;
  }
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
