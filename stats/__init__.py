"""Statistics of an experiment: a plan before it, tests and a verdict after it, a report anyone can check.

Works on counts per variant, wherever they come from; nothing here knows Flask, Selenium or our event log's
writer.

    from stats import Arm, Design, build_report, compare, plan, read_outcomes, render_text

    plan(baseline=0.07, mde=0.04, alpha=0.05, power=0.9, alternative="greater").n_per_variant      # 925
    compare(Arm("control", 925, 66), Arm("treatment", 925, 104)).p_value                      # 0.0011
    outcomes = read_outcomes(Path("events.db"), "a run id")
    report = build_report(outcomes, Design(), generated_at=datetime.now(UTC))
    print(render_text(report))            # or render_html(report), or json.dumps(report_to_json(report))

| Before | `plan`, `achieved_power`, `detectable_effect`, `Design`; `plan_study`, `measure_pilot` |
| One arm | `Arm`, `wilson_interval`, `against_baseline`; `RatioArm`, `ctr_interval`, `ctr_against_baseline` |
| Two arms | `compare` (visitor CTR), `compare_ctr` (impression CTR, delta method over visitors) |
| Means | `MeanArm`, `compare_means` (plays, watch time); `fieller_interval` for any ratio |
| Several arms | `compare_several` (Dunnett, Holm); `holm`, `benjamini_hochberg` |
| Less noise | `compare_cuped`, `compare_stratified` |
| Parts | `compare_segments` (Holm, Benjamini-Hochberg, Simpson), `novelty_slope` |
| Bayesian | `compare_bayesian`, `BetaPrior`; `probabilities_best` of several |
| Harm | `guard_rate`, `guard_mean`, `guard_quantile` (non-inferiority) |
| Second opinion | `compare_by_resampling`, `fisher_test` |
| Other designs | `analyse_team_draft` (interleaving); `ips`, `snips`, `doubly_robust` (off-policy) |
| Traffic without arms | `read_interleaved`, `read_logged`, `OtherDesigns`, `build_armless_report` |
| Several looks | `spending_boundary`, `sample_size_inflation`, `stagewise_p_value`, `repeated_interval` |
| As textbooks have them | `classical_boundary`, `classical_inflation` |
| While it runs | `monitor`, `look_sizes`; `Snapshot` keeps the counts while visitors came |
| Any looks | `always_valid_comparison`, `always_valid_p_value`, `always_valid_critical_value` |
| Trust | `srm_check`, `check_health` |
| Decision | `decide`, `decision_rule` |
| Anyone's data | `read_counts`, `read_table` (CSV, Parquet, SQLite, PostgreSQL) |
| Proof | `try_block`, `try_assignments`, `judge_trials` on a `VisitorPool` |
| Two runs | `compare_runs` on two reports |
| Report | `read_runs`, `read_outcomes`, `build_report`, `render_text`, `render_html`, `report_to_json` |

What cannot be estimated raises `NotEnoughDataError` from a single estimator; `compare`, `compare_ctr`
and `build_report` return None there, with the reason in words.
"""

