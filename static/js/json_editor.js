// JSON is written in an editor: line numbers, colours, and what is wrong at its line. It stands in the shadow of its
// element, where no swap of the page reaches it and its styles need no exception from the policy for content. The text
// area in the element stays the truth, and is all there is without this.

const { say } = document.getElementById("words");
const PAUSE = 600; // milliseconds after the last key
let loading = null; // CodeMirror, once a page needs it
let turn = Promise.resolve();

// One after the other, so that a page with many stays awake.
function inTurn(make) {
  turn = turn.then(() => new Promise((resolve) => setTimeout(resolve))).then(make).catch(reportError);
}

function load(source) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.addEventListener("load", () => resolve(new Kit(window.CodeMirror)));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new Error(source));
    });
    document.head.append(script);
  });
  return loading;
}

const THEME = {
  "&": { maxHeight: "50vh", border: "1px solid var(--control-border)", borderRadius: "var(--radius)", background: "var(--field)", color: "var(--text)" },
  "&.cm-focused": { borderColor: "var(--ring)", outline: "2px solid var(--ring)", outlineOffset: "-1px" },
  "&.wrong": { borderColor: "var(--red-mark)" },
  ".cm-scroller": { minHeight: "72px", fontFamily: "var(--mono)", fontSize: "var(--text-13)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-gutters": { border: "0", background: "var(--sunken)", color: "var(--muted)", borderRadius: "var(--radius) 0 0 var(--radius)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "var(--accent-soft)" },
  "&.cm-focused .cm-matchingBracket": { background: "none", outline: "1px solid var(--ring)" },
  "&.cm-focused .cm-nonmatchingBracket": { background: "var(--red-soft)" },
  ".cm-lintRange-error": { background: "none", textDecoration: "underline wavy var(--red-mark)", textUnderlineOffset: "3px" },
  ".cm-lint-marker-error": { content: "none", width: "8px", height: "8px", margin: "6px 3px", borderRadius: "50%", background: "var(--red-mark)" },
  ".cm-lintPoint-error::after": { borderBottomColor: "var(--red-mark)" },
  ".cm-tooltip": { maxWidth: "min(480px, 90vw)", border: "1px solid var(--hairline)", borderRadius: "var(--radius)", background: "var(--popover)", color: "var(--text)", boxShadow: "var(--shadow)", fontSize: "var(--text-12)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--red-mark)" },
};

// What is typed over something coloured would come with that colour as an inline style, which the policy refuses.
const takesPlainText = (() => {
  try {
    document.createElement("div").contentEditable = "plaintext-only";
    return true;
  } catch {
    return false;
  }
})();

// What every editor is made of.
class Kit {
  constructor(parts) {
    Object.assign(this, parts);
    const { tags } = parts;
    const colours = this.HighlightStyle.define([
      { tag: tags.propertyName, color: "var(--code-name)" },
      { tag: tags.string, color: "var(--code-string)" },
      { tag: tags.number, color: "var(--code-number)" },
      { tag: [tags.bool, tags.null], color: "var(--code-keyword)" },
      { tag: tags.invalid, color: "var(--danger)" },
    ]);
    // Tab leads out of the editor, and Ctrl+Enter sends the form: neither is a key of it.
    const keys = [...this.defaultKeymap, ...this.historyKeymap].filter(({ key }) => key !== "Mod-Enter");
    this.fromOutside = this.Annotation.define();
    this.extensions = [
      this.lineNumbers(),
      this.lintGutter(),
      this.highlightSpecialChars(),
      this.history(),
      this.drawSelection(),
      this.indentUnit.of("  "),
      this.indentOnInput(),
      this.bracketMatching(),
      this.json(),
      this.syntaxHighlighting(colours),
      this.EditorView.theme(THEME),
      this.EditorView.lineWrapping,
      this.keymap.of(keys),
    ];
  }
}

class JsonEditor extends HTMLElement {
  #kit = null;
  #view = null;
  #timer = null;
  #told = null; // what was last said to be wrong
  #sent = null; // the text that a request under way has
  #description = null;

  connectedCallback() {
    // What is put into a page piece by piece has its text area a moment later.
    load(this.dataset.source).then((kit) => inTurn(() => this.#begin(kit)), () => {});
  }

  disconnectedCallback() {
    // What is only moved comes back at once, and keeps its cursor.
    queueMicrotask(() => this.isConnected || this.#end());
  }

  get field() {
    return this.querySelector("textarea");
  }

  get text() {
    return this.#view.state.doc.toString();
  }

  get isReady() {
    return Boolean(this.#view);
  }

  #begin(kit) {
    const { field } = this;
    if (this.#view || !field || !this.isConnected) return;
    this.#kit = kit;
    const hadFocus = document.activeElement === field;
    const { selectionStart, selectionEnd } = field;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    this.#description = document.createElement("div");
    this.#description.id = "wrong";
    this.#description.hidden = true;
    const place = document.createElement("div");
    root.replaceChildren(place, this.#description);
    const { EditorView, EditorState } = kit;
    const state = EditorState.create({
      doc: field.value,
      selection: hadFocus ? { anchor: selectionStart, head: selectionEnd } : { anchor: 0 },
      extensions: [kit.extensions, EditorView.contentAttributes.of(() => this.#attributes()), EditorView.updateListener.of((update) => this.#updated(update))],
    });
    this.#view = new EditorView({ state, parent: place, root });
    if (hadFocus) this.#view.focus();
    if (field.getAttribute("aria-invalid") === "true") this.#check();
  }

  #end() {
    clearTimeout(this.#timer);
    this.#view?.destroy();
    this.#view = null;
    this.#told = null;
  }

  #attributes() {
    const label = this.field?.labels?.[0]?.textContent.trim() || say("json");
    return { "aria-label": label, "aria-describedby": "wrong", "aria-invalid": String(Boolean(this.#told)), spellcheck: "false", tabindex: "0", ...(takesPlainText && { contenteditable: "plaintext-only" }) };
  }

  #updated(update) {
    if (!update.docChanged) return;
    if (!update.transactions.some((each) => each.annotation(this.#kit.fromOutside))) this.#give();
    this.#schedule();
  }

  // To the text area, and so to drafts and to what is sent.
  #give() {
    const { field, text } = this;
    if (!field || field.value === text) return;
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  remember() {
    if (this.#view) this.#sent = this.text;
  }

  // From the text area, which something else has changed. What was typed meanwhile stays.
  take() {
    const { field } = this;
    if (!this.#view || !field) return;
    const before = this.text;
    const after = field.value;
    const isOld = after === this.#sent;
    this.#sent = null;
    if (after === before) {
      if (this.#told) this.#schedule(0);
      return;
    }
    if (isOld) {
      this.#give();
      return;
    }
    // Only what differs, so that the cursor stays where it is.
    let start = 0;
    const most = Math.min(before.length, after.length);
    while (start < most && before[start] === after[start]) start += 1;
    let end = 0;
    while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
    this.#view.dispatch({
      changes: { from: start, to: before.length - end, insert: after.slice(start, after.length - end) },
      annotations: this.#kit.fromOutside.of(true),
    });
  }

  focus() {
    this.#view?.focus();
    this.scrollIntoView({ block: "nearest" });
  }

  // ---- What is wrong with it

  #schedule(wait = PAUSE) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), wait);
  }

  async #check() {
    const form = this.closest("form");
    if (!this.#view || !form) return;
    const { text } = this;
    const body = new FormData();
    body.set("act", "check");
    body.set("text", text);
    body.set("kind", this.dataset.checks === "response" && form.elements.response_format?.value !== "json_schema" ? "object" : this.dataset.checks);
    body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
    let problems = null;
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.ok && !answer.redirected) ({ problems } = await answer.json());
    } catch {
      // No answer: it is checked again when it is saved.
    }
    // By an answer for what stands there no more nothing is told.
    if (problems && this.#view && this.text === text) this.#tell(problems);
  }

  #tell(problems) {
    const { doc } = this.#view.state;
    const found = problems.map(({ line, column, words }) => {
      const place = doc.line(Math.min(line, doc.lines));
      const from = Math.min(place.from + column - 1, place.to);
      return { from, to: Math.max(from, place.to), severity: "error", message: words };
    });
    this.#view.dispatch(this.#kit.setDiagnostics(this.#view.state, found));
    const lines = problems.map(({ line, words }) => say("at-line", { line, problem: words }));
    const told = lines.join(" ");
    this.#show(lines);
    this.#view.dom.classList.toggle("wrong", lines.length > 0);
    this.#description.textContent = told;
    const isNews = told !== (this.#told ?? "");
    this.#told = told;
    this.#view.dispatch({}); // its attributes say whether it is wrong
    if (isNews) document.dispatchEvent(new CustomEvent("announce", { detail: told || say("json-right") }));
  }

  // Where the form tells what is wrong with the field when it is saved.
  #show(lines) {
    const { field } = this;
    const id = `${field.id}_error`;
    let place = document.getElementById(id);
    if (!lines.length) {
      place?.remove();
      field.removeAttribute("aria-invalid");
      return;
    }
    if (!place) {
      place = document.createElement("div");
      place.id = id;
      this.after(place);
    }
    const sample = this.querySelector("template").content.firstElementChild;
    place.replaceChildren(
      ...lines.map((words) => {
        const made = document.importNode(sample, true);
        made.querySelector("span").textContent = words;
        return made;
      }),
    );
  }
}

const every = () => document.querySelectorAll("json-editor");

// What leads to the text area leads to the editor in its place.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("label[for], a[href^='#']");
  const id = link?.htmlFor ?? link?.hash.slice(1);
  const editor = id && document.getElementById(id)?.closest("json-editor");
  if (!editor?.isReady) return;
  event.preventDefault();
  editor.focus();
});
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "post") every().forEach((each) => each.remember());
});
document.body.addEventListener("htmx:afterSwap", () => every().forEach((each) => each.take()));
// A browser that goes back fills in what stood there.
window.addEventListener("pageshow", () => every().forEach((each) => each.take()));
customElements.define("json-editor", JsonEditor);
