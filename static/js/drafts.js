// Answers are saved while they are typed, each call for itself. Nobody writes over words that they have not seen: where
// somebody else saved others meanwhile, both stand there and the person chooses.

const PAUSE = 800; // milliseconds after the last key
const AGAIN = 5000; // milliseconds until a draft that could not be saved is tried again
const page = document.querySelector("[data-page-number]")?.dataset.pageNumber;

const timers = new Map(); // all by the key of the call
const known = new Map(); // what the server has, as far as this page has seen
const busy = new Set();
const looking = new Map(); // whether it changed again while it was asked for

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const pieces = () => [...document.querySelectorAll("[data-draft]")];
const partOf = (piece) => piece.closest("article");
const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other ?? {}).sort());
// How an answer is written and how long a list is always stand there.
const isAside = (name) => name.startsWith("format-") || name.endsWith("/-");
const isBlank = (fields) => Object.entries(fields).every(([name, values]) => isAside(name) || values.every((value) => !value.trim()));

function isOwn(piece, name) {
  const key = piece.dataset.draft;
  return name !== `version-${key}` && new RegExp(`^[a-z_]+-${key}([-:]|$)`).test(name);
}

function fieldsOf(piece) {
  const form = piece.closest("form");
  const found = {};
  for (const [name, value] of form ? new FormData(form) : []) {
    if (isOwn(piece, name)) (found[name] ??= []).push(value.replaceAll("\r\n", "\n"));
  }
  return found;
}

const controlsOf = (piece) => [...partOf(piece).querySelectorAll("input, textarea, select")].filter(({ name }) => isOwn(piece, name));

// What the server filled in.
function givenTo(piece) {
  const found = {};
  for (const control of controlsOf(piece)) {
    if (control.matches("[type=radio], [type=checkbox]") && !control.defaultChecked) continue;
    const options = control.matches("select") && [...control.options];
    const value = options ? (options.find((each) => each.defaultSelected) ?? options[0])?.value : control.matches("[type=radio], [type=checkbox]") ? control.value : control.defaultValue;
    (found[control.name] ??= []).push((value ?? "").replaceAll("\r\n", "\n"));
  }
  return found;
}

// A list may have grown elsewhere, or what a function returns was changed: then only the server can draw the fields.
function fits(piece, fields) {
  const here = new Set(controlsOf(piece).map(({ name }) => name));
  return Object.keys(fields).length === here.size && Object.keys(fields).every((name) => here.has(name));
}

function fill(piece, fields) {
  const left = Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, [...values]]));
  for (const control of controlsOf(piece)) {
    const values = left[control.name] ?? [];
    if (control.matches("[type=radio], [type=checkbox]")) control.checked = values.includes(control.value);
    else if (control.multiple) for (const option of control.options) option.selected = values.includes(option.value);
    else control.value = values.shift() ?? "";
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// The form is as the draft has it, and nobody has touched it here: it may be replaced (pieces.js).
const settle = (piece, isUntouched) => partOf(piece)?.toggleAttribute("data-untouched", isUntouched);

function replace(piece, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-draft]");
  if (!fresh) return null;
  const shown = document.importNode(fresh, true);
  piece.replaceWith(shown);
  return shown;
}

const current = (key) => document.querySelector(`[data-draft="${CSS.escape(key)}"]`);

function schedule(key, wait = PAUSE) {
  clearTimeout(timers.get(key));
  timers.set(key, setTimeout(() => save(key), wait));
}

function request(piece, fields) {
  const key = piece.dataset.draft;
  const body = new FormData();
  for (const [name, values] of Object.entries(fields)) values.forEach((value) => body.append(name, value));
  body.set(`version-${key}`, piece.dataset.version);
  body.set("page", page);
  const headers = { "X-CSRFToken": token(), "HX-Request": "true", "HX-Target": `draft-${key}` };
  return { method: "POST", body, headers };
}

async function save(key) {
  const piece = current(key);
  const address = piece?.closest("form")?.dataset.drafts;
  if (!address || piece.hasAttribute("data-conflict")) return;
  if (busy.has(key)) return schedule(key);
  const fields = fieldsOf(piece);
  if (same(fields, known.get(key)) || (!known.has(key) && isBlank(fields))) return;
  busy.add(key);
  let shown = null;
  try {
    const answer = await fetch(address, request(piece, fields));
    shown = answer.ok && replace(current(key) ?? piece, await answer.text());
  } catch {
    // No answer.
  }
  busy.delete(key);
  if (!shown) {
    piece.querySelector(".draft-failed").hidden = false;
    schedule(key, AGAIN);
    return;
  }
  if (shown.hasAttribute("data-conflict")) return;
  known.set(key, fields);
  if (!same(fieldsOf(shown), fields)) schedule(key);
}