from stats._reach import PowerPoint
from stats.always_valid import (
    AlwaysValid,
    always_valid_comparison,
    always_valid_critical_value,
    always_valid_inflation,
    always_valid_p_value,
    mixture_information,
)
from stats.armless_report import ArmlessReport, build_armless_report
from stats.baseline import BaselineComparison, against_baseline, ctr_against_baseline
from stats.bayes import BayesianComparison, BetaPrior, compare_bayesian, probabilities_best
from stats.classical_looks import classical_boundary, classical_inflation
from stats.comparing_runs import CONFLICT, EffectOfRuns, RunComparison, compare_runs
from stats.ctr import CtrComparison, compare_ctr, ctr_interval, naive_impression_test
from stats.ctr_planning import plan_for_impressions
from stats.cuped import CupedComparison, PairedArm, compare_cuped
from stats.design import Design
from stats.details import ArmDetails, Latencies, ShownFilms
from stats.errors import (
    InvalidDesignError,
    InvalidOutcomesError,
    NotEnoughDataError,
    StatsError,
    UnknownRunError,
    UnreadableOutcomesError,
)
from stats.estimates import Comparison, Interval, TestResult
from stats.exact import fisher_test
from stats.fieller import WEAK_DENOMINATOR, fieller_g, fieller_interval, fieller_lift_interval
from stats.guarding import GUARDRAIL_METRICS, GuardrailRule
from stats.guardrails import (
    Guardrail,
    guard_mean,
    guard_quantile,
    guard_rate,
    quantile_design_effect,
)
from stats.health import MAX_FALLBACK_SHARE, Health, check_health
from stats.heterogeneity import Heterogeneity, SegmentComparison, compare_segments
from stats.interleaving import Interleaved, TeamBalance, analyse_team_draft, team_balance
from stats.judging import BAND, band_of, judge_trials
from stats.means import MeanArm, compare_means
from stats.monitoring import LookResult, Monitoring, look_sizes, monitor
from stats.multiplicity import benjamini_hochberg, holm
from stats.novelty import Novelty, novelty_slope
from stats.off_policy import (
    LoggedImpressions,
    OffPolicyEstimate,
    doubly_robust,
    ips,
    snips,
)
from stats.off_policy_sums import OffPolicySums
from stats.other_designs import (
    Demands,
    InterleavingResult,
    LoggedPolicy,
    OffPolicyResult,
    OtherDesigns,
    OtherResults,
    PolicyValue,
    TeamDraft,
)
from stats.outcomes import HOLDOUT, ArmOutcomes, Outcomes, Run, Truth
from stats.pair_results import (
    DailyResult,
    DayResult,
    GuardrailResult,
    MetricArm,
    MetricResult,
    PairResult,
    SecondOpinion,
    SegmentsResult,
    ShownResult,
    StratifiedResult,
)
from stats.pilot import Pilot, measure_pilot
from stats.planning import Plan, achieved_power, detectable_effect, plan
from stats.proportions import (
    Arm,
    compare,
    katz_interval,
    newcombe_interval,
    proportion_test,
    rate_difference,
    rate_lift,
    wilson_interval,
)
from stats.ratio_arm import RatioArm
from stats.readers import (
    LIVE_RUN,
    ColumnNames,
    DetailColumns,
    InterleavedReading,
    LoggedReading,
    Reading,
    Resources,
    read_counts,
    read_interleaved,
    read_label_score,
    read_logged,
    read_outcomes,
    read_runs,
    read_table,
    read_visitor_pool,
)
from stats.render import (
    plan_to_json,
    render_html,
    render_plan,
    render_power_curve,
    render_run_comparison,
    render_run_comparison_html,
    render_study,
    render_text,
    render_validation,
    render_validation_html,
    report_to_json,
    run_comparison_to_json,
    study_to_json,
    validation_to_json,
)
from stats.report import build_report
from stats.resampling import Resampled, VisitorTable, compare_by_resampling
from stats.results import ArmResult, CtrArmResult, CtrResult, PrimaryResult, Report, TruthCheck
from stats.second_opinions import Resampling
from stats.sequential import (
    Boundary,
    even_fractions,
    repeated_interval,
    sample_size_inflation,
    sequential_power,
    spending_boundary,
    spent_alpha,
    stagewise_p_value,
)
from stats.several_arms import (
    SeveralComparison,
    compare_several,
    dunnett_critical_value,
    dunnett_p_value,
)
from stats.shared_visitors import SharedVisitors
from stats.snapshots import Snapshot
from stats.srm import SRM_ALARM, SrmCheck, srm_check
from stats.stratification import StratifiedComparison, compare_stratified
from stats.study import PlannedLook, StudyPlan, plan_study
from stats.study_options import StudyOptions, comparison_alpha
from stats.tails import Alternative, as_alternative
from stats.trial_experiments import try_assignments, try_block
from stats.trials import BLOCK, FAULTS, SCENARIOS, Tally, TrialPlan
from stats.true_labels import LabelScore, label_score_in_words
from stats.trust import TrustCheck
from stats.validation import Check, Cost, Validation
from stats.verdict import Verdict, decide, decision_rule
from stats.visitor_pool import VisitorPool

