// Menus close when one looks elsewhere; what cannot be undone is asked about in a dialog named after the act.

const dialog = document.getElementById("confirm");
let asked = null;

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    opener.closest(".menu")?.removeAttribute("open");
    document.getElementById(opener.dataset.opens).showModal();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector(".menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// The second click of a double click may meet what the first one brought: it presses nothing.
document.addEventListener(
  "click",
  (event) => {
    if (event.detail < 2 || !event.target.closest("[type=submit]")) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

// Before htmx or the browser see the click.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("[data-confirm]");
    if (!button?.form) return;
    event.preventDefault();
    event.stopPropagation();
    asked = button.form;
    document.getElementById("confirm-title").textContent = button.dataset.confirmTitle;
    document.getElementById("confirm-text").textContent = button.dataset.confirm;
    document.getElementById("confirm-act").textContent = button.dataset.confirmTitle;
    ask(button.dataset.confirmReason);
    dialog.returnValue = "";
    dialog.showModal();
  },
  true,
);

// Where the form takes a reason, the dialog asks for it.
function ask(words) {
  dialog.querySelector(".field")?.remove();
  if (!words) return;
  const label = Object.assign(document.createElement("label"), { className: "field", textContent: words });
  label.append(Object.assign(document.createElement("textarea"), { rows: 2, maxLength: 1000 }));
  document.getElementById("confirm-text").after(label);
}

dialog.addEventListener("close", () => {
  const reason = asked?.elements.reason;
  if (reason && dialog.returnValue === "act") reason.value = dialog.querySelector("textarea")?.value ?? "";
  // The form may be gone: then there is nothing left to do.
  if (dialog.returnValue === "act" && asked?.isConnected) asked.requestSubmit();
  asked = null;
});

// The time in a row lies over the row's link.
document.addEventListener("click", ({ target }) => {
  if (target.closest("td time")) target.closest("tr").querySelector(".row-link")?.click();
});

// Escape leaves a side panel as its Close does.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], .menu[open]")) {
    document.querySelector("[data-closes-panel]")?.click();
  }
});

// A link to a folded place opens it.
function unfold() {
  const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (place?.matches?.("details")) place.open = true;
}
window.addEventListener("hashchange", unfold);
unfold();
