// What a title says (an exact time, a whole id) is shown on focus and on touch too, not only under a mouse.
// In a row that is one link, focus on the link shows what its times say.

const WAIT = 300; // milliseconds under the mouse
const tip = document.createElement("div");
tip.className = "tip";
tip.id = "tip";
tip.popover = "manual";
tip.role = "tooltip";
document.body.append(tip);
let shown = null;
let timer = null;

// The browser's own tooltip would come on top of this one.
function wordsOf(element) {
  if (element.title) {
    element.dataset.title = element.title;
    element.removeAttribute("title");
  }
  return element.dataset.title ?? "";
}

function hide() {
  clearTimeout(timer);
  if (!shown) return;
  shown.removeAttribute("aria-describedby");
  shown = null;
  tip.hidePopover();
}

function show(element, described = element) {
  hide();
  const words = wordsOf(element);
  if (!words) return;
  tip.textContent = words;
  tip.showPopover();
  const place = element.getBoundingClientRect();
  // Below, where it hides nothing of what has the focus, unless the window ends there.
  const below = place.bottom + 4;
  tip.style.top = `${below + tip.offsetHeight < innerHeight ? below : place.top - tip.offsetHeight - 4}px`;
  tip.style.left = `${Math.max(8, Math.min(place.left, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
  shown = described;
  if (described.matches("time, .badge") || described !== element) described.setAttribute("aria-describedby", tip.id);
}

const TITLED = "[title], [data-title]";
const told = (element) => element.closest(TITLED) ?? element.querySelector(TITLED);
const seen = (element) => element?.checkVisibility() && element.getClientRects().length > 0;

document.addEventListener("focusin", ({ target }) => {
  if (!target.matches(":focus-visible") || target.matches("main, input, textarea, select, [tabindex='-1']")) return hide();
  const row = target.matches(".row-link") && target.closest("tr, li");
  const found = row ? [...row.querySelectorAll("time[data-ago]")].find(seen) : told(target);
  if (seen(found)) show(found, target);
  else hide();
});
document.addEventListener("focusout", hide);

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType !== "mouse" || target === tip) return;
  const found = target.closest(TITLED);
  if (!found) {
    // Where the link of a row lies over its time.
    if (!shown?.matches(":focus")) hide();
    return;
  }
  clearTimeout(timer);
  wordsOf(found);
  timer = setTimeout(() => found.isConnected && show(found), WAIT);
});
document.addEventListener("click", ({ target }) => {
  const time = target.closest?.("time[data-ago]");
  if (time && !time.closest("a, button, summary")) show(time);
  else hide();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
window.addEventListener("scroll", hide, { passive: true });
document.body.addEventListener("htmx:afterSwap", () => shown && !shown.isConnected && hide());