# A name a line would make two hundred lines.
# fmt: off
__all__ = [
    "BAND", "BLOCK", "CONFLICT", "FAULTS", "GUARDRAIL_METRICS", "HOLDOUT", "LIVE_RUN", "MAX_FALLBACK_SHARE",
    "SCENARIOS", "SRM_ALARM", "WEAK_DENOMINATOR", "Alternative", "AlwaysValid", "Arm", "ArmDetails",
    "ArmOutcomes", "ArmResult", "ArmlessReport", "BaselineComparison", "BayesianComparison", "BetaPrior",
    "Boundary", "Check", "ColumnNames", "Comparison", "Cost", "CtrArmResult", "CtrComparison", "CtrResult",
    "CupedComparison", "DailyResult", "DayResult", "Demands", "Design", "DetailColumns", "EffectOfRuns",
    "Guardrail", "GuardrailResult", "GuardrailRule", "Health", "Heterogeneity", "Interleaved",
    "InterleavedReading", "InterleavingResult", "Interval", "InvalidDesignError", "InvalidOutcomesError",
    "LabelScore", "Latencies", "LoggedImpressions", "LoggedPolicy", "LoggedReading", "LookResult",
    "MeanArm", "MetricArm", "MetricResult", "Monitoring", "NotEnoughDataError", "Novelty",
    "OffPolicyEstimate", "OffPolicyResult", "OffPolicySums", "OtherDesigns", "OtherResults", "Outcomes",
    "PairResult", "PairedArm", "Pilot", "Plan", "PlannedLook", "PolicyValue", "PowerPoint", "PrimaryResult",
    "RatioArm", "Reading", "Report", "Resampled", "Resampling", "Resources", "Run", "RunComparison",
    "SecondOpinion", "SegmentComparison", "SegmentsResult", "SeveralComparison", "SharedVisitors",
    "ShownFilms", "ShownResult", "Snapshot", "SrmCheck", "StatsError", "StratifiedComparison",
    "StratifiedResult", "StudyOptions", "StudyPlan", "Tally", "TeamBalance", "TeamDraft", "TestResult",
    "TrialPlan", "TrustCheck", "Truth", "TruthCheck", "UnknownRunError", "UnreadableOutcomesError",
    "Validation", "Verdict", "VisitorPool", "VisitorTable", "achieved_power", "against_baseline",
    "always_valid_comparison", "always_valid_critical_value", "always_valid_inflation",
    "always_valid_p_value", "analyse_team_draft", "as_alternative", "band_of", "benjamini_hochberg",
    "build_armless_report", "build_report", "check_health", "classical_boundary", "classical_inflation",
    "compare", "compare_bayesian", "compare_by_resampling", "compare_ctr", "compare_cuped",
    "compare_means", "compare_runs", "compare_segments", "compare_several", "compare_stratified",
    "comparison_alpha", "ctr_against_baseline", "ctr_interval", "decide", "decision_rule",
    "detectable_effect", "doubly_robust", "dunnett_critical_value", "dunnett_p_value", "even_fractions",
    "fieller_g", "fieller_interval", "fieller_lift_interval", "fisher_test", "guard_mean", "guard_quantile",
    "guard_rate", "holm", "ips", "judge_trials", "katz_interval", "label_score_in_words", "look_sizes",
    "measure_pilot", "mixture_information", "monitor", "naive_impression_test", "newcombe_interval",
    "novelty_slope", "plan", "plan_for_impressions", "plan_study", "plan_to_json", "probabilities_best",
    "proportion_test", "quantile_design_effect", "rate_difference", "rate_lift", "read_counts",
    "read_interleaved", "read_label_score", "read_logged", "read_outcomes", "read_runs", "read_table",
    "read_visitor_pool", "render_html", "render_plan", "render_power_curve", "render_run_comparison",
    "render_run_comparison_html", "render_study", "render_text", "render_validation",
    "render_validation_html", "repeated_interval", "report_to_json", "run_comparison_to_json",
    "sample_size_inflation", "sequential_power", "snips", "spending_boundary", "spent_alpha", "srm_check",
    "stagewise_p_value", "study_to_json", "team_balance", "try_assignments", "try_block",
    "validation_to_json", "wilson_interval",
]
# fmt: on
