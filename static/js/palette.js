// Goes anywhere by typing: Ctrl K or Cmd K opens it, arrows choose, Enter goes; closed, the focus is where it was.

const { say } = document.getElementById("words");
const palette = document.getElementById("palette");
const words = document.getElementById("palette-words");
const said = document.getElementById("palette-said");
// Enter was pressed before the places for what is typed had come.
let isGoing = false;

const list = () => document.getElementById("palette-places");
const places = () => [...palette.querySelectorAll("[role=option]")];
const chosen = () => palette.querySelector("[aria-selected=true]");
const isFresh = () => list().dataset.typed === words.value.trim();

function choose(place) {
  for (const each of places()) each.setAttribute("aria-selected", String(each === place));
  if (place) words.setAttribute("aria-activedescendant", place.id);
  else words.removeAttribute("aria-activedescendant");
  place?.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = places();
  if (all.length) choose(all.at((all.indexOf(chosen()) + step) % all.length));
}

function open() {
  if (document.querySelector("dialog[open]")) return;
  const menu = document.querySelector(".menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  words.value = "";
  said.textContent = "";
  isGoing = false;
  palette.showModal();
  htmx.trigger(words, "look");
}

function show() {
  const all = places();
  words.setAttribute("aria-expanded", String(all.length > 0));
  choose(all[0]);
  said.textContent = all.length ? say("places", { number: all.length }) : say("no-places");
  if (isGoing && isFresh()) chosen()?.click();
  isGoing = false;
}

const ACTS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => {
    if (isFresh()) chosen()?.click();
    else isGoing = true;
  },
};

document.addEventListener("keydown", (event) => {
  const isCall = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  if (!isCall) return;
  event.preventDefault();
  if (palette.open) palette.close();
  else open();
});
document.addEventListener("click", (event) => event.target.closest("[data-calls-palette]") && open());

words.addEventListener("keydown", (event) => {
  const act = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey && ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
palette.addEventListener("pointermove", (event) => {
  const place = event.target.closest("[role=option]");
  if (place && place !== chosen()) choose(place);
});
palette.addEventListener("click", (event) => {
  // The page may be kept by the browser: it is not to come back with the palette open.
  if (event.target === palette || event.target.closest("[role=option]")) palette.close();
});

document.body.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "palette-places" && show());
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(name, ({ detail }) => {
    if (detail.elt === words) said.textContent = say("places-failed");
  });
}