// Somebody else saved a draft. One request at a time: what changes meanwhile is asked for after it.
async function look(key) {
  let isChanged = false;
  if (looking.has(key)) {
    looking.set(key, true);
    return;
  }
  looking.set(key, false);
  const isAnswered = await applySaved(key).finally(() => {
    isChanged = looking.get(key);
    looking.delete(key);
  });
  if (isChanged) look(key);
  else if (!isAnswered) setTimeout(() => look(key), AGAIN);
}

// Shows the draft as it was saved, where nobody is at this one. False where the dashboard did not answer.
async function applySaved(key) {
  const piece = current(key);
  if (!piece || busy.has(key) || piece.hasAttribute("data-conflict")) return true;
  let html = "";
  try {
    const answer = await fetch(piece.dataset.url, { headers: { "HX-Request": "true", "HX-Target": piece.id } });
    if (!answer.ok) return answer.status < 500 && answer.status !== 429;
    html = await answer.text();
  } catch {
    return false;
  }
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-draft]");
  const here = current(key);
  if (!fresh?.dataset.fields || !here || busy.has(key) || fresh.dataset.version === here.dataset.version) return true;
  const fields = fieldsOf(here);
  const isUntouched = known.has(key) ? same(fields, known.get(key)) : isBlank(fields);
  if (!isUntouched || partOf(here).contains(document.activeElement)) return true;
  const theirs = JSON.parse(fresh.dataset.fields);
  if (fits(here, theirs)) {
    take(here, theirs);
    replace(here, html);
  } else {
    settle(here, true);
    htmx.trigger("#run-answers", "changed");
  }
  return true;
}

function take(piece, fields) {
  known.set(piece.dataset.draft, fields);
  fill(piece, fields);
  clearTimeout(timers.get(piece.dataset.draft));
  settle(piece, true);
  // Fields that are not here yet (one more of a list) come with the form from the server.
  if (!same(fieldsOf(piece), fields)) htmx.trigger(piece.closest("[data-guarded]"), "changed");
}

// What the browser put back into the fields may be older than the draft: at first the draft holds.
function begin(isFirst = false) {
  for (const piece of pieces()) {
    const key = piece.dataset.draft;
    const drafted = piece.dataset.fields ? JSON.parse(piece.dataset.fields) : null;
    const fields = drafted ?? (piece.hasAttribute("data-fresh") ? givenTo(piece) : null);
    if (fields) known.set(key, fields);
    else known.delete(key);
    const isAsSaved = fields ? same(fieldsOf(piece), fields) : isBlank(fieldsOf(piece));
    if (drafted && isFirst && !isAsSaved && !piece.hasAttribute("data-conflict") && fits(piece, drafted)) take(piece, drafted);
    else settle(piece, isAsSaved);
    if (!isAsSaved && !isFirst) schedule(key);
  }
}

function typed({ target }) {
  const piece = target.closest?.("article")?.querySelector("[data-draft]");
  if (!piece || !isOwn(piece, target.name ?? "")) return;
  settle(piece, false);
  schedule(piece.dataset.draft);
}

if (page) {
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  // Before the piece around it hears: that need not fetch itself for this.
  const changed = (event) => {
    if (!event.target.matches?.("[data-draft]")) return;
    event.stopPropagation();
    look(event.target.dataset.draft);
  };
  document.addEventListener("changed", changed, true);
  document.addEventListener("click", (event) => {
    const { target } = event;
    const piece = target.closest?.("[data-draft]");
    if (!piece || !target.closest("[data-keep-mine], [data-use-theirs]")) return;
    const fields = JSON.parse(piece.dataset.fields);
    // Where they do not fit, the button asks the server for a form with them.
    if (target.closest("[data-use-theirs]") && !fits(piece, fields)) return;
    event.preventDefault();
    piece.removeAttribute("data-conflict");
    piece.querySelector(".banner").remove();
    if (target.closest("[data-use-theirs]")) take(piece, fields);
    else {
      known.set(piece.dataset.draft, fields);
      schedule(piece.dataset.draft, 0);
    }
    partOf(piece).querySelector("textarea, input:not([type=hidden]), select")?.focus();
  });
  // What is being sent is no draft any more; where it is not taken, it is one again.
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt.matches("[data-drafts]")) timers.forEach((timer) => clearTimeout(timer));
  });
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.querySelector?.("[data-draft]") && begin());
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.body.addEventListener(name, () => pieces().forEach((piece) => schedule(piece.dataset.draft)));
  }
  window.addEventListener("pagehide", () => {
    for (const piece of pieces()) {
      const key = piece.dataset.draft;
      const fields = fieldsOf(piece);
      const address = piece.closest("form")?.dataset.drafts;
      const isSaved = known.has(key) ? same(fields, known.get(key)) : isBlank(fields);
      if (address && !isSaved && !piece.hasAttribute("data-conflict")) fetch(address, { ...request(piece, fields), keepalive: true });
    }
  });
  begin(true);
}
