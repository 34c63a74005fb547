// Rows that are ticked for one act over all of them: how many, all at once, and x for the row that one is at.

const { say } = document.getElementById("words");
const boxes = () => [...document.querySelectorAll("input[form=selection]")];
const isTyping = (element) => element.isContentEditable || element.matches("input:not([type=checkbox]), textarea, select");

function count() {
  const all = document.getElementById("select-all");
  const place = document.getElementById("selected-count");
  if (!all || !place) return;
  const every = boxes();
  const number = every.filter((box) => box.checked).length;
  all.checked = number > 0 && number === every.length;
  all.indeterminate = number > 0 && number < every.length;
  place.textContent = say("selected", { number });
  document.querySelectorAll("#selection button").forEach((button) => (button.disabled = !number));
}

let last = null; // the box that was ticked last: with Shift all between it and another one

document.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.matches("input[form=selection]")) return;
  const every = boxes();
  const [from, to] = [every.indexOf(last), every.indexOf(target)].sort((one, other) => one - other);
  if (shiftKey && from >= 0) every.slice(from, to + 1).forEach((box) => (box.checked = target.checked));
  last = target;
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "select-all") boxes().forEach((box) => (box.checked = target.checked));
  count();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === "off") return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  event.target.closest("tr")?.querySelector("input[form=selection]")?.click();
});

document.body.addEventListener("htmx:afterSwap", count);
window.addEventListener("pageshow", count);
count();
