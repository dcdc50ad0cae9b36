"""The scripts that page objects run in the page, each in place of many WebDriver commands."""

# arguments: the birth of the document that was left, or null. Null while the new one is not there.
READ_PAGE = """
const [bornBefore] = arguments;
if (document.readyState === "loading" || !document.body || performance.timeOrigin === bornBefore) return null;
const slate = document.querySelector("[data-slate]");
return {
  name: document.body.dataset.page || "",
  born: performance.timeOrigin,
  url: location.href,
  title: document.title,
  slate: slate && {
    slate_id: slate.dataset.slate,
    surface: slate.dataset.surface,
    films: [...slate.querySelectorAll("[data-film][data-position]")].map(card => ({
      movie_id: Number(card.dataset.film), position: Number(card.dataset.position), token: card.dataset.token,
    })).sort((one, other) => one.position - other.position),
  },
};
"""

# arguments: positions, timeout in ms. Promises none once all are viewed, or those that are not in time.
LOOK = """
const [positions, timeout_ms] = arguments;
const slate = document.querySelector("[data-slate]");
const unviewed = () => positions.filter(position => {
  const card = slate.querySelector(`[data-position="${position}"]`);
  return !card || !("viewed" in card.dataset);
});
const show = position => {
  const card = slate.querySelector(`[data-position="${position}"]`);
  if (!card) return;
  const box = card.getBoundingClientRect();
  const isOnScreen = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
  if (!isOnScreen) card.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
};
slate.scrollIntoView({block: "center", behavior: "instant"});
return new Promise(resolve => {
  const goOn = () => {
    const left = unviewed();
    if (left.length) show(left[0]); else finish();
  };
  const observer = new MutationObserver(goOn);
  const timer = setTimeout(() => finish(), timeout_ms);
  const finish = () => { observer.disconnect(); clearTimeout(timer); resolve(unviewed()); };
  observer.observe(slate, {subtree: true, attributes: true, attributeFilter: ["data-viewed"]});
  goOn();
});
"""

# arguments: a selector. Its first match, in the middle of the window (of its row, where that is wider), where
# nothing covers it; or null.
SHOW = """
const element = document.querySelector(arguments[0]);
if (element) element.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
return element;
"""

# arguments: the selector of a form. Promises "sent" once the site answered, whatever it said.
SEND_CLICK = """
const form = document.querySelector(arguments[0]);
if (!form) return "no such form";
return fetch(form.getAttribute("action"), {
  method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual",
}).then(() => "sent", error => String(error));
"""

# arguments: timeout in ms. Has the page report what it still holds, as when it is left, and ends once the
# site answered: who closes a window for good before that takes the report along.
REPORT_VIEWS = """
const [timeout_ms] = arguments;
const begin = performance.now();
const send = navigator.sendBeacon;
let sent = 0;
navigator.sendBeacon = (...what) => { sent += 1; return send.apply(navigator, what); };
performance.setResourceTimingBufferSize(performance.getEntriesByType("resource").length + 100);
dispatchEvent(new PageTransitionEvent("pagehide"));
if (!sent && !document.querySelector("[data-slate] [data-viewed]")) return null;
const isAnswered = () => {
  const beacons = performance.getEntriesByType("resource").filter(entry => entry.initiatorType === "beacon");
  return sent ? beacons.filter(entry => entry.startTime >= begin).length >= sent : beacons.length > 0;
};
return new Promise(resolve => {
  const check = () => {
    if (isAnswered() || performance.now() - begin > timeout_ms) resolve();
    else setTimeout(check, 5);
  };
  check();
});
"""

# For pages to come: beacons are taken, as by an ad blocker, and never sent.
DROP_BEACONS = "navigator.sendBeacon = () => true;"

# arguments: a selector. Whether anything matches.
HAS = "return document.querySelector(arguments[0]) !== null;"

# arguments: the selector of a form, values. Ticks the boxes of these values; how many there are.
TICK = """
const [selector, values] = arguments;
const boxes = [...document.querySelectorAll(`${selector} input[type="checkbox"]`)];
const wanted = boxes.filter(box => values.includes(box.value));
wanted.forEach(box => { if (!box.checked) box.click(); });
return wanted.length;
"""

# The player's own clock, in seconds.
PLAYER_CLOCK = 'return Number(document.querySelector("[data-play-form]").elements.watch_s.value);'

# arguments: seconds, whether to the end, timeout in ms. Promises "stored", or what else the site answered.
# The player plays until its own clock has begun to run. Then the form is filled in and submitted as by a
# visitor, so that the page's script knows it is over; only its redirect is not followed: the visitor stays.
POST_PLAY = """
const [watch_s, isCompleted, timeout_ms] = arguments;
const form = document.querySelector("[data-play-form]");
const {watch_s: seconds, is_completed: completed} = form.elements;
const hasBegun = () => Number(seconds.value) > 0 || performance.now() > timeout_ms;
const playing = new Promise(resolve => {
  const timer = setInterval(() => { if (hasBegun()) { clearInterval(timer); resolve(); } }, 50);
});
const post = () => fetch(form.getAttribute("action"), {
  method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", keepalive: true,
}).then(answer => answer.ok || answer.type === "opaqueredirect" ? "stored" : `status ${answer.status}`,
        error => String(error));
return playing.then(() => new Promise(resolve => {
  seconds.value = String(watch_s);
  if (completed.type === "checkbox") completed.checked = isCompleted;
  else completed.value = isCompleted ? "1" : "0";
  form.noValidate = true;
  form.addEventListener("submit", event => { event.preventDefault(); resolve(post()); }, {once: true});
  form.requestSubmit();
}));
"""
