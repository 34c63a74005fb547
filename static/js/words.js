// What scripts say: the page has the words (shell/_words.html), whole sentences in the language of whoever reads.

const page = document.getElementById("words");
const said = new Map([...page.content.children].map((each) => [each.dataset.word, each.textContent]));
const forms = new Intl.PluralRules(document.documentElement.lang);
const SAMPLES = [1, 2, 5]; // numbers for which the page has the words of what counts

// The form of a number is that of the sample that the language counts alike.
const sampleOf = (number) => SAMPLES.find((each) => forms.select(each) === forms.select(number)) ?? 2;

// The words of that name, with values in their places; of what counts, in the form for the number.
page.say = (name, values = {}) => {
  const words = said.get(name) ?? said.get(`${name}-${sampleOf(values.number)}`);
  return words.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
};
