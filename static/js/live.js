// Keeps the page as the server has it: one stream while the tab is visible, polling while there is none.
// A piece names what it shows in data-topics; told of a change, it fetches itself (hx-trigger="changed").

const { say } = document.getElementById("words");
const QUIET = 500; // milliseconds between two refreshes of one piece
const LATER = 400; // milliseconds that the number beside Queue leaves to what people look at: all pages ask at once
const PATIENCE = 5000; // without a stream for that long, poll that often
const LONGEST = 30000; // between two tries of a piece that cannot be fetched
const HIDDEN = 30000; // how often the count of waiting runs is asked for in a tab nobody looks at

const dot = document.getElementById("live");
const timers = new Map();
const refreshed = new Map();
const heard = new Map(); // id of a piece -> how many changes it was told of
const underWay = new Map(); // id of a piece -> the request by which it fetches itself
const failures = new Map(); // id of a piece -> how many of them failed in a row
let source = null;
let down = null;
let poll = null;

const pieces = () => [...document.querySelectorAll("[data-topics][id]")];
const topicsOf = (piece) => piece.dataset.topics.split(/\s+/).filter(Boolean);
// Of pieces that may come later.
const followed = () => [...document.querySelectorAll("[data-follows]")].map((element) => element.dataset.follows);

function show(state, words = state) {
  dot.dataset.state = state;
  dot.title = say(`${words}-title`);
  dot.firstElementChild.textContent = say(words);
}

// At most one refresh per piece and QUIET, and never two at once, so that an older answer cannot come last. The last
// change always gets one after it.
function refresh(id) {
  heard.set(id, (heard.get(id) ?? 0) + 1);
  schedule(id);
}

function schedule(id, least = 0) {
  if (timers.has(id) || underWay.has(id)) return;
  const wait = Math.max(least, id === "nav-count" ? LATER : 0, (refreshed.get(id) ?? 0) + QUIET - performance.now());
  timers.set(
    id,
    setTimeout(() => {
      timers.delete(id);
      refreshed.set(id, performance.now());
      const piece = document.getElementById(id);
      if (piece) htmx.trigger(piece, "changed");
    }, wait),
  );
}

// htmx would queue this, and forgets its queue where the piece is replaced: it is asked for once the request has ended.
document.addEventListener(
  "changed",
  (event) => {
    const { id } = event.target;
    if (!underWay.has(id)) return;
    event.stopPropagation();
    heard.set(id, (heard.get(id) ?? 0) + 1);
  },
  true,
);

document.body.addEventListener("htmx:beforeSend", ({ detail }) => {
  const { xhr, target, requestConfig } = detail;
  if (requestConfig.elt !== target || requestConfig.verb !== "get" || !target.dataset.topics) return;
  const { id } = target;
  const known = heard.get(id) ?? 0;
  underWay.set(id, xhr);
  xhr.addEventListener("loadend", () => {
    if (underWay.get(id) !== xhr) return;
    underWay.delete(id);
    ended(id, xhr, (heard.get(id) ?? 0) > known, target.isConnected);
  });
});

// What changed meanwhile, what came for a piece that had been replaced, and what did not come is asked for again.
function ended(id, { status }, isOld, wasThere) {
  const hasFailed = !status || status === 429 || status >= 500;
  failures.set(id, hasFailed ? (failures.get(id) ?? 0) + 1 : 0);
  if (hasFailed) schedule(id, Math.min(QUIET * 2 ** failures.get(id), LONGEST));
  else if (isOld || !wasThere) schedule(id);
}

const refreshAll = () => pieces().forEach((piece) => refresh(piece.id));
const refreshTopic = (topic) => pieces().filter((piece) => topicsOf(piece).includes(topic)).forEach((piece) => refresh(piece.id));

const topicsNow = () => [...new Set(["queue", ...pieces().flatMap(topicsOf), ...followed()])];
let topics = [];

function open() {
  if (source || !window.EventSource) return;
  topics = topicsNow();
  // The server knows what has changed since it made this page: mostly nothing has.
  const made = ["since", Date.parse(document.body.dataset.now) / 1000];
  source = new EventSource(`/stream/?${new URLSearchParams([made, ...topics.map((topic) => ["topic", topic])])}`);
  source.addEventListener("hello", (event) => {
    up();
    if (event.data === "all") refreshAll();
    else event.data.split(" ").forEach(refreshTopic);
  });
  source.addEventListener("changed", (event) => refreshTopic(event.data));
  source.addEventListener("written", (event) => document.dispatchEvent(new CustomEvent("written", { detail: JSON.parse(event.data) })));
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) close();
    failing();
  });
}

function close() {
  source?.close();
  source = null;
}

function up() {
  clearTimeout(down);
  clearInterval(poll);
  down = poll = null;
  show("live");
}

// The browser tries again by itself, unless the server refused: then every poll tries.
function failing() {
  if (down) return;
  show("reconnecting");
  down = setTimeout(() => {
    show("reconnecting", "polling");
    const look = () => {
      refreshAll();
      open();
    };
    look();
    poll = setInterval(look, PATIENCE);
  }, PATIENCE);
}

function stop() {
  close();
  clearTimeout(down);
  clearInterval(poll);
  down = poll = null;
}

function follow() {
  if (document.hidden) stop();
  else if (window.EventSource) open();
  else failing();
}

// What a person began may show something that was not there when the page came: it is followed from then on.
document.body.addEventListener("htmx:afterSettle", () => {
  if (!source || topicsNow().every((topic) => topics.includes(topic))) return;
  close();
  open();
});

// A piece that knows which version it shows gets nothing where that is still the newest one.
document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt === detail.target && detail.elt.dataset.version) detail.headers["X-Seen-Version"] = detail.elt.dataset.version;
});

// Narrowed or turned over while it fetched itself, a piece has another address now: what comes from the old one is late.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { requestConfig, target } = detail;
  if (requestConfig.elt !== target || !target.dataset.topics || requestConfig.path === target.getAttribute("hx-get")) return;
  detail.shouldSwap = false;
  refresh(target.id);
});

document.addEventListener("visibilitychange", follow);
document.addEventListener("refresh", refreshAll);
// A page that the browser kept alive may be old.
window.addEventListener("pageshow", (event) => event.persisted && refreshAll());
window.addEventListener("pagehide", stop);
setInterval(() => document.hidden && refresh("nav-count"), HIDDEN);
follow();
