// A long form (data-keeps-draft) is kept on the server while somebody types in it. Without this a button does.

const { say } = document.getElementById("words");
const PAUSE = 800; // milliseconds after the last key
const AGAIN = 5000; // milliseconds until a draft that could not be kept is tried again

const OWN = new Set(["csrfmiddlewaretoken", "draft", "draft_version", "act", "face"]);
const formOf = () => document.querySelector("form[data-keeps-draft]");
let timer = null;
let known = null; // what the server has, or what it filled in
let isBusy = false;
let isSent = false;

const typedIn = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => !OWN.has(name)).map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));

function request(form) {
  const body = new FormData(form);
  body.set("act", "draft");
  return { method: "POST", body, headers: { "HX-Request": "true", "HX-Target": "form-draft" } };
}

function schedule(wait = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(keep, wait);
}

async function keep() {
  const form = formOf();
  if (!form || isSent) return;
  const typed = typedIn(form);
  if (typed === known) return;
  if (isBusy) {
    schedule();
    return;
  }
  isBusy = true;
  let fresh = null;
  try {
    const answer = await fetch(form.action, request(form));
    const html = answer.ok && !answer.redirected ? await answer.text() : "";
    fresh = new DOMParser().parseFromString(html, "text/html").getElementById("form-draft");
  } catch {
    // No answer.
  }
  isBusy = false;
  const piece = document.getElementById("form-draft");
  if (!fresh || isSent) {
    piece?.querySelector(".draft-failed")?.removeAttribute("hidden");
    if (!isSent) schedule(AGAIN);
    return;
  }
  known = typed;
  piece?.replaceWith(document.importNode(fresh, true));
  if (typedIn(form) !== typed) schedule();
}

function count({ target }) {
  const place = document.querySelector(`[data-counts="${CSS.escape(target?.id ?? "")}"]`);
  if (!place) return;
  const format = new Intl.NumberFormat(document.documentElement.lang);
  const lines = target.value.replace(/\n$/, "").split("\n").length;
  const characters = format.format([...target.value].length);
  place.textContent = say("counted", { number: lines, characters, most: format.format(Number(place.dataset.most)) });
}

const isOurs = (detail) => detail.elt.closest?.("form[data-keeps-draft]");
const isSaving = (detail) => isOurs(detail) && detail.requestConfig.verb === "post" && detail.target?.id === "assistant-form";

// It was tried as it stands: what was told of it before is mended.
document.body.addEventListener("tried", () => {
  for (const each of formOf()?.querySelectorAll(".banner-error, [id$='_error']") ?? []) each.remove();
  for (const each of formOf()?.querySelectorAll("[aria-invalid]") ?? []) each.removeAttribute("aria-invalid");
});

if (formOf()) {
  known = typedIn(formOf());
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.("form[data-keeps-draft]")) return;
      count(event);
      schedule();
    });
  }
  // What is being sent is kept with it.
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (!isSaving(detail)) return;
    clearTimeout(timer);
    isSent = true;
  });
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    // One that leads to another page has done its work.
    if (!isSaving(detail) || detail.xhr.getResponseHeader("HX-Redirect")?.startsWith("/assistants/")) return;
    isSent = false;
    schedule(AGAIN);
  });
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "assistant-form" && formOf()) known = typedIn(formOf());
  });
  window.addEventListener("submit", () => (isSent = true));
  window.addEventListener("pageshow", () => (isSent = false));
  window.addEventListener("pagehide", () => {
    const form = formOf();
    if (form && !isSent && typedIn(form) !== known) fetch(form.action, { ...request(form), keepalive: true });
  });
}
