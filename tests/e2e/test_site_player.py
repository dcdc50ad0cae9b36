from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

# The site is that of all files: no other test plays the films 2 to 9.
_PLAYS = "SELECT watch_s, is_completed FROM plays WHERE run_id = 'live' AND movie_id = {}"
# How much the page moved while it loaded, as browsers measure it.
_SHIFTS = """
const [done] = arguments;
let sum = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) sum += entry.value; })
  .observe({type: "layout-shift", buffered: true});
requestAnimationFrame(() => setTimeout(() => done(sum), 50));
"""


def position_s(visitor: Visitor) -> float:
    return float(visitor.driver.find_element(By.CSS_SELECTOR, "[data-scrubber]").get_property("value"))


def is_playing(visitor: Visitor) -> bool:
    return visitor.count("[data-player].is-playing") == 1


def test_the_clock_runs_faster_at_sixty_times(visitor: Visitor) -> None:
    visitor.open("/watch/2")
    Select(visitor.driver.find_element(By.CSS_SELECTOR, "[data-speed]")).select_by_value("60")
    visitor.wait(lambda _: position_s(visitor) >= 60)
    assert is_playing(visitor)
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-play-form] button").click()
    visitor.wait(lambda _: visitor.driver.current_url.endswith("/film/2"))
    ((watch_s, is_completed),) = visitor.site.rows(_PLAYS.format(2))
    assert watch_s >= 60
    assert is_completed == 0


def test_keys_pause_skip_and_leave(visitor: Visitor) -> None:
    visitor.open("/watch/3")
    visitor.wait(lambda _: is_playing(visitor))
    visitor.press(Keys.SPACE)
    assert not is_playing(visitor)
    before = position_s(visitor)
    visitor.press(Keys.ARROW_RIGHT)
    visitor.press(Keys.ARROW_RIGHT)
    visitor.press(Keys.ARROW_LEFT)
    assert position_s(visitor) == pytest.approx(before + 10, abs=1)
    visitor.press(Keys.SPACE)
    assert is_playing(visitor)
    visitor.press(Keys.ESCAPE)
    visitor.wait(lambda _: visitor.driver.current_url.endswith("/film/3"))
    assert len(visitor.site.rows(_PLAYS.format(3))) == 1


def test_the_end_of_the_film_is_told_and_stops_the_clock(visitor: Visitor) -> None:
    visitor.open("/watch/4")
    visitor.script(
        "const s = document.querySelector('[data-scrubber]'); s.value = s.max - 1;"
        "s.dispatchEvent(new Event('input'))"
    )
    ((_, is_completed),) = visitor.site.wait_for_rows(_PLAYS.format(4), visitor.driver)
    assert is_completed == 1
    assert not is_playing(visitor)


def test_watch_time_survives_a_closed_tab(visitor: Visitor) -> None:
    visitor.open("/livez")
    first = visitor.driver.current_window_handle
    visitor.driver.switch_to.new_window("tab")
    visitor.open("/watch/5")
    visitor.wait(lambda _: position_s(visitor) >= 2)
    visitor.driver.close()
    visitor.driver.switch_to.window(first)
    ((watch_s, _),) = visitor.site.wait_for_rows(_PLAYS.format(5), visitor.driver)
    assert watch_s >= 1.5  # the scrubber shows whole seconds, rounded


def test_a_form_filled_in_by_hand_is_sent_as_it_is(visitor: Visitor) -> None:
    visitor.open("/watch/6")
    visitor.wait(lambda _: position_s(visitor) >= 1)
    visitor.script(
        "const form = document.querySelector('[data-play-form]');"
        "form.elements.watch_s.value = '777'; form.elements.is_completed.checked = true;"
        "form.requestSubmit();"
    )
    visitor.wait(lambda _: visitor.driver.current_url.endswith("/film/6"))
    assert visitor.site.rows(_PLAYS.format(6)) == [(777.0, 1)]


def test_a_film_goes_on_where_it_was_left_and_may_begin_anew(visitor: Visitor) -> None:
    visitor.open("/watch/8")
    visitor.script(
        "const scrubber = document.querySelector('[data-scrubber]'); scrubber.value = 1500;"
        "scrubber.dispatchEvent(new Event('input'))"
    )
    visitor.wait(lambda _: float(visitor.driver.find_element(By.NAME, "watch_s").get_property("value")) >= 2)
    visitor.press(Keys.ESCAPE)
    visitor.wait(lambda _: visitor.driver.current_url.endswith("/film/8"))
    play = visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-play]"))
    assert play.text == "Resume"  # type: ignore[attr-defined]  # a wait returns what it waited for
    visitor.open("/watch/8")
    visitor.wait(lambda _: is_playing(visitor))
    assert 1500 <= position_s(visitor) < 1600
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-restart]").send_keys(Keys.ENTER)
    assert position_s(visitor) < 100
    assert is_playing(visitor)
    visitor.open("/watch/8")


def test_the_row_of_films_like_it_comes_later_and_moves_nothing(visitor: Visitor) -> None:
    """The row is as high as its place was, its films can be clicked, and their views are reported.

    The window is high enough for all of it, for what is not seen cannot move.
    """
    visitor.look_like(height=2_400)
    visitor.open("/watch/9")
    visitor.script(
        "const form = document.querySelector('[data-play-form]');"
        "form.elements.watch_s.value = '300'; form.requestSubmit();"
    )
    visitor.wait(lambda _: visitor.driver.current_url.endswith("/film/9"))
    visitor.wait(lambda _: "funflix_scripts" in str(visitor.script("return document.cookie")))
    with visitor.violations() as violations:
        visitor.open("/")
        visitor.wait(lambda _: visitor.count("[data-surface='because'] [data-equipped]") == 1)
        shifts = visitor.driver.execute_async_script(_SHIFTS)
        assert visitor.count(".to-come") == 0
        visitor.script("document.querySelector('[data-surface=because]').scrollIntoView({block: 'center'})")
        visitor.wait(lambda _: visitor.count("[data-surface='because'] [data-viewed]") >= 6)
    assert violations == []
    assert shifts == pytest.approx(0, abs=0.001)
    fetched = visitor.script(
        "return performance.getEntriesByType('resource').filter(e => e.name.endsWith('/rows/because')).length"
    )
    assert fetched == 1
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-surface='because'] form button").send_keys(Keys.ENTER)
    visitor.wait(lambda _: "from=because" in visitor.driver.current_url)


def test_reduced_motion_stills_the_picture(visitor: Visitor) -> None:
    animation = "return getComputedStyle(document.querySelector('[data-stage]')).animationName"
    visitor.open("/watch/7")
    assert visitor.script(animation) == "drift"
    visitor.look_like(motion="reduce")
    assert visitor.script(animation) == "none"
