"""A second witness of the posters' contrast: the pixels a browser paints behind the lettering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog import Film
from website import poster_svg
from website.poster import _SCENES

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver

pytestmark = pytest.mark.browser

# Paints the poster without its lettering, then compares every pixel in the box of each line with the ink.
_LEAST_CONTRAST = """
const [svgs, done] = arguments;
const luminance = (r, g, b) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => {
  const c = [r, g, b][index] / 255;
  return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
}, 0);
const leastOf = async svg => {
  document.body.innerHTML = svg;
  const root = document.body.firstChild;
  const lines = [...root.querySelectorAll("text")].map(line => {
    const box = line.getBBox();
    const [r, g, b] = getComputedStyle(line).fill.match(/\\d+/g).map(Number);
    return {box, ink: luminance(r, g, b), text: line.textContent};
  }).filter(line => line.text.trim());
  root.querySelectorAll("text").forEach(line => line.remove());
  const picture = new Image(400, 600);
  const source = new XMLSerializer().serializeToString(root);
  picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(source);
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), {width: 400, height: 600});
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.drawImage(picture, 0, 0, 400, 600);
  let least = 21;
  for (const {box, ink} of lines) {
    // The ink itself ends at the baseline's descent and begins under the line gap.
    const pixels = context.getImageData(box.x, box.y + box.height * 0.1, box.width, box.height * 0.9).data;
    for (let i = 0; i < pixels.length; i += 4) {
      const behind = luminance(pixels[i], pixels[i + 1], pixels[i + 2]);
      const [light, dark] = ink > behind ? [ink, behind] : [behind, ink];
      least = Math.min(least, (light + 0.05) / (dark + 0.05));
    }
  }
  return {least, right: Math.max(...lines.map(line => line.box.x + line.box.width))};
};
(async () => { const found = []; for (const svg of svgs) found.push(await leastOf(svg)); done(found); })()
  .catch(error => done(String(error)));
"""
TITLES = (
    "Up",
    "The Unbearable Lightness of Being and Other Tales of the City",
    "Amélie Österreich",
    "Casablanca 2",
)


@pytest.mark.parametrize("genre", [*_SCENES, ""])
def test_painted_lettering_has_contrast_of_seven(site_browser: WebDriver, genre: str) -> None:
    films = [Film(1, f"{title}{' ' * n}", 1960 + n, (genre,)) for n, title in enumerate(TITLES * 2)]
    site_browser.get("data:text/html,<!doctype html><title>posters</title><body>")
    found = site_browser.execute_async_script(_LEAST_CONTRAST, [poster_svg(film) for film in films])
    assert isinstance(found, list), found
    for film, measured in zip(films, found, strict=True):
        assert measured["least"] >= 7, film
        assert measured["right"] <= 372, film
