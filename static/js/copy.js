// Copy buttons: of a text they carry, of an element they name, or of what follows the line they stand in.

const { say } = document.getElementById("words");
const SHOWN = 1500; // milliseconds

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  event.preventDefault();
  const { copy, copyFrom } = button.dataset;
  const source = copyFrom ? document.getElementById(copyFrom) : button.parentElement.nextElementSibling;
  const text = copy ?? source.textContent;
  let words = say("copied");
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, SHOWN);
  } catch {
    words = say("not-copied");
  }
  document.dispatchEvent(new CustomEvent("announce", { detail: words }));
});
