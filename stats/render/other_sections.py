"""The sections on traffic that was not split into arms: interleaving, and off-policy."""

from stats.other_designs import InterleavingResult, OffPolicyResult, OtherResults
from stats.render.blocks import Section, Table, as_sentences
from stats.wording import (
    ABSENT,
    bare_points,
    counted,
    exact_percent,
    p_phrase,
    policy_value,
    policy_value_interval,
    rate,
    rate_interval,
    short_p,
    signed,
    signed_interval,
)


def other_sections(results: OtherResults) -> tuple[Section, ...]:
    """Return the sections of what there is."""
    found = []
    if results.interleaving is not None:
        found.append(interleaving_section(results.interleaving))
    if results.off_policy is not None:
        found.append(off_policy_section(results.off_policy))
    return tuple(found)


def interleaving_section(result: InterleavingResult) -> Section:
    """Visitors won by each team, the preference with its test, and what it does not say."""
    draft, found = result.draft, result.found
    title = f"Interleaving: {draft.control}'s or {draft.treatment}'s films?"
    checks = (_balance_sentence(result), *_bots_sentence(draft.n_bots))
    if found is None:
        return Section("interleaving", title, (*checks, *as_sentences((result.missing,))))
    n = found.n_treatment + found.n_control + found.n_ties
    shares = Table(
        ("Visitors with more clicks on films of", "Visitors", "Share"),
        (
            (draft.treatment, f"{found.n_treatment:,}", rate(found.n_treatment / n)),
            (draft.control, f"{found.n_control:,}", rate(found.n_control / n)),
            (
                "both alike",
                f"{found.n_ties - found.n_without_click:,}",
                rate((found.n_ties - found.n_without_click) / n),
            ),
            ("neither: no click", f"{found.n_without_click:,}", rate(found.n_without_click / n)),
        ),
    )
    return Section("interleaving", title, (shares, _preference_table(result), *_meaning(result), *checks))


def _preference_table(result: InterleavingResult) -> Table:
    found, treatment = result.found, result.draft.treatment
    if found is None:
        return Table((), ())
    return Table(
        ("Preference", "Estimate", f"{exact_percent(result.confidence)} interval", "p", "Test"),
        (
            (
                f"{treatment} preferred",
                rate(found.preference),
                rate_interval(found.preference_ci),
                short_p(found.sign_p_value),
                "sign",
            ),
            ("Delta (0: none)", signed(found.delta), signed_interval(found.delta_ci), "-", "-"),
            (
                "clicks more a visitor",
                signed(found.margin),
                signed_interval(found.margin_ci),
                short_p(found.margin_p_value),
                "t",
            ),
        ),
    )


def _meaning(result: InterleavingResult) -> tuple[str, ...]:
    found, draft = result.found, result.draft
    if found is None:
        return ()
    ahead = draft.treatment if found.preference > 1 / 2 else draft.control
    share = max(found.preference, 1 - found.preference)
    is_significant = found.sign_p_value < result.alpha
    verb = "is" if is_significant else "is not"
    sided = "two-sided" if result.alternative == "two-sided" else f"one-sided, {result.alternative}"
    return (
        (
            f"Of those who preferred one, {rate(share)} preferred {ahead}'s films; that {verb} significant "
            f"at alpha {exact_percent(result.alpha)} (exact sign test over visitors, {sided}: "
            f"{p_phrase(found.sign_p_value)}), at one look."
        ),
        (
            "Delta: (wins + ties / 2) / visitors who clicked, minus 1/2 (Chapelle et al. 2012). A preference "
            "side by side is no difference in CTR: it says whose films are clicked when both are offered, "
            "not how many more visitors click, come back or watch."
        ),
    )


def _balance_sentence(result: InterleavingResult) -> str:
    balance = result.draft.balance
    if balance is None:
        return "Not checked: whether both teams had as many films; that takes rows or counts of impressions."
    shown = f"{balance.n_control:,} films of {result.draft.control} and {balance.n_treatment:,} of "
    chance = f", {p_phrase(balance.p_value)}" if balance.p_value is not None else ""
    state = "ok" if balance.is_ok else "FAILED, nothing here is to be believed"
    return f"Check, both teams shown alike: {state}; {shown}{result.draft.treatment}{chance}."


def _bots_sentence(n_bots: int) -> tuple[str, ...]:
    return (f"Left out: {counted(n_bots, 'bot')}.",) if n_bots else ()


def off_policy_section(result: OffPolicyResult) -> Section:
    """The target policy's value by each method, beside that of the policy that logged, and its caveats."""
    title, sums = "Off-policy: what the target policy would have earned", result.logged.sums
    if not result.estimates:
        return Section("off-policy", title, as_sentences((result.missing,)))
    effective = Table(
        ("Overlap of the policies", "Found"),
        (
            ("visitors", f"{sums.n_visitors:,}"),
            ("impressions logged", f"{sums.n_impressions:,}"),
            ("impressions after weighting (effective sample size)", f"{sums.effective_n:,.1f}"),
            ("largest weight", f"{sums.largest_weight:.3g}"),
            ("impressions the target policy would never show", f"{sums.n_never:,}"),
        ),
    )
    return Section(
        "off-policy",
        title,
        (
            _values_table(result),
            effective,
            *_reading(result),
            _weights_sentence(result),
            *_bots_sentence(result.logged.n_bots),
            *(f"WARNING: {warning}." for warning in result.warnings),
        ),
    )


def _values_table(result: OffPolicyResult) -> Table:
    """What was earned, and the target's value by each method; the difference in points where it is a rate."""
    share = result.is_share
    rows = [
        (
            "as logged",
            policy_value(result.logging_value, is_share=share),
            policy_value_interval(result.logging_ci, is_share=share),
            *("-", "-", "-"),
        )
    ]
    rows += [
        (
            found.method,
            policy_value(found.value, is_share=share),
            policy_value_interval(found.interval, is_share=share),
            f"{100 * found.difference:+.2f}" if share else signed(found.difference),
            bare_points(found.difference_ci) if share else signed_interval(found.difference_ci),
            short_p(found.p_value),
        )
        for found in result.estimates
    ]
    interval = f"{exact_percent(result.confidence)} interval"
    unit = "Points" if share else "Change"
    return Table(("Mean reward", "Value", interval, unit, interval, "p"), tuple(rows))


def _reading(result: OffPolicyResult) -> tuple[str, ...]:
    best = result.best
    if best is None:
        return ()
    sided = "two-sided" if result.alternative == "two-sided" else f"one-sided, {result.alternative}"
    if best.p_value is None:
        verdict = "earns as much from every visitor"
    elif best.difference_ci.contains(0):
        verdict = "is not shown to earn more or less"
    else:
        verdict = f"would have earned {'more' if best.difference > 0 else 'less'}"
    return (
        (
            f"By {best.method}, the target policy {verdict}. Read doubly robust first, then SNIPS; IPS is "
            f"unbiased and noisy. Errors are of visitors, p is {sided}, of one look."
        ),
        (
            "It holds if the logged chances are those that were used, and says nothing of films the log "
            "never showed, nor of what showing others would change later. An A/B test tells that."
        ),
    )


def _weights_sentence(result: OffPolicyResult) -> str:
    mean = ABSENT if result.mean_weight is None else f"{result.mean_weight:.3f}"
    chance = "" if result.mean_weight_p_value is None else f", {p_phrase(result.mean_weight_p_value)}"
    state = "FAILED, nothing here is to be believed" if result.failures else "ok"
    return f"Check, target chance / propensity has mean 1: {state}; {mean}{chance}."
