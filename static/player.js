// Plays a film that is not there: a clock that runs, and heartbeats that say how much was watched.
// The form beneath is the same report without JavaScript; while the clock runs, it keeps the form up to date.

const TICK_MS = 250;
const HEARTBEAT_MS = 10_000;
const SKIP_S = 10;
const WORTH_TELLING_S = 1;

const player = document.querySelector("[data-player]");
const runtime_s = Number(player.dataset.runtimeS);
const { playWord, pauseWord, ofWords } = player.dataset;
const form = document.querySelector("[data-play-form]");
const scrubber = player.querySelector("[data-scrubber]");
const clock = player.querySelector("[data-clock]");
const speed = player.querySelector("[data-speed]");
const toggle = player.querySelector("[data-toggle]");
const restart = player.querySelector("[data-restart]");
const label = player.querySelector("[data-toggle-label]");

const start_s = Number(player.dataset.startS);
const state = {
  ...{ position_s: start_s, watched_s: 0, toldAt_s: start_s },
  ...{ isPlaying: false, isCompleted: false, isOver: false },
};
let lastTick = performance.now();
let written = form.elements.watch_s.value;

function text(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function show() {
  scrubber.value = state.position_s;
  const words = { position: text(state.position_s), runtime: text(runtime_s) };
  scrubber.setAttribute("aria-valuetext", ofWords.replace(/{(\w+)}/g, (_, name) => words[name]));
  clock.textContent = `${text(state.position_s)} / ${text(runtime_s)}`;
  player.classList.toggle("is-playing", state.isPlaying);
  player.classList.toggle("is-paused", !state.isPlaying);
  label.textContent = state.isPlaying ? pauseWord : playWord;
  form.elements.position_s.value = state.position_s.toFixed(1);
  // Whoever filled the form in by hand keeps what they wrote.
  if (form.elements.watch_s.value === written) {
    written = state.watched_s.toFixed(1);
    form.elements.watch_s.value = written;
    form.elements.is_completed.checked = state.isCompleted;
  }
}

function tick() {
  const now = performance.now();
  if (state.isPlaying) {
    const step_s = Math.min(((now - lastTick) / 1000) * Number(speed.value), runtime_s - state.position_s);
    state.position_s += step_s;
    state.watched_s = Math.min(state.watched_s + step_s, runtime_s);
    if (state.position_s >= runtime_s) {
      state.isCompleted = true;
      state.isPlaying = false;
      tell();
    }
    show();
  }
  lastTick = now;
}

function tell() {
  const isWorthTelling = state.watched_s >= WORTH_TELLING_S || state.isCompleted;
  if (state.isOver || !isWorthTelling || state.position_s === state.toldAt_s) return;
  state.toldAt_s = state.position_s;
  const body = JSON.stringify({
    token: form.elements.token.value,
    watch_s: Number(state.watched_s.toFixed(1)),
    is_completed: state.isCompleted,
    position_s: Number(state.position_s.toFixed(1)),
  });
  if (!navigator.sendBeacon || !navigator.sendBeacon("/plays", body)) {
    fetch("/plays", { method: "POST", body, keepalive: true }).catch(() => {});
  }
}

function seek(position_s) {
  state.position_s = Math.min(Math.max(position_s, 0), runtime_s);
  show();
}

function play(isPlaying) {
  tick();
  if (isPlaying && state.position_s >= runtime_s) state.position_s = 0;
  state.isPlaying = isPlaying;
  show();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const isControl = event.target.closest("input, select, button, a");
  if (event.key === "Escape") {
    form.requestSubmit();
  } else if (event.key === " " && !isControl) {
    event.preventDefault();
    play(!state.isPlaying);
  } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && !event.target.closest("input, select")) {
    event.preventDefault();
    seek(state.position_s + (event.key === "ArrowRight" ? SKIP_S : -SKIP_S));
  }
});
restart?.addEventListener("click", () => {
  seek(0);
  toggle.focus();
  restart.closest("p").hidden = true;
});
toggle.addEventListener("click", () => play(!state.isPlaying));
scrubber.addEventListener("input", () => seek(Number(scrubber.value)));
form.addEventListener("submit", () => {
  tick();
  state.isOver = true; // the form itself tells the rest
});
document.addEventListener("visibilitychange", () => document.hidden && tell());
addEventListener("pagehide", () => {
  tick();
  tell();
});

document.documentElement.classList.add("has-player");
player.querySelector("[data-controls]").hidden = false;
player.querySelector("[data-keys]").hidden = false;
if (restart) restart.hidden = false;
play(true);
setInterval(tick, TICK_MS);
setInterval(tell, HEARTBEAT_MS);
