"""A small real site that speaks Funflix's HTML contract, for the browser engine's tests and benchmark.

It runs as its own process (`python small_site.py`), prints its URL as the first line, keeps what visitors did
in memory and tells it at `/recorded.json?prefix=VISITOR`. A slate depends on nothing but the page and the
last three letters of the visitor's id, so two engines that behave alike leave the same records. A ticket is
the visitor's id; faults are asked for in it: `VISITOR.hang`, `VISITOR.error`.
"""

import hashlib
import threading

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.serving import make_server

_N_SLATE_FILMS = 6
_N_OTHER_FILMS = 54
_STYLE = """
body{margin:0;background:#111;color:#eee;font:16px sans-serif}
section{padding:8px 24px}
.hero{height:380px;background:linear-gradient(#333,#111)} .row{display:flex;gap:12px;overflow-x:auto}
article{width:190px;flex:none;transition:transform .3s} article:hover{transform:scale(1.05)}
img{width:190px;height:270px;border-radius:8px} button{all:unset;cursor:pointer;display:block}
"""
_NEVER = threading.Event()
_VIEWS_SCRIPT = """
const waiting = new Map(), views = [];
const flush = () => {
  if (views.length) navigator.sendBeacon("/views", JSON.stringify({views: views.splice(0)}));
};
const observer = new IntersectionObserver(entries => { for (const entry of entries) {
  const card = entry.target;
  if (entry.intersectionRatio >= 0.5 && !waiting.has(card)) waiting.set(card, setTimeout(() => {
    views.push({token: card.dataset.token, after_ms: Math.round(performance.now())});
    card.dataset.viewed = ""; observer.unobserve(card); }, 1000));
  else if (entry.intersectionRatio < 0.5) { clearTimeout(waiting.get(card)); waiting.delete(card); }
} }, {threshold: [0.5]});
document.querySelectorAll("[data-slate] article").forEach(card => observer.observe(card));
setInterval(flush, 1000);
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
"""
_PLAYER_SCRIPT = """
const form = document.querySelector("[data-play-form]"), start = performance.now();
let written = form.watch_s.value, isOver = false;
const watched = () => ((performance.now() - start) / 1000).toFixed(1);
setInterval(() => { if (form.watch_s.value === written) form.watch_s.value = written = watched(); }, 250);
form.addEventListener("submit", () => { isOver = true; });
addEventListener("pagehide", () => { if (!isOver) navigator.sendBeacon("/plays", new URLSearchParams(
  {token: form.token.value, watch_s: watched(), is_completed: "0"})); });
"""


class Records:
    """What visitors did, in memory; every method may be called from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, dict[str, dict[str, object]]] = {
            "pages": {},
            "views": {},
            "clicks": {},
            "plays": {},
        }

    def add(self, table: str, key: str, row: dict[str, object]) -> None:
        """Store one row; the last one under a key wins."""
        with self._lock:
            self._rows[table][key] = row

    def as_dict(self, prefix: str) -> dict[str, list[dict[str, object]]]:
        """All rows of the visitors whose id begins so, sorted by key."""
        with self._lock:
            return {
                name: [rows[key] for key in sorted(rows) if key.startswith(prefix)]
                for name, rows in self._rows.items()
            }


def slate_of(visitor_id: str, surface: str, film: int) -> list[int]:
    """The films of one visitor's slate on one page: a fixed function, so that engines can be compared."""
    digest = hashlib.sha256(f"{visitor_id[-3:]}:{surface}:{film}".encode()).digest()
    return [1 + (digest[0] * 7 + index * 37) % 600 for index in range(_N_SLATE_FILMS)]


