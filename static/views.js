// Reports which films of a slate were viewed: at least half on screen for one second.
// Reports wait briefly for company, and leave at once when the page is hidden, by sendBeacon.

const VIEWED_SHARE = 0.5;
const VIEWED_AFTER_MS = 1000;
const COMPANY_MS = 400;
const MOST_PER_BEACON = 50;

const waiting = [];
const timers = new Map();
let companyTimer = 0;

function flush() {
  clearTimeout(companyTimer);
  companyTimer = 0;
  while (waiting.length > 0) {
    const views = waiting.splice(0, MOST_PER_BEACON);
    const body = JSON.stringify({ views });
    // A beacon that the browser will not queue is sent as an ordinary request that may outlive the page.
    if (!navigator.sendBeacon || !navigator.sendBeacon("/views", body)) {
      fetch("/views", { method: "POST", body, keepalive: true }).catch(() => {});
    }
  }
}

function report(card, observer) {
  observer.unobserve(card);
  timers.delete(card);
  card.dataset.viewed = "";
  waiting.push({ token: card.dataset.token, after_ms: Math.round(performance.now()) });
  companyTimer ||= setTimeout(flush, COMPANY_MS);
}

function stop(card) {
  clearTimeout(timers.get(card));
  timers.delete(card);
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting, intersectionRatio } of entries) {
      if (!isIntersecting || intersectionRatio < VIEWED_SHARE || document.hidden) {
        stop(target);
      } else if (!timers.has(target)) {
        timers.set(target, setTimeout(report, VIEWED_AFTER_MS, target, observer));
      }
    }
  },
  { threshold: [VIEWED_SHARE] },
);

function watch() {
  for (const card of document.querySelectorAll("[data-slate] [data-token]:not([data-viewed])")) {
    observer.observe(card);
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    [...timers.keys()].forEach(stop);
    observer.disconnect();
    flush();
  } else {
    watch();
  }
});
addEventListener("pagehide", flush);
document.body.addEventListener("htmx:afterSwap", watch); // a row that came later
watch();
