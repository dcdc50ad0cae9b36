"""Who a request comes from, and when it happens in the traffic's own clock."""

import re
import secrets
from dataclasses import dataclass

from flask import Request, Response, g

from experiment import LIVE_RUN_ID, TokenError, TokenSigner, VisitorCookie, VisitorSeen, simulated_id
from website.words import gettext

__all__ = [
    "CONSENT_COOKIE",
    "COOKIE_MAX_AGE_S",
    "SCRIPTS_COOKIE",
    "STEP_COOKIE",
    "VISITOR_COOKIE",
    "Visit",
    "answer_to",
    "identify",
    "identify_as",
    "is_crawler",
    "keep_cookie",
    "new_visitor",
]

VISITOR_COOKIE = "funflix_visitor"
STEP_COOKIE = "funflix_step"
CONSENT_COOKIE = "funflix_consent"
SCRIPTS_COOKIE = "funflix_scripts"  # set by rows.js until the browser is closed: scripts run here
COOKIE_MAX_AGE_S = 400 * 24 * 3600  # the longest that browsers keep a cookie
_LONGEST_USER_AGENT = 200
# `STEP.SIMULATED_MS`; both small enough for a 64-bit column.
_STEP = re.compile(r"(\d{1,9})\.(\d{1,15})", re.ASCII)
# Cubot makes telephones.
_CRAWLERS = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|scrap|fetch|monitor|preview|curl|wget|python|java/|go-http|okhttp|axios|node|perl|ruby"
    r"|headless|phantom|selenium|lighthouse",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's visitor and time.

    `step` and `simulated_at` (ms since epoch) are None unless a simulator sent the request and said so.
    `consent` is "yes", "no", or "" where the visitor was not asked or did not answer.
    """

    visitor: VisitorCookie
    is_new: bool
    user_agent: str
    step: int | None
    simulated_at: int | None
    now_ms: int
    consent: str = ""

    @property
    def is_recorded(self) -> bool:
        """Whether what happens may be stored: until a visitor says no."""
        return self.consent != "no"

    @property
    def time_ms(self) -> int:
        """Now, in the traffic's own clock."""
        return self.now_ms if self.simulated_at is None else self.simulated_at

    @property
    def name(self) -> str:
        """What to call the visitor on the page."""
        user_id = self.visitor.user_id
        return gettext("New visitor") if user_id is None else gettext("User %(number)s", number=user_id)

    @property
    def is_bot(self) -> bool:
        """Whether this looks like a crawler, by its name alone; it is flagged, never turned away."""
        return is_crawler(self.user_agent)

    def new_id(self, purpose: str) -> str:
        """An id for something made for this request.

        In simulated traffic it follows from the visitor and the step, so that a page fetched again repeats
        its ids and nothing is stored twice.
        """
        if self.step is None:
            return secrets.token_urlsafe(12)
        who = self.visitor
        return simulated_id(who.run_id, who.visitor_id, who.attempt, self.step, purpose)

    def seen(self, *, persona: str | None = None, n_ratings_before: int | None = None) -> VisitorSeen:
        """The event that this visitor met the site, as a user of so many ratings."""
        return VisitorSeen(
            run_id=self.visitor.run_id,
            visitor_id=self.visitor.visitor_id,
            attempt=self.visitor.attempt,
            simulated_at=self.simulated_at,
            user_id=self.visitor.user_id,
            persona=persona,
            user_agent=self.user_agent,
            is_bot=self.is_bot,
            n_ratings_before=n_ratings_before,
        )


def identify(request: Request, signer: TokenSigner, *, now_ms: int) -> Visit:
    """The visitor whose cookie came with the request, or a new one browsing by hand.

    The base of all pages finds the visit in `flask.g`, for the forms that every page has.
    """
    visitor = _visitor_of(request, signer)
    g.visit = identify_as(visitor or new_visitor(), request, now_ms=now_ms, is_new=visitor is None)
    visit: Visit = g.visit
    return visit


def identify_as(visitor: VisitorCookie, request: Request, *, now_ms: int, is_new: bool = False) -> Visit:
    """The visit of a known visitor; `is_new` when their browser has no cookie of ours yet."""
    step, simulated_at = None, None
    if visitor.is_simulated:
        match = _STEP.fullmatch(request.cookies.get(STEP_COOKIE, ""))
        if match:
            step, simulated_at = int(match[1]), int(match[2])
    user_agent = request.headers.get("User-Agent", "")[:_LONGEST_USER_AGENT]
    consent = "" if visitor.is_simulated else request.cookies.get(CONSENT_COOKIE, "")
    return Visit(visitor, is_new, user_agent, step, simulated_at, now_ms, consent)


def new_visitor(user_id: int | None = None) -> VisitorCookie:
    """Somebody who was never here, browsing by hand as `user_id` or as nobody known."""
    return VisitorCookie(LIVE_RUN_ID, secrets.token_urlsafe(9), user_id, 1, is_simulated=False)


def keep_cookie(
    response: Response, visitor: VisitorCookie, signer: TokenSigner, *, is_recorded: bool = True
) -> None:
    """Have the browser remember who it is; until it is closed, where nothing else may be recorded."""
    max_age = COOKIE_MAX_AGE_S if is_recorded else None
    response.set_cookie(VISITOR_COOKIE, signer.sign(visitor), max_age=max_age, httponly=True, samesite="Lax")


def answer_to(visit: Visit, page: str, signer: TokenSigner) -> Response:
    """The page as an answer; a new visitor gets their cookie with it."""
    response = Response(page, mimetype="text/html")
    if visit.is_new:
        keep_cookie(response, visit.visitor, signer, is_recorded=visit.is_recorded)
    return response


def is_crawler(user_agent: str) -> bool:
    """Whether a browser's name is that of a known crawler or library, or missing."""
    return not user_agent or _CRAWLERS.search(user_agent) is not None


def _visitor_of(request: Request, signer: TokenSigner) -> VisitorCookie | None:
    text = request.cookies.get(VISITOR_COOKIE)
    if text is None:
        return None
    try:
        return signer.verify_cookie(text)
    except TokenError:
        return None
