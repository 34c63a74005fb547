// What a person chose stands on <html>, written by the server: the first paint is right. Here it is changed in passing,
// and told to the pages that were painted before.
(() => {
  const root = document.documentElement;
  const TOLD = "chosen"; // never read by a page that loads: the server has told it
  const NAMES = ["theme", "density", "keys", "notifications"];
  const chosen = () => Object.fromEntries(NAMES.map((name) => [name, root.dataset[name]]));

  function show(all) {
    for (const name of NAMES) {
      if (all[name]) root.dataset[name] = all[name];
      else delete root.dataset[name];
    }
    for (const button of document.querySelectorAll("#theme [name=theme]")) {
      button.setAttribute("aria-pressed", String(button.value === (all.theme ?? "system")));
    }
    const keys = document.getElementById("single-keys");
    if (keys) keys.checked = all.keys !== "off";
  }

  function told(text) {
    try {
      show(JSON.parse(text));
    } catch {
      // Nothing that can be read: all stays.
    }
  }

  function recall() {
    try {
      told(localStorage.getItem(TOLD));
    } catch {
      // A browser that keeps nothing: the page stays as the server made it.
    }
  }

  function tell() {
    try {
      localStorage.setItem(TOLD, JSON.stringify(chosen()));
    } catch {
      // A browser that keeps nothing: other pages change when they load.
    }
  }

  root.classList.add("js");
  try {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  } catch {
    // The server takes UTC.
  }
  // A page that one goes back to may come from a cache, made before something else was chosen.
  const isOld = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  // A stranger has chosen nothing.
  if (root.dataset.keys) isOld ? recall() : tell();
  window.addEventListener("storage", (event) => event.key === TOLD && root.dataset.keys && told(event.newValue));
  // A page that the browser kept is as old as its leaving.
  window.addEventListener("pageshow", (event) => (event.persisted || isOld) && root.dataset.keys && recall());

  // Forms that need no new page: shown at once, then stored.
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-at-once]");
    if (!form) return;
    event.preventDefault();
    const sent = new FormData(form, event.submitter);
    const now = chosen();
    if (sent.has("theme")) now.theme = sent.get("theme") === "system" ? undefined : sent.get("theme");
    if (sent.has("single_keys")) now.keys = sent.getAll("single_keys").at(-1);
    show(now);
    const error = form.querySelector(".error");
    error.hidden = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, keepalive: true, redirect: "manual" });
      if (answer.type !== "opaqueredirect") throw new Error(answer.status);
      tell();
    } catch {
      error.hidden = false;
      error.textContent = document.getElementById("words").say("not-stored");
    }
  });
  document.addEventListener("change", (event) => event.target.matches("[data-at-once] [type=checkbox]") && event.target.form.requestSubmit());
})();
