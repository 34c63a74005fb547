// A page that is slow to come is seen to be on its way: a thin bar under the top of the one that is left.
// Until then, no answer may change the address: the browser would take that for the newest wish, and not go back.

const QUICK = 150; // milliseconds within which nothing is shown
const LONGEST = 15000; // what takes longer was perhaps no page, but a file
const root = document.documentElement;
let timers = [];

function arrive() {
  timers.forEach(clearTimeout);
  timers = [];
  delete root.dataset.leaving;
  htmx.config.historyEnabled = true;
}

window.addEventListener("beforeunload", () => {
  arrive();
  htmx.config.historyEnabled = false;
  timers = [setTimeout(() => (root.dataset.leaving = ""), QUICK), setTimeout(arrive, LONGEST)];
});
window.addEventListener("pageshow", arrive);
document.addEventListener("input", arrive); // who types is still here

// A button that takes what was typed to a page of its own: htmx would look there for a piece of this one.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-leaves]");
  if (!button || event.defaultPrevented) return;
  event.preventDefault();
  const { form, formAction } = button;
  const before = form.action;
  form.action = formAction;
  form.submit();
  form.action = before;
});
