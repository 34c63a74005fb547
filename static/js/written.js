// What a run is writing, as it writes it: shown in the place that its piece has for it (data-written), until the piece
// comes with the message itself. Nothing of it is said aloud: whoever listens hears of the whole.

const written = new Map(); // run -> message -> what was written of it so far, safe HTML
const placesOf = (run) => document.querySelectorAll(`[data-written="${run}"]`);
const whole = (place, message) => [...place.parentElement.closest("[data-topics]").querySelectorAll("[data-message]")].find((each) => each.dataset.message === message);
const textsIn = (place) => [...place.children].filter((each) => each.dataset.of !== undefined);

// What the server has of a place is an empty one; one with something in it stays until that is there as a message.
const { beforeNodeRemoved } = Idiomorph.defaults.callbacks;
const placeIn = (node) => (node.matches?.("[data-written]") ? node : node.querySelector?.("[data-written]"));
const isWritten = (place) => place && textsIn(place).some((each) => !whole(place, each.dataset.of));
Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => node.dataset?.written === undefined;
Idiomorph.defaults.callbacks.beforeNodeRemoved = (node) => beforeNodeRemoved(node) && !isWritten(placeIn(node));

// Whoever is at something below keeps it where it is while the text above grows.
function inPlace(place, change) {
  const held = document.activeElement;
  const isBelow = held && held !== document.body && place.compareDocumentPosition(held) & Node.DOCUMENT_POSITION_FOLLOWING;
  const before = isBelow && held.getBoundingClientRect().top;
  change();
  if (!isBelow || before < 0 || before > innerHeight) return;
  scrollBy({ top: held.getBoundingClientRect().top - before, behavior: "instant" });
}

function write(place, message, html) {
  let text = textsIn(place).find((each) => each.dataset.of === message);
  if (!text) {
    text = document.createElement("div");
    text.className = "prose";
    text.dataset.of = message;
    place.insertBefore(text, place.querySelector(".reply-foot"));
  }
  inPlace(place, () => {
    place.hidden = false;
    Idiomorph.morph(text, html, { morphStyle: "innerHTML" });
  });
}

// The message is there: it takes the place of its text, unfolded, because somebody may be reading it.
function settle(place) {
  for (const text of textsIn(place)) {
    const message = whole(place, text.dataset.of);
    if (!message) continue;
    text.remove();
    message.querySelectorAll("details.fold-all").forEach((fold) => (fold.open = true));
  }
  place.hidden = !textsIn(place).length;
}

function show(run) {
  for (const place of placesOf(run)) {
    for (const [message, html] of written.get(run) ?? []) if (!whole(place, message)) write(place, message, html);
    settle(place);
  }
}

document.addEventListener("written", ({ detail }) => {
  const { run, message, html } = detail;
  if (!Number.isInteger(run)) return;
  if (!written.has(run)) written.set(run, new Map());
  written.get(run).set(message, html);
  show(run);
});

document.body.addEventListener("htmx:afterSwap", () => [...written.keys()].forEach(show));
