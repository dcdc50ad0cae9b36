// Searches while one types: asks for the very page that the form leads to, and takes its results.

const TYPING_MS = 150;

const form = document.querySelector("[data-search]");
const field = form.elements.q;
let timer = 0;
let asked = field.value.trim();
let request = new AbortController();

async function search() {
  const query = field.value.trim();
  if (query === asked) return;
  asked = query;
  request.abort();
  request = new AbortController();
  const address = query ? `/search?q=${encodeURIComponent(query)}` : "/search";
  try {
    const answer = await fetch(address, { signal: request.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    history.replaceState(null, "", address);
  } catch (error) {
    // Overtaken by the next letter, or the network is gone: the form itself still works.
    if (error.name !== "AbortError") asked = "";
  }
}

function show(page) {
  for (const part of ["[data-summary]", "[data-results]"]) {
    document.querySelector(part).replaceChildren(...page.querySelector(part).childNodes);
  }
  document.title = page.title;
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, TYPING_MS);
});
// Focus without scrolling, and never out of the hands of somebody who is already elsewhere.
if (!field.value && document.activeElement === document.body) field.focus({ preventScroll: true });
