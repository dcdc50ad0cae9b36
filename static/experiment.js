// htmx asks for newer panels while somebody looks; this decides which of them to take, and says how it stands.
// Everything works without it.

const bar = document.querySelector("[data-live]");
const pause = bar.querySelector("[data-pause]");
const said = bar.querySelector("[data-said]");
const shown = new Map(); // panel -> its HTML as it came
const scrolled = new Map(); // table -> where its reader had scrolled it
let etag = "";
let isPaused = false;

const poll = () => document.getElementById("poll");
const verdict = () => document.querySelector("#panel-verdict .verdict-word")?.textContent ?? "";
let lastVerdict = verdict();

function tell(state) {
  const time = new Date().toISOString().slice(11, 19);
  const seconds = Number(poll().dataset.refreshMs) / 1000;
  bar.className = `live-bar is-${state}`;
  bar.querySelector("[data-updated]").textContent = bar.dataset[`${state}Text`]
    .replace("{time}", time)
    .replace("{seconds}", seconds);
}

// What the reader has opened or scrolled inside a panel stays so; htmx keeps the focus.
function carryOver(old, fresh) {
  for (const open of old.querySelectorAll("details[open]")) {
    fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  }
  for (const wrap of old.querySelectorAll("[id^=wrap-]")) scrolled.set(wrap.id, [wrap.scrollTop, wrap.scrollLeft]);
}

function scrollBack() {
  for (const [id, [top, left]] of scrolled) {
    const wrap = document.getElementById(id);
    if (wrap) [wrap.scrollTop, wrap.scrollLeft] = [top, left];
  }
  scrolled.clear();
}

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  if (etag) detail.headers["If-None-Match"] = etag;
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (isPaused || document.hidden) event.preventDefault();
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (isPaused) event.preventDefault();
});
document.body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const fresh = detail.fragment.firstElementChild;
  detail.shouldSwap = shown.get(fresh.id) !== fresh.outerHTML;
  shown.set(fresh.id, fresh.outerHTML);
  if (detail.shouldSwap) carryOver(detail.target, fresh);
});
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (isPaused) return;
  const isAnswered = detail.successful || detail.xhr.status === 304;
  if (isAnswered) etag = detail.xhr.getResponseHeader("ETag") ?? "";
  scrollBack();
  if (verdict() !== lastVerdict) {
    lastVerdict = verdict();
    said.textContent = `${document.getElementById("title-verdict").textContent}: ${lastVerdict}`;
  }
  tell(isAnswered ? "live" : "lost");
});
pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.setAttribute("aria-pressed", String(isPaused));
  if (isPaused) tell("paused");
  else htmx.trigger("#poll", "refresh");
});

for (const panel of document.querySelectorAll("[data-panel]")) shown.set(panel.id, panel.outerHTML);
bar.hidden = false;
tell("live");
