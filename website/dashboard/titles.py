"""What the dashboard calls metrics, parts of the visitors, events and states."""

from website.words import ENGLISH, current_language, gettext, marked

_TITLES = {
    "visitor_ctr": marked("Visitor CTR"),
    "impression_ctr": marked("Impression CTR"),
    "watch_s_per_visitor": marked("Seconds watched per visitor"),
    "dwell_s": marked("Seconds on the site per visitor"),
    "clicks_per_visitor": marked("Clicks per visitor"),
    "plays_per_visitor": marked("Plays per visitor"),
    "completed_plays_per_visitor": marked("Completed plays per visitor"),
    "ratings_per_visitor": marked("Ratings per visitor"),
    "stars_per_rating": marked("Stars of a rating"),
    "bounce_rate": marked("Bounce rate"),
    "fallback_rate": marked("Fallback rate"),
    "latency_p95": marked("Latency p95"),
    "coverage": marked("Coverage"),
    "diversity": marked("Diversity"),
}

_DIMENSIONS = {"persona": marked("persona"), "history": marked("history"), "device": marked("device")}
_KINDS = {
    "exposure": marked("exposure"),
    "click": marked("click"),
    "play": marked("play"),
    "failure": marked("failure"),
}
_STATUSES = {
    "running": marked("running"),
    "done": marked("done"),
    "interrupted": marked("interrupted"),
}
_DIRECTIONS = {"greater": marked("greater"), "less": marked("less"), "two-sided": marked("two-sided")}


def title_of(metric: str, *, begins: bool = True) -> str:
    """A metric's name for people: `plays_per_visitor` -> `Plays per visitor`; `begins` a line."""
    title = gettext(_TITLES.get(metric) or metric.replace("_", " ").capitalize())
    return title if begins or current_language() != ENGLISH else title[:1].lower() + title[1:]


def dimension_name(dimension: str) -> str:
    """What visitors are divided by, in words."""
    return gettext(_DIMENSIONS.get(dimension) or dimension.replace("_", " "))


def direction_text(alternative: str) -> str:
    """Which way a test looks, in a word."""
    return gettext(_DIRECTIONS.get(alternative, alternative))


def event_kind(kind: str) -> str:
    """What happened, in a word."""
    return gettext(_KINDS.get(kind, kind))


def status_text(status: str) -> str:
    """How a run stands, in a word."""
    return gettext(_STATUSES.get(status, status))
