"""The visits of `browser_engine.py` by Playwright, run by a Python that has it; imports nothing of ours.

    python _playwright_visits.py SITE_URL N_WORKERS BROWSER < TICKETS

One browser for each worker and a context for each visitor, as its documentation has it. Tickets come on
standard input, one a line; each tenth visitor clicks, plays and comes home. Prints how many visits were done.
"""

import os
import sys
import threading
from collections import deque

from playwright.sync_api import Page, sync_playwright

CLICKS_EVERY = 10
VIEWPORT = {"width": 1366, "height": 768}
CARDS = "[data-slate] [data-film]"


def main() -> None:
    site_url, n_workers, browser = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    waiting = deque(enumerate(sys.stdin.read().split()))
    done: list[int] = []

    def work() -> None:
        with sync_playwright() as playwright:
            switches = ["--no-sandbox"] if os.geteuid() == 0 else []
            chromium = playwright.chromium.launch(executable_path=browser, args=switches)
            while True:
                try:
                    number, ticket = waiting.popleft()
                except IndexError:
                    break
                context = chromium.new_context(viewport=VIEWPORT)
                make_visit(context.new_page(), site_url, ticket, clicks=number % CLICKS_EVERY == 0)
                context.close()
                done.append(number)
            chromium.close()

    threads = [threading.Thread(target=work) for _ in range(n_workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(done))


def make_visit(page: Page, site_url: str, ticket: str, *, clicks: bool) -> None:
    take_step(page, site_url, 1)
    page.goto(f"{site_url}/enter?ticket={ticket}")
    look_at_slate(page)
    if clicks:
        take_step(page, site_url, 2)
        page.locator(f"{CARDS} button").first.click()
        page.wait_for_selector("body[data-page=film]")
        look_at_slate(page)
        take_step(page, site_url, 3)
        page.locator("[data-play]").first.click()
        page.wait_for_selector("body[data-page=watch]")
        page.locator("[data-play-form] [name=watch_s]").evaluate("field => { field.value = 600; }")
        page.locator("[data-play-form] [type=submit]").first.click()
        page.wait_for_selector("body[data-page=film]")
        take_step(page, site_url, 4)
        page.locator("[data-home]").first.click()
        page.wait_for_selector("body[data-page=home]")


def take_step(page: Page, site_url: str, step: int) -> None:
    page.context.add_cookies([{"name": "funflix_step", "value": f"{step}.0", "url": site_url}])


def look_at_slate(page: Page) -> None:
    page.locator(CARDS).first.scroll_into_view_if_needed()
    for card in page.locator(CARDS).all():
        card.scroll_into_view_if_needed()
        card.and_(page.locator("[data-viewed]")).wait_for()


if __name__ == "__main__":
    main()