def create_site(records: Records) -> Flask:
    """The site as a Flask app."""
    site = Flask(__name__)

    @site.get("/enter")
    def enter() -> Response:
        visitor_id, _, fault = request.args["ticket"].partition(".")
        _suffer(fault)
        answer = redirect("/", 303)
        answer.set_cookie("funflix_visitor", visitor_id, httponly=True, samesite="Lax")
        _record_page(records, visitor_id, "enter")
        return answer

    @site.get("/")
    def home() -> str:
        visitor_id = _visitor_id(records, "home")
        others = "".join(_plain_card(movie_id) for movie_id in range(1, _N_OTHER_FILMS + 1))
        return _page(
            "home",
            "",
            f"<div class=hero></div>{_slate(visitor_id, 'home', 0)}"
            f'<section data-row="popular"><div class=row>{others}</div></section>',
        )

    @site.get("/film/<int:movie_id>")
    def film(movie_id: int) -> str:
        visitor_id = _visitor_id(records, f"film {movie_id}")
        return _page(
            "film",
            f"data-film={movie_id}",
            f'<a data-home href="/">Home</a><h1>Film {movie_id}</h1>'
            f'<a data-play href="/watch/{movie_id}">Play</a>{_slate(visitor_id, "film", movie_id)}',
        )

    @site.get("/watch/<int:movie_id>")
    def watch(movie_id: int) -> str:
        visitor_id = _visitor_id(records, f"watch {movie_id}")
        step = request.cookies["funflix_step"].split(".")[0]
        form = (
            f'<form method="post" action="/plays" data-play-form><input type="hidden" name="token" '
            f'value="{visitor_id}/{step}/{movie_id}"><input type=number name=watch_s value=0>'
            '<input type="hidden" name="is_completed" value="0"><button>Leave</button></form>'
        )
        return _page(
            "watch",
            f"data-film={movie_id} data-runtime-s=6000",
            f'<a data-home href="/">Home</a>{form}<script>{_PLAYER_SCRIPT}</script>',
        )

    @site.post("/click")
    def click() -> Response:
        visitor_id, surface, _, movie_id, position = request.form["token"].split("/")
        step = request.cookies["funflix_step"]
        row = {
            "visitor_id": visitor_id,
            "surface": surface,
            "movie_id": int(movie_id),
            "position": int(position),
        }
        records.add("clicks", f"{visitor_id} {step:>24}", {**row, "step": step})
        return redirect(f"/film/{movie_id}?from={surface}", 303)

    @site.post("/plays")
    def plays() -> Response:
        is_beacon = request.mimetype == "application/json"
        play = request.get_json() if is_beacon else request.form
        visitor_id, step, movie_id = play["token"].split("/")
        row = {
            "visitor_id": visitor_id,
            "movie_id": int(movie_id),
            "watch_s": float(play["watch_s"]),
            "is_completed": play["is_completed"] in {True, "1"},
            "step": request.cookies["funflix_step"],
        }
        records.add("plays", f"{visitor_id} {step:>4}", row)
        return Response(status=204) if is_beacon else redirect(f"/film/{movie_id}", 303)

    @site.post("/views")
    def views() -> tuple[str, int]:
        for view in request.get_json(force=True)["views"]:
            records.add("views", view["token"], {"token": view["token"], "after_ms": view["after_ms"]})
        return "", 204

    _add_plain_routes(site, records)
    return site


def _add_plain_routes(site: Flask, records: Records) -> None:
    @site.get("/poster/<int:movie_id>.svg")
    def poster(movie_id: int) -> Response:
        hue = movie_id * 47 % 360
        answer = Response(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300"><defs><linearGradient id="g">'
            f'<stop stop-color="hsl({hue},60%,30%)"/><stop offset="1" stop-color="hsl({hue + 60},60%,15%)"/>'
            f'</linearGradient></defs><rect width="200" height="300" fill="url(#g)"/><text x="20" y="150" '
            f'fill="#fff" font-size="24">Film {movie_id}</text></svg>',
            mimetype="image/svg+xml",
        )
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer

    @site.get("/livez")
    def livez() -> str:
        return "ok"

    @site.get("/recorded.json")
    def recorded() -> Response:
        return jsonify(records.as_dict(request.args.get("prefix", "")))


def _suffer(fault: str) -> None:
    if fault == "hang":
        _NEVER.wait(60)
    if fault == "error":
        raise RuntimeError("the ticket asked for an error")


def _visitor_id(records: Records, page: str) -> str:
    visitor_id = request.cookies["funflix_visitor"]
    _record_page(records, visitor_id, page)
    return visitor_id


def _record_page(records: Records, visitor_id: str, page: str) -> None:
    step = request.cookies.get("funflix_step", "none")
    records.add(
        "pages", f"{visitor_id} {step:>24} {page}", {"visitor_id": visitor_id, "page": page, "step": step}
    )


def _page(name: str, attributes: str, content: str) -> str:
    return (
        f"<!doctype html><html lang=en><head><title>{name}</title><style>{_STYLE}</style></head>"
        f'<body data-page="{name}" {attributes}>{content}<script>{_VIEWS_SCRIPT}</script></body></html>'
    )


def _slate(visitor_id: str, surface: str, film: int) -> str:
    step = request.cookies["funflix_step"].split(".")[0]
    slate_id = f"{visitor_id}-{step}-{surface}"
    cards = "".join(
        _slate_card(f"{visitor_id}/{surface}/{step}/{movie_id}/{position}", movie_id, position)
        for position, movie_id in enumerate(slate_of(visitor_id, surface, film), start=1)
    )
    return f'<section data-slate="{slate_id}" data-surface="{surface}"><div class=row>{cards}</div></section>'


def _slate_card(token: str, movie_id: int, position: int) -> str:
    return (
        f'<article data-film="{movie_id}" data-position="{position}" data-token="{token}">'
        f'<form method="post" action="/click"><input type="hidden" name="token" value="{token}">'
        f"<button>{_poster(movie_id)}</button></form></article>"
    )


def _plain_card(movie_id: int) -> str:
    return f'<article data-film="{movie_id}"><a href="/film/{movie_id}">{_poster(movie_id)}</a></article>'


def _poster(movie_id: int) -> str:
    return (
        f'<img loading=lazy src="/poster/{movie_id}.svg" alt="Film {movie_id}"><span>Film {movie_id}</span>'
    )


def main() -> None:
    """Serve on a free port until killed."""
    server = make_server("127.0.0.1", 0, create_site(Records()), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - the parent reads it
    server.serve_forever()


if __name__ == "__main__":
    main()
