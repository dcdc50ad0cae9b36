// Gives each row that overflows a pair of buttons, and keeps them in step with its scroll position. In a row, the
// arrow keys go from film to film.

const SHARE_OF_ROW = 0.85;
const { scrollBack, scrollOn } = document.body.dataset;

function button(label, direction, rail) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = direction < 0 ? "rail-button back" : "rail-button";
  element.setAttribute("aria-label", label);
  element.textContent = direction < 0 ? "‹" : "›";
  element.addEventListener("click", () => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    rail.scrollBy({ left: direction * rail.clientWidth * SHARE_OF_ROW, behavior: calm ? "auto" : "smooth" });
  });
  return element;
}

const STEPS = { ArrowRight: (at) => at + 1, ArrowLeft: (at) => at - 1, Home: () => 0, End: (_, last) => last };

function step(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !(event.key in STEPS)) return;
  const faces = [...event.currentTarget.querySelectorAll(".card-face")];
  const next = faces[STEPS[event.key](faces.indexOf(event.target.closest(".card-face")), faces.length - 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function equip(rail) {
  rail.dataset.equipped = "";
  const row = rail.closest(".row");
  const name = row.querySelector(".row-heading").textContent;
  const back = button(scrollBack.replace("{row}", name), -1, rail);
  const forth = button(scrollOn.replace("{row}", name), 1, rail);
  const update = () => {
    const room = rail.scrollWidth - rail.clientWidth;
    const overflows = room > 4;
    row.classList.toggle("has-buttons", overflows);
    back.hidden = forth.hidden = !overflows;
    back.disabled = rail.scrollLeft <= 4;
    forth.disabled = rail.scrollLeft >= room - 4;
  };
  rail.addEventListener("keydown", step);
  rail.before(back, forth);
  rail.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(rail);
  update();
}

const equipAll = () => document.querySelectorAll("[data-rail]:not([data-equipped])").forEach(equip);

equipAll();
document.body.addEventListener("htmx:afterSwap", equipAll); // a row that came later
document.cookie = "funflix_scripts=1; path=/; SameSite=Lax";
