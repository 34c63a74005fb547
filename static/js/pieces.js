// What happens when htmx swaps a piece: nothing that somebody types is lost, focus goes where it is needed,
// and what changed is said once.

const { say } = document.getElementById("words");
const region = document.getElementById("announcements");
const said = new Map();

Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !(name === "open" && element.matches("details, dialog")) && !element.matches(`[data-keeps~="${name}"]`) && !(name === "tabindex" && element === document.activeElement);
Idiomorph.defaults.callbacks.beforeNodeRemoved = (node) => !node.classList?.contains("problem") && !node.parentElement?.matches('[data-keeps~="children"]');

const announce = (words) => {
  if (words) region.textContent = region.textContent === words ? `${words}\u00a0` : words;
};
document.addEventListener("announce", (event) => announce(event.detail));

const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
const isField = (element) => element?.matches?.("input:not([type=hidden]), textarea, select");
const texts = (piece) => [...piece.querySelectorAll("textarea:not([readonly]), input:is([type=text], [type=date]):not([readonly])")];
// A draft that nobody has touched on this page comes again with what replaces it.
const isTypedIn = (piece) =>
  texts(piece).some((field) => field.value.trim() && !field.closest("[data-untouched]")) || (isField(document.activeElement) && piece.contains(document.activeElement));

// ---- What the server says of a piece, also where it is not swapped

// Somebody who sent something hears what came of it; what a page begins with is heard by reading it.
function remember(scope, posted = false) {
  for (const element of [scope, ...scope.querySelectorAll("[data-say]")]) {
    const words = element.dataset?.say;
    if (!words || !element.id) continue;
    const before = said.get(element.id);
    said.set(element.id, words);
    if ((posted || before !== undefined) && before !== words) announce(words);
  }
}

function count() {
  const badge = document.getElementById("nav-count");
  if (!badge) return;
  const waiting = Number(badge.dataset.count);
  const before = said.get("nav-count");
  said.set("nav-count", waiting);
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = waiting ? `(${waiting}) ${title}` : title;
  const favicon = document.getElementById("favicon");
  const address = waiting ? favicon.dataset.waiting : favicon.dataset.calm;
  if (favicon.getAttribute("href") !== address) favicon.setAttribute("href", address);
  if (before !== undefined && waiting > before) announce(say("runs-waiting", { number: waiting }));
}

// ---- Errors: beside what failed, never in place of it

function made(tag, className, words = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = words;
  return element;
}

function problemBanner(page, words) {
  const told = page?.querySelector("[data-problem]");
  told?.querySelector(".row")?.remove();
  const banner = made("div", "banner banner-error problem");
  banner.tabIndex = -1;
  banner.append(made("div", "", told?.textContent.replace(/\s+/g, " ").trim() || words));
  return banner;
}

// What could not be fetched concerns the whole page: it stands at its top until something can be.
function notFetched(page, status, words = status ? say("not-fetched-status", { status }) : say("not-fetched")) {
  const place = document.getElementById("problems");
  place.hidden = false;
  const banner = problemBanner(page, words);
  place.replaceChildren(banner);
  return banner;
}

// What could not be sent stands before its form until that is sent again.
function notSent({ requestConfig, target }, page, status, words = status ? say("not-sent-status", { status }) : say("not-sent")) {
  const form = requestConfig.elt.closest("form");
  const place = form?.querySelector("textarea") ? form : target;
  const banner = problemBanner(page, words);
  clearSent(place);
  place.before(banner);
  banner.focus();
  return banner;
}

const clearSent = (place) => place.previousElementSibling?.matches(".problem") && place.previousElementSibling.remove();

function clearProblems() {
  const place = document.getElementById("problems");
  if (place.querySelector(".problem")) place.replaceChildren();
  // A form that is gone takes its problem with it.
  for (const each of document.querySelectorAll(".problem")) if (!each.nextElementSibling) each.remove();
}

// ---- Focus: what had it may be gone; it goes to the heading of the piece then

let held = null;

function hold(piece) {
  if (piece.contains(document.activeElement)) held = piece.id;
}

function refocus(piece, posted) {
  const lost = !document.activeElement || document.activeElement === document.body;
  const wanted = posted && piece.querySelector("[data-focus]");
  const place = wanted || (held === piece.id && lost && piece.querySelector("h1, h2, textarea"));
  if (held === piece.id) held = null;
  if (!place) return;
  if (!place.matches("textarea")) place.tabIndex = -1;
  place.focus({ preventScroll: !wanted });
}

// What a whole page would have shown on top (Django's messages), said after a piece of it.
document.body.addEventListener("notices", ({ detail }) => {
  const place = document.getElementById("problems");
  place.querySelectorAll("[data-notice]").forEach((banner) => banner.remove());
  for (const { kind, text } of detail.notices) {
    const banner = document.createElement("div");
    banner.className = "banner";
    banner.dataset.notice = "";
    if (/^[a-z]+$/.test(kind)) banner.classList.add(`banner-${kind}`);
    banner.append(Object.assign(document.createElement("div"), { textContent: text }));
    place.append(banner);
    announce(text);
  }
  place.hidden = false;
});

