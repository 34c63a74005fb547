// The views of the queue follow what it is narrowed to, which changes without a new page.

const bar = document.getElementById("queue-views");

function canonical(search) {
  const given = new URLSearchParams(search);
  const kept = bar.dataset.parameters.split(" ").filter((name) => given.get(name)?.trim());
  return new URLSearchParams(kept.map((name) => [name, given.get(name)])).toString();
}

function follow() {
  const query = canonical(location.search);
  bar.querySelector("[data-query]").value = query;
  for (const link of bar.querySelectorAll("nav a")) {
    if (canonical(link.search) === query) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

if (bar) document.body.addEventListener("htmx:replacedInHistory", follow);
