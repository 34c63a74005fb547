// The raw object of what is focused, pointed at, or else of the page, in a dialog. Without this a link leads to it.

const { say } = document.getElementById("words");
const dialog = document.getElementById("raw-dialog");
const here = (element) => element?.closest("main [data-raw]");

function current() {
  const pointed = [...document.querySelectorAll("main [data-raw]:hover")].pop();
  return here(document.activeElement) ?? pointed ?? document.querySelector("main [data-raw]");
}

function show(address) {
  const place = document.getElementById("raw-object");
  const title = place.querySelector("#raw-title");
  place.replaceChildren(title);
  title.textContent = say("reading");
  dialog.showModal();
  htmx.ajax("GET", address, { source: dialog, target: place, swap: "outerHTML" });
}

document.addEventListener("raw", () => {
  const address = current()?.dataset.raw;
  if (address) show(address);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.raw");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.getAttribute("href"));
});

// What went wrong is told on the page, which must then be seen.
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(name, ({ detail }) => detail.elt === dialog && dialog.close());
}
