"""The tables and views of the event log, and how an older log is brought up to date.

Each change of the schema is a migration (sqlite-utils keeps the list of those applied in
`_sqlite_migrations`); one that was released is never edited, only followed by another.
"""

from collections.abc import Callable

from sqlite_utils import Database, Migrations

from experiment.views import VIEWS

MIGRATIONS = Migrations("funflix.event_log")


def _migration(change: Callable[[Database], None]) -> Callable[[Database], None]:
    """Register a change under its function's name."""
    MIGRATIONS(name=change.__name__)(change)
    return change


_VISITOR_KEY = "run_id TEXT NOT NULL, visitor_id TEXT NOT NULL, attempt INTEGER NOT NULL CHECK (attempt >= 1)"
_TIMES = "recorded_at INTEGER NOT NULL, simulated_at INTEGER"


@_migration
def m001_runs_and_visits(database: Database) -> None:
    """The runs, and the simulator's ledger of visits."""
    database.execute("""
        CREATE TABLE runs (
            run_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('live', 'simulated')),
            experiment TEXT NOT NULL, experiment_toml TEXT NOT NULL, experiment_hash TEXT NOT NULL,
            population_toml TEXT, seed INTEGER, engine TEXT, n_visitors INTEGER,
            truth_json TEXT, settings_json TEXT,
            started_at INTEGER NOT NULL, finished_at INTEGER,
            status TEXT NOT NULL CHECK (status IN ('running', 'done', 'interrupted'))
        ) STRICT""")
    database.execute(f"""
        CREATE TABLE visits (
            {_VISITOR_KEY}, simulated_at INTEGER,
            engine TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('started', 'done', 'failed')), error TEXT,
            started_at INTEGER NOT NULL, ended_at INTEGER,
            PRIMARY KEY (run_id, visitor_id, attempt)
        ) STRICT, WITHOUT ROWID""")


@_migration
def m002_events(database: Database) -> None:
    """What visitors met and did."""
    for table in _EVENT_TABLES:
        database.execute(table)
    # What the views ask for: everything of one visitor's attempt. Impressions are found through their slate.
    database.execute(
        "CREATE INDEX slates_by_visitor ON slates"
        " (run_id, visitor_id, attempt, surface, is_fallback, latency_ms, variant)"
    )
    database.execute("CREATE INDEX clicks_by_visitor ON clicks (run_id, visitor_id, attempt, surface)")
    database.execute("CREATE INDEX plays_by_visitor ON plays (run_id, visitor_id, attempt, watch_s)")


@_migration
def m003_views(database: Database) -> None:
    """The views that analysis reads."""
    for view in VIEWS:
        database.execute(view)


@_migration
def m004_what_users_did_before(database: Database) -> None:
    """How many ratings the data hold of a visitor's user, which no variant can have changed."""
    database.execute("ALTER TABLE visitors ADD COLUMN n_ratings_before INTEGER CHECK (n_ratings_before >= 0)")


@_migration
def m005_true_labels(database: Database) -> None:
    """What simulated visitors truly are and what truly happened to their events, to score filters by."""
    for table in _LABEL_TABLES:
        database.execute(table)


@_migration
def m006_refusals_by_variant(database: Database) -> None:
    """Which variant's slate a refused event came from; "" where that is not known, as of all before."""
    database.execute("ALTER TABLE refusals RENAME TO refusals_before")
    database.execute("""
        CREATE TABLE refusals (
            run_id TEXT NOT NULL, event TEXT NOT NULL, reason TEXT NOT NULL, variant TEXT NOT NULL,
            n INTEGER NOT NULL DEFAULT 1, recorded_at INTEGER NOT NULL,
            PRIMARY KEY (run_id, event, reason, variant)
        ) STRICT, WITHOUT ROWID""")
    database.execute(
        "INSERT INTO refusals SELECT run_id, event, reason, '', n, recorded_at FROM refusals_before"
    )
    database.execute("DROP TABLE refusals_before")


