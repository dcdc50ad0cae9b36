// Gives each row that overflows a pair of buttons, and keeps them in step with its scroll position.

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

function equip(rail) {
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
  rail.before(back, forth);
  rail.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(rail);
  update();
}

document.querySelectorAll("[data-rail]").forEach(equip);
