// A list (data-steady) that changes while somebody points at it or has the focus in it keeps its rows where they are.
// What came meanwhile is counted in a button on top; it comes in by that, or by itself once nobody is there.

const { say } = document.getElementById("words");
const LEFT = 400; // milliseconds after which somebody who went away is gone
const LOOK = 1000; // milliseconds: somebody may go without an event, as when what had the focus is removed

const held = new Map(); // id of the list -> what the server has of it now
const canPoint = matchMedia("(hover: hover)");
const rowsOf = (list) => [...list.querySelectorAll("tbody tr[id]")];
const idsOf = (list) => rowsOf(list).map((row) => row.id);

const isBusy = (list) =>
  (canPoint.matches && Boolean(list.querySelector("tbody:hover, .news:hover"))) || rowsOf(list).some((row) => row.contains(document.activeElement));

// Rows that are new, and those that moved up: both would push others down.
function arrivals(list, fresh) {
  const before = idsOf(list);
  const after = idsOf(fresh);
  const known = new Set(before);
  const common = after.filter((id) => known.has(id));
  const place = new Map(before.filter((id) => common.includes(id)).map((id, index) => [id, index]));
  const moved = common.filter((id, index) => index < place.get(id));
  return [...after.filter((id) => !known.has(id)), ...moved];
}

function tell(list, came) {
  let news = list.querySelector(":scope > .news");
  if (!came.length) {
    news?.remove();
    return;
  }
  if (!news) {
    news = document.createElement("div");
    news.className = "news";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.addEventListener("click", () => show(list.id));
    news.append(button);
    list.prepend(news);
  }
  const button = news.firstElementChild;
  const words = say("news", { number: came.length });
  if (button.textContent !== words) {
    button.textContent = words;
    document.dispatchEvent(new CustomEvent("announce", { detail: say("news-heard", { number: came.length }) }));
  }
}

// Rows that are no longer in the list stay, and say so; those that came back stop saying it.
function markGone(list, fresh) {
  const there = new Set(idsOf(fresh));
  for (const row of rowsOf(list)) {
    row.toggleAttribute("data-gone", !there.has(row.id));
    row.title = there.has(row.id) ? "" : say("not-in-list");
  }
}

// The tip that is shown describes what has the focus.
const inPlace = {
  morphStyle: "outerHTML",
  callbacks: {
    beforeAttributeUpdated: (name, element, kind) =>
      name !== "aria-describedby" && Idiomorph.defaults.callbacks.beforeAttributeUpdated(name, element, kind),
  },
};

// What may change in place: everything of a row that keeps its height, also where somebody points or has the focus.
function refreshRows(list, fresh) {
  for (const row of rowsOf(list)) {
    const newer = fresh.querySelector(`#${CSS.escape(row.id)}`);
    if (!newer || newer.isEqualNode(row)) continue;
    const before = row.cloneNode(true);
    const height = row.offsetHeight;
    Idiomorph.morph(row, newer.cloneNode(true), inPlace);
    const now = document.getElementById(row.id);
    if (now.offsetHeight !== height) Idiomorph.morph(now, before, inPlace);
  }
}

function hold(list, fresh) {
  const came = arrivals(list, fresh);
  held.set(list.id, { fresh, came });
  looking ??= setInterval(perhapsShow, LOOK);
  // What is held is what the page has: only what is newer is sent again.
  if (fresh.dataset.version) list.dataset.version = fresh.dataset.version;
  refreshRows(list, fresh);
  markGone(list, fresh);
  tell(list, came);
}

function show(id) {
  const list = document.getElementById(id);
  const waiting = held.get(id);
  held.delete(id);
  if (!list || !waiting) return;
  const hadFocus = list.contains(document.activeElement);
  Idiomorph.morph(list, waiting.fresh, { morphStyle: "outerHTML" });
  const now = document.getElementById(id);
  htmx.process(now);
  const first = waiting.came.length && document.getElementById(waiting.came[0])?.querySelector("a");
  if (hadFocus && first) first.focus({ preventScroll: true });
  if (hadFocus && first) first.scrollIntoView({ block: "nearest" });
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, shouldSwap } = event.detail;
  if (!shouldSwap || !target.hasAttribute?.("data-steady")) return;
  const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").getElementById(target.id);
  // Only what comes by itself is held: a filter or a page that somebody asks for is shown, and what was held is too old.
  const isAsked = requestConfig.elt !== target;
  if (isAsked || !fresh || !rowsOf(target).length || !isBusy(target)) {
    held.delete(target.id);
    return;
  }
  event.detail.shouldSwap = false;
  hold(target, document.importNode(fresh, true));
});

let leaving = null;
let looking = null;

function perhapsShow() {
  clearTimeout(leaving);
  leaving = held.size ? setTimeout(showWhereNobodyIs, LEFT) : null;
  if (held.size) return;
  clearInterval(looking);
  looking = null;
}

function showWhereNobodyIs() {
  for (const id of [...held.keys()]) {
    const list = document.getElementById(id);
    if (!list || !isBusy(list)) show(id);
  }
}

document.addEventListener("pointerover", perhapsShow);
document.documentElement.addEventListener("pointerleave", perhapsShow);
document.addEventListener("focusout", perhapsShow);
