// Where the parts of a page are, the page scrolled to its top: a name without numbers, left, top, width, height.
() => {
  const PARTS = `header, nav, main, aside, footer, main :is(section, form, table, tr, article, details, fieldset, figure,
    h1, h2, h3, p, ul, ol, dl, pre, textarea, button, .button)`;
  const found = [];
  for (const element of document.querySelectorAll(PARTS)) {
    const { left, top, width, height } = element.getBoundingClientRect();
    if (width < 2 || height < 2 || !element.checkVisibility({ checkVisibilityCSS: true })) continue;
    const id = element.id && !/\d/.test(element.id) ? `#${element.id}` : "";
    const kind = !id && element.classList.length ? `.${element.classList[0]}` : "";
    found.push([element.localName + id + kind, ...[left, top, width, height].map(Math.round)]);
  }
  return found;
}
