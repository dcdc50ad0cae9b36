// While somebody looks, the panels that have changed are replaced by newer ones. Everything works without this.

const panels = document.querySelector("[data-panels]");
const bar = document.querySelector("[data-live]");
const updated = bar.querySelector("[data-updated]");
const pause = bar.querySelector("[data-pause]");
const said = bar.querySelector("[data-said]");
const address = `/experiment/panels${location.search}`;

let everyMs = Number(panels.dataset.refreshMs);
const { run } = panels.dataset;
let etag = "";
let isPaused = false;
let timer = 0;
const shown = new Map();

function remember(root) {
  for (const panel of root.querySelectorAll("[data-panel]")) shown.set(panel.dataset.panel, panel.outerHTML);
}

// What the reader has opened, scrolled or focused inside a panel stays so.
function carryOver(old, fresh) {
  for (const open of old.querySelectorAll("details[open]")) {
    fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  }
  const places = [...old.querySelectorAll("[id^=wrap-]")].map((wrap) => [wrap.id, wrap.scrollTop, wrap.scrollLeft]);
  const focused = old.contains(document.activeElement) ? pathTo(document.activeElement, old) : null;
  old.replaceWith(fresh);
  for (const [id, top, left] of places) {
    const wrap = document.getElementById(id);
    if (wrap) [wrap.scrollTop, wrap.scrollLeft] = [top, left];
  }
  if (focused) fresh.querySelector(focused)?.focus({ preventScroll: true });
}

function pathTo(element, root) {
  const steps = [];
  for (let at = element; at !== root; at = at.parentElement) {
    steps.unshift(`:nth-child(${[...at.parentElement.children].indexOf(at) + 1})`);
  }
  return `:scope > ${steps.join(" > ")}`;
}

function show(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const before = panels.querySelector("#panel-verdict .verdict-word")?.textContent;
  for (const panel of fresh.querySelectorAll("[data-panel]")) {
    const name = panel.dataset.panel;
    const html = panel.outerHTML;
    if (shown.get(name) === html) continue;
    shown.set(name, html);
    const old = document.getElementById(`panel-${name}`);
    if (old) carryOver(old, document.importNode(panel, true));
  }
  const after = panels.querySelector("#panel-verdict .verdict-word")?.textContent;
  if (after && after !== before) said.textContent = `Verdict: ${after}`;
}

function tell(state, text) {
  bar.className = `live-bar ${state}`;
  updated.textContent = text;
}

async function refresh() {
  clearTimeout(timer);
  if (isPaused || document.hidden) return;
  try {
    const answer = await fetch(address, { headers: etag ? { "If-None-Match": etag } : {} });
    if (isPaused) return;
    // Where no run was chosen, a new one takes the place of the last.
    if ((answer.headers.get("X-Run") ?? run) !== run) return location.reload();
    if (answer.ok) {
      show(await answer.text());
      etag = answer.headers.get("ETag") ?? "";
      everyMs = Number(answer.headers.get("X-Refresh-Ms")) || everyMs;
    } else if (answer.status !== 304) {
      throw new Error(`status ${answer.status}`);
    }
    const time = new Date().toISOString().slice(11, 19);
    tell("is-live", `Updated ${time} UTC, every ${everyMs / 1000} s`);
  } catch {
    if (isPaused) return;
    tell("is-lost", "The site does not answer; trying again");
  }
  timer = setTimeout(refresh, everyMs);
}

pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.setAttribute("aria-pressed", String(isPaused));
  if (isPaused) {
    clearTimeout(timer);
    tell("is-paused", "Updates are paused");
  } else {
    refresh();
  }
});
document.addEventListener("visibilitychange", refresh);

bar.hidden = false;
remember(panels);
tell("is-live", `Updated every ${everyMs / 1000} s`);
timer = setTimeout(refresh, everyMs);
