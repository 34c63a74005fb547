// A page that is slow to come is seen to be on its way: a thin bar under the top of the one that is left.

const QUICK = 150; // milliseconds within which nothing is shown
const LONGEST = 15000; // what takes longer was perhaps no page, but a file
const root = document.documentElement;
let timers = [];

function arrive() {
  timers.forEach(clearTimeout);
  timers = [];
  delete root.dataset.leaving;
}

window.addEventListener("beforeunload", () => {
  arrive();
  timers = [setTimeout(() => (root.dataset.leaving = ""), QUICK), setTimeout(arrive, LONGEST)];
});
window.addEventListener("pageshow", arrive);

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
