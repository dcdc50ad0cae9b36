"""The sentences of `stats` and the words within them, as patterns; a test holds them against its reports.

Placeholders say what stands in them: `said` another pattern, `list` several of them, with semicolons between;
`control`, `treatment`, `variant`, `segment`, `name` a name; anything else numbers.
"""

from website.words import marked

_VERDICTS = (
    marked("Invalid: %(list)s. Find the cause before reading any result."),
    marked("Ship %(treatment)s: %(said1)s, %(said2)s."),
    marked("Ship %(treatment)s, the only one better of %(n)s: %(said)s."),
    marked("Ship %(treatment)s, the best of %(n_better)s that are better of %(n)s: %(said)s."),
    marked("Keep %(control)s: %(treatment)s is worse; %(said1)s, %(said2)s."),
    marked("Keep %(control)s: %(treatment)s is better, %(said)s, but a guardrail is not held: %(list)s."),
    marked("Keep %(control)s: none of %(n)s treatments is significantly better (%(list)s; after %(name)s)."),
    marked(
        "Keep %(control)s: no significant %(said1)s, %(said2)s. The interval rules out a %(said3)s "
        "of %(mde)s, the MDE."
    ),
    marked(
        "Keep %(control)s: no significant %(said1)s, %(said2)s. The interval does not rule out a "
        "%(said3)s of %(mde)s, the MDE."
    ),
    marked("Keep %(control)s: no significant %(said1)s, %(said2)s."),
    marked("Inconclusive: no visitor was exposed; %(n)s are planned."),
    marked("Inconclusive: no test can be made; %(said)s."),
    marked(
        "Inconclusive: not enough visitors, so far %(n)s of the planned %(planned)s (%(each)s per "
        "variant). The decision is made at the planned size, not before."
    ),
    marked(
        "Inconclusive: not enough visitors, %(n)s of the planned %(planned)s (%(each)s per variant). "
        "The decision is made at the planned size, not before."
    ),
    marked(
        "Inconclusive so far: %(n)s of the planned %(planned)s visitors, %(said)s. Always-valid: "
        "look again at any time."
    ),
    marked(
        "Inconclusive so far: at look %(number)s of %(n_looks)s (%(n)s of %(planned)s visitors) "
        "%(said)s, the boundary is %(boundary)s. The next look is at %(next)s visitors."
    ),
    marked(
        "Inconclusive so far: at look %(number)s of %(n_looks)s (%(n)s of %(planned)s visitors) "
        "%(said)s, the boundary is %(boundary)s."
    ),
    marked("Inconclusive so far: %(said)s."),
)
_EVIDENCE = (
    marked("%(rate)s of its visitors clicked against %(other)s of %(control)s's"),
    marked("%(rate)s of its impressions were clicked against %(other)s of %(control)s's"),
    marked(
        "%(rate)s against %(other)s of %(control)s's, %(points)s (%(level)s interval %(low)s to "
        "%(high)s; %(p)s after %(name)s)"
    ),
    marked("%(points)s (%(level)s interval %(low)s to %(high)s; one-sided %(p)s)"),
    marked("%(points)s (%(level)s interval %(low)s to %(high)s; two-sided %(p)s)"),
    marked("%(points)s (%(level)s interval n/a; one-sided %(p)s)"),
    marked("%(points)s (%(level)s interval n/a; two-sided %(p)s)"),
    marked("%(treatment)s %(points)s points, p = %(p)s"),
    marked("%(treatment)s %(points)s points, p < %(p)s"),
    marked("difference"),
    marked("gain"),
    marked("drop"),
    marked("no statistic yet"),
    marked("z = %(z)s"),
    marked("p = %(p)s"),
    marked("p < %(p)s"),
)
_FAILURES = (
    marked(
        "the arms (%(sizes)s) do not have the sizes the split intends (sample-ratio %(p)s, alarm "
        "under %(alarm)s)"
    ),
    marked("1 visitor met more than one variant"),
    marked("%(n)s visitors met more than one variant"),
    marked("%(rate)s of %(variant)s's slates were fallbacks (limit %(limit)s)"),
    marked("%(said1)s: %(said2)s"),
    marked("%(said)s may be worse by %(margin)s or more"),
)
_CHECKS = (
    marked("split by %(said)s"),
    marked("visitors alike before the test"),
    marked("bots alike in all arms"),
    marked("lost view reports alike in all arms"),
    marked("repeated clicks alike in all arms"),
    marked("too few visitors in every part"),
    marked("1 part, least %(p)s (Holm) at %(segment)s"),
    marked("%(n)s parts, least %(p)s (Holm) at %(segment)s"),
    marked("mean past %(means)s, p = %(p)s"),
    marked("mean past %(means)s, p < %(p)s"),
    marked("mean past %(means)s"),
    marked("%(variant1)s none, %(variant2)s none"),
    marked("%(said)s: doubt the impression CTR"),
    marked("%(said)s: is one arm slow?"),
    marked("%(variant1)s %(share1)s%%, %(variant2)s %(share2)s%%, p = %(p)s"),
    marked("%(variant1)s %(share1)s%%, %(variant2)s %(share2)s%%, p < %(p)s"),
    marked("%(variant1)s %(share1)s%%, %(variant2)s %(share2)s%%"),
    marked("%(n)s visitors are too few to check the split; each variant must expect at least %(least)s"),
)
_DIMENSIONS = (
    marked("day"),
    marked("persona"),
    marked("history"),
    marked("device"),
    marked("user agent"),
)
_MISSING = (
    marked("%(variant)s has no visitor; a rate needs at least 1"),
    marked("%(variant)s has no visitor; an interval or a test needs at least %(least)s in each arm"),
    marked("%(variant)s has 1 visitor; an interval or a test needs at least %(least)s in each arm"),
    marked("%(variant)s has %(n)s visitors; an interval or a test needs at least %(least)s in each arm"),
    marked("none of %(variant)s's %(n)s visitors clicked; a lift over %(control)s needs at least 1 who did"),
    marked("none of %(variant)s's %(n)s visitors clicked; an interval of the lift needs at least 1"),
    marked("every visitor of both arms clicked; an interval of the lift needs one who did not"),
    marked("no visitor of either arm clicked; a test needs some who did and some who did not"),
    marked("every visitor of both arms clicked; a test needs some who did and some who did not"),
    marked("all visitors of both arms have the same value; a test needs variation"),
    marked("all visitors of %(variant)s have the same value; an interval needs variation"),
    marked("%(variant)s has a mean of 0, or an arm is empty; there is no lift"),
    marked("%(variant)s has %(n)s of the %(least)s visitors that a variance needs"),
    marked("%(variant)s has %(n)s of the %(least)s visitors it needs"),
    marked(
        "%(variant)s has %(n)s successes and %(other)s failures; an always-valid statement needs at "
        "least %(least)s of each"
    ),
    marked("nothing tells the %(said)s of an arm"),
    marked("no visitor has come"),
    marked("so early a look gives no interval"),
    marked("the first of %(n_looks)s looks comes at %(n)s visitors"),
    marked("a group sequential test has a p-value once it has ended"),
)
_METHODS = (
    marked("two-proportion z, pooled"),
    marked("Fisher exact"),
    marked("Fisher exact (few visitors)"),
    marked("delta method"),
    marked("delta method over visitors"),
    marked("always-valid, normal mixture"),
    marked("stagewise after look %(number)s of %(n)s"),
    marked("order statistics of %(name)s"),
    marked("%(name)s, always-valid"),
    marked("%(name)s, repeated"),
)
_NOTICES = (
    marked(
        "%(said)s %(n)s of the planned %(planned)s visitors have come. A fixed-horizon p-value is valid "
        "only at the planned size; until then no p-value below is a result."
    ),
    marked(
        "%(said)s %(n)s visitors have come, %(planned)s were planned. A fixed-horizon p-value is valid only "
        "at the planned size, looked at once; every further look adds to the chance of a false alarm."
    ),
    marked(
        "%(said)s %(n)s visitors have come. The primary p-value and its intervals hold at any time. All "
        "other p-values are of a fixed horizon, valid only at the planned %(planned)s visitors."
    ),
    marked(
        "%(said)s %(n)s visitors have come. The primary metric is tested at %(sizes)s visitors only, each "
        "time on those who had come by then, however often this report is opened. All other p-values are of "
        "a fixed horizon, valid only at the planned %(planned)s visitors."
    ),
    marked("This run is still going."),
    marked("This run is still going, or was killed: resume it then, to complete the plan."),
    marked("This run was interrupted; resume it to complete the plan."),
    marked("1 visitor of the %(planned)s sent never reached a home page and could not be assigned."),
    marked("%(n)s visitors of the %(planned)s sent never reached a home page and could not be assigned."),
    marked("All 1 visitor seen were flagged as bots and left out."),
    marked("All %(n)s visitors seen were flagged as bots and left out."),
    marked(
        "%(variant)s itself runs at %(rate)s (interval %(low)s to %(high)s), so the baseline of %(baseline)s "
        "looks out of date; the arms' comparison does not depend on it."
    ),
    marked(
        "The %(level)s interval reaches 0 although the test is significant: %(said)s; they also use "
        "different variances. The rule goes by the test."
    ),
    marked("the interval is two-sided, the test is one-sided at %(alpha)s"),
    marked("both are two-sided, but the interval leaves out %(outside)s, and alpha is %(alpha)s"),
)
_METRICS = (
    *(marked("visitor CTR"), marked("impression CTR"), marked("clicks"), marked("plays")),
    *(marked("completed plays"), marked("watch time"), marked("dwell"), marked("ratings")),
    *(marked("bounce rate"), marked("fallback rate"), marked("latency p95"), marked("coverage")),
    marked("diversity"),
)
# What `experiment` says of its tables.
TABLES = (
    marked("one row per visitor who met the experiment: what analysis reads"),
    marked("one row per film served in a slate"),
    marked("clicks on recommended films that count"),
    marked("films watched that count"),
    marked("every attempt's variant"),
    marked("every slate, with its model and latency"),
    marked("the simulator's ledger"),
)
PATTERNS = (
    *_VERDICTS,
    *_EVIDENCE,
    *_CHECKS,
    *_FAILURES,
    *_DIMENSIONS,
    *_MISSING,
    *_METHODS,
    *_NOTICES,
    *_METRICS,
)
UNITS = (marked("points"), marked("point"))
