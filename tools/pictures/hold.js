// Run in a page before its picture is taken: ends the stream, and writes the same ids and times at each taking.
() => {
  window.dispatchEvent(new Event("pagehide"));
  document.activeElement?.blur();
  window.scrollTo(0, 0);

  const LETTERS = "Kd4sPq8wTz2mVb6xRn9cLf3hJy7gSa5e";
  const LABEL = 40; // characters: what is longer is what somebody said
  const SPOKEN = ".prose, .tree, pre, textarea, .call-arguments";
  const rowOf = (element) => {
    const row = element.closest("tr");
    return row ? [...row.parentElement.children].indexOf(row) : 0;
  };
  const ids = (text) =>
    text.replace(/\b(thread|run|msg|asst|call|step|file)_[A-Za-z0-9]{8,}/g, (id, kind) => {
      const letters = LETTERS.repeat(Math.ceil(id.length / LETTERS.length));
      return `${kind}_${letters.slice(0, id.length - kind.length - 1)}`;
    });
  const times = (text, row) =>
    text
      .replace(/\b\d{4}-\d\d-\d\d\b/g, "2026-03-14")
      .replace(/\b\d\d:\d\d:\d\d\b/g, "14:32:08")
      .replace(/\b\d\d:\d\d\b(?!:)/g, "14:32")
      .replace(/\b(\d+h )?\d+m( \d\ds)?(?= ago|$)/g, "1m 30s")
      .replace(/(\b\d+[smhd]|\b1m 30s) ago\b|\bjust now\b/g, `${4 + 3 * row}m ago`)
      .replace(/(?<!m )\b\d+(\.\d+)?( ?)(ms|s)\b/g, "2$2s");

  for (const countdown of document.querySelectorAll("[data-countdown]")) {
    countdown.className = "countdown countdown-calm";
    countdown.textContent = `${5 + rowOf(countdown)}m 30s`;
    delete countdown.dataset.countdown;
  }
  for (const time of document.querySelectorAll("[data-ago]")) delete time.dataset.ago;

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    let text = ids(node.data);
    if (text.trim().length <= LABEL && !element.closest(SPOKEN) && !element.matches(".countdown")) text = times(text, rowOf(element));
    if (text !== node.data) node.data = text;
  }
  for (const field of document.querySelectorAll("input[type=text], input[type=search]")) field.value = ids(field.value);
}