// ---- A form that is being typed in

// The run moved on, or asks for other calls: what was typed stays, and can be copied, but no longer sent.
function keep(piece, fresh) {
  piece.id = `${piece.id}-kept`;
  for (const name of ["data-topics", "data-guarded", "data-calls", "hx-get", "hx-trigger"]) piece.removeAttribute(name);
  piece.classList.add("kept");
  piece.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = true));
  piece.querySelectorAll("[id]").forEach((element) => element.matches("textarea") || element.removeAttribute("id"));
  const words = say("moved-on");
  piece.prepend(withAct("banner banner-warning", words, say("discard"), () => discard(piece)));
  const shown = document.importNode(fresh, true);
  piece.before(shown);
  htmx.process(shown);
  remember(shown);
  announce(words);
}

function withAct(className, words, verb, act) {
  const banner = made("div", className);
  const button = made("button", "button button-small push", verb);
  button.type = "button";
  button.addEventListener("click", act);
  banner.append(made("div", "", words), button);
  return banner;
}

function discard(piece) {
  const notice = withAct("banner", say("discarded"), say("undo"), () => {
    notice.replaceWith(piece);
    piece.querySelector("textarea").focus();
  });
  piece.replaceWith(notice);
  notice.querySelector("button").focus();
}

function guard(event, piece, fresh) {
  if (!isTypedIn(piece)) return;
  event.detail.shouldSwap = false;
  // Somebody who signed in again meanwhile has a new token.
  const token = fresh.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (token) piece.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => (field.value = token));
  if (piece.dataset.calls !== fresh.dataset.calls && !piece.hasAttribute("data-sending")) keep(piece, fresh);
}

const carried = new Map();

function carry(piece) {
  carried.set(piece.id, [...piece.querySelectorAll("textarea, select")].map((field) => [field.name, field.value]));
}

function giveBack(piece) {
  for (const [name, value] of carried.get(piece.id) ?? []) {
    const field = piece.querySelector(`textarea[name="${name}"], select[name="${name}"]`);
    if (field && field.value !== value) field.value = value;
  }
  carried.delete(piece.id);
}

// ---- htmx

// Something is sent, unless a piece only looks (data-quiet): that changes nothing and takes nobody's focus.
const isSent = ({ requestConfig }) => requestConfig.verb === "post" && !requestConfig.elt?.closest?.("[data-quiet]");

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (!isSent(detail) || !detail.target) return;
  detail.target.setAttribute("data-sending", "");
  hold(detail.target);
});

document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!isSent(detail)) return;
  const piece = detail.target && (document.getElementById(detail.target.id) ?? detail.target);
  piece?.removeAttribute("data-sending");
  // The other pieces of the page show the same thing: they need not wait to be told.
  if (detail.successful) document.dispatchEvent(new CustomEvent("refresh"));
});

// Signed out, and something typed: going to the sign-in page would lose it.
document.body.addEventListener("htmx:beforeOnLoad", (event) => {
  const address = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!address?.startsWith("/sign-in/") || !texts(document).some((field) => field.value.trim())) return;
  event.preventDefault();
  const words = say("signed-out");
  const posted = isSent(event.detail);
  const banner = posted ? notSent(event.detail, null, 0, words) : notFetched(null, 0, words);
  const link = made("a", "button button-small", say("sign-in"));
  link.href = address;
  link.target = "_blank";
  banner.append(link);
  if (posted) link.focus();
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (!target.id || !event.detail.shouldSwap) return;
  const page = parsed(event.detail.serverResponse);
  const fresh = page.getElementById(target.id);
  const posted = isSent(event.detail);
  if (!fresh) {
    event.detail.shouldSwap = false;
    // A form that leads to another page: what it changed is fetched by the pieces of this one.
    if (posted && xhr.status < 400) return;
    if (posted) notSent(event.detail, page, xhr.status);
    else notFetched(page, xhr.status);
    return;
  }
  if (page.body.children.length > 1) event.detail.serverResponse = fresh.outerHTML;
  clearProblems();
  if (posted) {
    document.querySelectorAll(".problem").forEach((each) => each.remove());
    return;
  }
  hold(target);
  if (target.hasAttribute("data-guarded")) guard(event, target, fresh);
  else if (target.hasAttribute("data-carried")) carry(target);
});

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  const piece = document.getElementById(detail.target.id);
  if (!piece) return;
  giveBack(piece);
  remember(piece, isSent(detail));
  if (piece.id === "nav-count") count();
  refocus(piece, isSent(detail));
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, ({ detail }) => {
    if (isSent(detail)) notSent(detail, null, 0);
  });
}

document.querySelectorAll("[data-say]").forEach((element) => said.set(element.id, element.dataset.say));
count();
document.querySelector("[data-focus]")?.focus();
