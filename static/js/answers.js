// How many calls of a form have an answer, and which have none: told while somebody types; and from one answer to the
// next by key. Whether an answer is what it should be is for the server to say.

const { say } = document.getElementById("words");
const fields = (call) => [...call.querySelectorAll(".answer-typed [data-needed]")];
const isFilled = (field) => Boolean(field?.value.trim());

function isAnswered(call) {
  const chosen = call.querySelector(".segments input:checked")?.value;
  if (call.querySelector(".decision")) return Boolean(chosen);
  if (chosen === "empty") return true;
  if (chosen === "form") return fields(call).every(isFilled) && [...call.querySelectorAll(".answer-typed :is(input, textarea, select)")].some(isFilled);
  return isFilled(call.querySelector(".answer-text textarea"));
}

function tally() {
  for (const line of document.querySelectorAll("form [data-answered]")) {
    const calls = [...line.closest("form").querySelectorAll("[data-call]")];
    const missing = calls.filter((call) => !isAnswered(call));
    const answered = calls.length - missing.length;
    const names = [...new Set(missing.map((call) => call.dataset.call))].join(", ");
    line.textContent = say(answered && missing.length ? "answered-missing" : "answered", { answered, number: calls.length, names });
  }
}

for (const name of ["input", "change", "htmx:afterSwap"]) document.addEventListener(name, tally);
tally();

// ---- From call to call, with its arguments above the field

const callsOf = (form) => [...(form?.querySelectorAll("[data-call]") ?? [])];
const fieldOf = (call) => [...call.querySelectorAll(".answer-typed :is(input, textarea, select), .answer-text textarea, .decision input")].find((field) => field.checkVisibility());

function goTo(call) {
  const field = call && fieldOf(call);
  if (!field) return false;
  field.focus({ preventScroll: true });
  call.scrollIntoView({ block: "start" });
  field.scrollIntoView({ block: "nearest" });
  return true;
}

function answer() {
  const calls = callsOf(document.getElementById("answers"));
  goTo(calls.find((call) => !isAnswered(call)) ?? calls[0]);
}

// Ctrl+Enter in a call that has its answer goes on to one that has none; once all have one, it sends (keys.js).
document.addEventListener(
  "keydown",
  (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter") return;
    const here = event.target.closest?.("[data-call]");
    if (!here || !isAnswered(here)) return;
    const calls = callsOf(here.closest("form"));
    const place = calls.indexOf(here);
    const next = [...calls.slice(place), ...calls.slice(0, place)].find((call) => !isAnswered(call));
    if (goTo(next)) event.preventDefault();
  },
  true,
);

document.addEventListener("answer", answer);
// Who comes by ] comes to answer; an error has the focus before that. (No element has this id: a browser that scrolls to
// one takes the focus away again.)
if (location.hash === "#answer" && !document.querySelector("[data-focus]")) answer();
