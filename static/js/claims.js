// Who is at a run: its page says every 20 seconds that it is open, and when it is left. One that is silent for 90 seconds
// counts as left.

const BEAT = 20000;
const page = document.querySelector("[data-page-number]")?.dataset.pageNumber;
const holder = () => document.getElementById("run-holder");
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function told() {
  const body = new FormData();
  body.set("page", page);
  body.set("csrfmiddlewaretoken", token());
  return body;
}

async function beat() {
  const piece = holder();
  const isMine = piece?.hasAttribute("data-mine");
  // Whoever looks elsewhere keeps what they have, and takes nothing.
  if (!piece?.dataset.claims || (document.hidden && !isMine)) return;
  try {
    const answer = await fetch(piece.dataset.claims, { method: "POST", body: told(), redirect: "error" });
    if (answer.ok && (answer.status === 204) !== isMine) htmx.trigger(holder(), "changed");
  } catch {
    // No answer: the next beat tries again, and after 90 seconds others see that nobody is here.
  }
}

// A piece that came by itself was made for no page in particular.
function number() {
  for (const field of document.querySelectorAll("input[data-page]")) field.value = page;
}

if (page) {
  setInterval(beat, BEAT);
  window.addEventListener("pageshow", (event) => event.persisted && beat());
  window.addEventListener("pagehide", () => {
    const piece = holder();
    if (piece?.hasAttribute("data-mine")) navigator.sendBeacon(piece.dataset.releases, told());
  });
  document.addEventListener("visibilitychange", () => document.hidden || beat());
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    number();
    const piece = detail.target.id === "run-holder" && holder();
    // Free: whoever has it open and looks at it is at it.
    if (piece?.dataset?.claims && !piece.hasAttribute("data-mine") && !piece.dataset.lapses) beat();
  });
}