@_migration
def m007_quicker_views(database: Database) -> None:
    """The same views, which count a visitor's variants only where there are several."""
    for name in ("visitor_outcomes", "impression_outcomes", "counted_clicks", "counted_plays"):
        database.execute(f"DROP VIEW {name}")
    for view in VIEWS:
        database.execute(view)


_LABEL_TABLES = (
    f"""CREATE TABLE visitor_labels (
        {_VISITOR_KEY}, {_TIMES},
        persona TEXT NOT NULL, person_index INTEGER NOT NULL,
        is_bot INTEGER NOT NULL CHECK (is_bot IN (0, 1)),
        has_ad_block INTEGER NOT NULL CHECK (has_ad_block IN (0, 1)),
        PRIMARY KEY (run_id, visitor_id, attempt)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE event_labels (
        slate_id TEXT NOT NULL, position INTEGER NOT NULL CHECK (position >= 1),
        label TEXT NOT NULL CHECK (label IN ('lost-view', 'doubled-click')), {_VISITOR_KEY}, {_TIMES},
        PRIMARY KEY (slate_id, position, label)
    ) STRICT, WITHOUT ROWID""",
)

_EVENT_TABLES = (
    f"""CREATE TABLE visitors (
        {_VISITOR_KEY}, {_TIMES},
        user_id INTEGER, persona TEXT, user_agent TEXT, is_bot INTEGER NOT NULL CHECK (is_bot IN (0, 1)),
        PRIMARY KEY (run_id, visitor_id, attempt)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE exposures (
        {_VISITOR_KEY}, {_TIMES},
        variant TEXT NOT NULL, router_claim TEXT,
        PRIMARY KEY (run_id, visitor_id, attempt)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE slates (
        slate_id TEXT PRIMARY KEY, {_VISITOR_KEY}, {_TIMES},
        surface TEXT NOT NULL, variant TEXT NOT NULL, model TEXT, model_version TEXT, latency_ms REAL,
        is_fallback INTEGER NOT NULL CHECK (is_fallback IN (0, 1)), fallback_reason TEXT,
        is_known_user INTEGER CHECK (is_known_user IN (0, 1)),
        propensity REAL CHECK (propensity > 0 AND propensity <= 1)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE impressions (
        slate_id TEXT NOT NULL, position INTEGER NOT NULL CHECK (position >= 1), {_VISITOR_KEY}, {_TIMES},
        movie_id INTEGER NOT NULL, served_at INTEGER NOT NULL, viewed_at INTEGER,
        PRIMARY KEY (slate_id, position)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE clicks (
        click_id TEXT PRIMARY KEY, {_VISITOR_KEY}, {_TIMES},
        slate_id TEXT NOT NULL, surface TEXT NOT NULL, position INTEGER NOT NULL CHECK (position >= 1),
        movie_id INTEGER NOT NULL, variant TEXT NOT NULL,
        UNIQUE (slate_id, position)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE plays (
        play_id TEXT PRIMARY KEY, {_VISITOR_KEY}, {_TIMES},
        movie_id INTEGER NOT NULL, watch_s REAL NOT NULL CHECK (watch_s >= 0),
        is_completed INTEGER NOT NULL CHECK (is_completed IN (0, 1))
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE ratings (
        rating_id TEXT PRIMARY KEY, {_VISITOR_KEY}, {_TIMES},
        movie_id INTEGER NOT NULL, stars REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE model_calls (
        call_id TEXT PRIMARY KEY, {_VISITOR_KEY}, {_TIMES},
        slate_id TEXT, variant TEXT NOT NULL, model TEXT NOT NULL, model_version TEXT, protocol TEXT NOT NULL,
        latency_ms REAL NOT NULL, error TEXT
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE refusals (
        run_id TEXT NOT NULL, event TEXT NOT NULL, reason TEXT NOT NULL,
        n INTEGER NOT NULL DEFAULT 1, recorded_at INTEGER NOT NULL,
        PRIMARY KEY (run_id, event, reason)
    ) STRICT, WITHOUT ROWID""",
)
