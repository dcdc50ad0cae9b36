"""The streaming site: a Flask application that shows films, asks models for slates, and records what happens.

- `application`: `create_app`; `settings`: what it is made from; `site`: the parts as views use them
- `storefront`: what is the same for every visitor, found by words with `film_index` and `search_words`
- `visits`: who a request comes from
- `slates`: fills a slate (`served`), falls back, says what to record; `credit`: feedback for clicks
- one blueprint a subject: `catalogue_pages` (with `reasons`, `shelf`), `explaining`, `own_films`, `search`,
  `profiles`, `entry`, `clicks`, `views`, `plays`, `pictures`, `health`, `metrics` (with `log_counts`,
  `measuring`)
- `dashboard`: the experiment as it stands, a package of its own (with `reporting`, `whiskers`)
- around them: `refusals` (saying no), `rate_limits`, `headers`, `compression`; `cards` prints film cards;
  `freshness` keeps answers; `notes` signs what pages carry
- languages: `languages` (the switch), `words` (gettext, numbers), `genres`; catalogues in `translations/`
- posters: `poster`, drawn with `poster_palettes`, `poster_shapes`, `poster_type` and the `poster_scenes_*`;
  `tmdb` has real ones, where somebody gives a key
"""

from website.application import create_app
from website.poster import backdrop_svg, poster_svg
from website.reporting import default_run, design_of, report_on_run
from website.settings import RateLimit, SiteSettings
from website.site import site_of
from website.storefront import FilmRating, FilmRow, Profile, Storefront, arrange_storefront, count_ratings
from website.tmdb import TmdbPosters
from website.visits import STEP_COOKIE, VISITOR_COOKIE

__all__ = [
    "STEP_COOKIE",
    "VISITOR_COOKIE",
    "FilmRating",
    "FilmRow",
    "Profile",
    "RateLimit",
    "SiteSettings",
    "Storefront",
    "TmdbPosters",
    "arrange_storefront",
    "backdrop_svg",
    "count_ratings",
    "create_app",
    "default_run",
    "design_of",
    "poster_svg",
    "report_on_run",
    "site_of",
]
