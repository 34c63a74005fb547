// Files and vector stores of an assistant: what is chosen, uploaded or made beside a field writes its id into the text of
// that field, which stays the truth. What is under way stands in .resource-acts and outlives any swap of its form.

const { say } = document.getElementById("words");
const PAUSE = 400; // milliseconds after the last key
const taken = new Set(); // what was made and is written down already
const timers = new Map();

const idsIn = (text) => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
const fieldOf = (picker) => document.getElementById(picker.dataset.field);
const pickerOf = (name) => document.getElementById(`picker-${name}`);
const tell = (words) => document.dispatchEvent(new CustomEvent("announce", { detail: words }));
const token = () => document.querySelector("#assistant-form [name=csrfmiddlewaretoken]").value;

function numbered() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
  return `${bytes.slice(0, 8)}-${bytes.slice(8, 12)}-4${bytes.slice(13, 16)}-a${bytes.slice(17, 20)}-${bytes.slice(20)}`;
}

function refresh(picker, wait = 0) {
  clearTimeout(timers.get(picker.id));
  timers.set(
    picker.id,
    setTimeout(() => htmx.trigger(document.getElementById(picker.id), "changed"), wait),
  );
}

function write(picker, ids) {
  const field = fieldOf(picker);
  field.value = ids.join(field.matches("textarea") ? "\n" : " ");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  refresh(picker);
}

function add(picker, id) {
  const ids = idsIn(fieldOf(picker).value);
  if (ids.includes(id)) refresh(picker);
  else write(picker, picker.dataset.most === "1" ? [id] : [...ids, id]);
}

function takeAway(picker, id) {
  const place = picker.querySelector(".disclosure > summary");
  write(picker, idsIn(fieldOf(picker).value).filter((each) => each !== id));
  // The button that was pressed goes.
  place.focus();
}

// ---- Uploads

function upload(input, file, once = numbered()) {
  const picker = input.closest(".picker");
  const row = document.createElement("div");
  row.className = "banner";
  const words = document.createElement("div");
  words.textContent = file.name;
  const bar = Object.assign(document.createElement("progress"), { className: "meter", max: 1, value: 0 });
  bar.setAttribute("aria-label", file.name);
  words.append(bar);
  row.append(words);
  picker.querySelector(".resource-acts").append(row);
  const body = new FormData();
  for (const [name, value] of Object.entries({ connection: input.dataset.connection, field: input.dataset.into, once, csrfmiddlewaretoken: token() })) body.append(name, value);
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", input.dataset.uploads);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = total ? loaded / total : 0));
  request.addEventListener("load", () => show(row, request.responseText) || failed(row, () => upload(input, file, once)));
  request.addEventListener("error", () => failed(row, () => upload(input, file, once)));
  request.send(body);
}

// What the server says of it takes the place of the bar; false where it says something else.
function show(row, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("[id^=act-], [data-words]");
  if (!fresh) return false;
  const shown = document.importNode(fresh, true);
  row.replaceWith(shown);
  htmx.process(shown);
  tell(shown.dataset.say || shown.textContent.trim());
  settle();
  return true;
}

function failed(row, again) {
  row.classList.add("banner-error");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-small", textContent: say("send-again") });
  row.querySelector("progress").replaceWith(button);
  button.before(` ${say("not-sent")} `);
  tell(say("not-sent"));
  button.addEventListener("click", () => {
    row.remove();
    again();
  });
}

// What is made is chosen, once.
function settle() {
  for (const act of document.querySelectorAll("[data-made]")) {
    if (taken.has(act.id)) continue;
    taken.add(act.id);
    const picker = pickerOf(act.dataset.into);
    if (picker) add(picker, act.dataset.made);
    act.remove();
  }
}

// ---- A vector store

async function makeStore(form) {
  const error = form.querySelector(".error");
  const button = form.querySelector(".button-primary");
  form.dataset.once ||= numbered();
  const body = new FormData(form);
  body.set("once", form.dataset.once);
  body.set("csrfmiddlewaretoken", token());
  error.hidden = button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    const html = await answer.text();
    const page = new DOMParser().parseFromString(html, "text/html");
    const wrong = page.querySelector("[data-words]");
    if (wrong || !page.querySelector("[id^=act-]")) throw new Error(wrong?.textContent.trim());
    const row = document.createElement("div");
    pickerOf("vector_store_ids").querySelector(".resource-acts").append(row);
    show(row, html);
    delete form.dataset.once;
    form.closest("dialog").close();
    form.reset();
    refresh(pickerOf("store_files"));
  } catch (problem) {
    error.hidden = false;
    error.textContent = (problem instanceof TypeError ? "" : problem.message) || say("not-sent");
  }
  button.disabled = false;
}

// ---- What people press and type

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-adds], [data-takes-away], [data-closes]");
  if (!button) return;
  const picker = button.closest(".picker");
  if (button.hasAttribute("data-closes")) button.closest("dialog").close();
  else if (button.dataset.adds) add(picker, button.dataset.adds);
  else takeAway(picker, button.dataset.takesAway);
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-uploads]")) return;
  // These are no field of the form, and not typed.
  for (const file of target.files) upload(target, file);
  target.value = "";
});

document.addEventListener("input", ({ target }) => {
  const words = target.closest(".picker-words");
  const picker = words ? words.closest(".picker") : [...document.querySelectorAll(".picker")].find((each) => each.dataset.field === target.id);
  if (picker) refresh(picker, PAUSE);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".picker-words")) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-makes-store]")) return;
  event.preventDefault();
  makeStore(event.target);
});

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  const picker = detail.elt;
  if (!picker.matches(".picker")) return;
  detail.parameters.ids = fieldOf(picker).value;
  detail.parameters.q = picker.querySelector(".picker-words")?.value ?? "";
});

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  settle();
  // The texts of the whole form may be others now.
  if (detail.target.id === "assistant-form") document.querySelectorAll(".picker").forEach((picker) => refresh(picker));
});
