"""Behaviours that matter, each broken in a copy of the source: a test has to fail on each.

``python -m tests.mutations`` (`make mutations`) breaks one after the other, runs the test that is
to catch it, and prints the table that CONTRIBUTING has.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from exoplanet.environment import BASE_DIR

HEADER = ("| behaviour | broken in | the test that fails |", "|---|---|---|")


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A line of the source that is replaced by one that breaks a behaviour."""

    behaviour: str
    file: str
    old: str
    new: str
    test: str

    @property
    def source(self) -> str:
        return (BASE_DIR / self.file).read_text(encoding="utf-8")

    def in_markdown(self) -> str:
        return f"| {self.behaviour} | `{self.file}` | `{self.test}` |"

    def is_caught(self, copy: Path) -> bool:
        """Break the behaviour in a copy of the project, and tell whether the test fails on it."""
        path = copy / self.file
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace(self.old, self.new), encoding="utf-8")
        try:
            ran = subprocess.run(
                [sys.executable, "-m", "pytest", "--quiet", "--exitfirst", self.test],
                cwd=copy,
                check=False,
                capture_output=True,
                text=True,
            )
        finally:
            path.write_text(whole, encoding="utf-8")
        # 1 says that tests ran and failed; whatever else is no proof.
        return ran.returncode == 1


MUTATIONS = (
    Mutation(
        behaviour="a column that states the label cannot be declared as a feature",
        file="mlcore/datasets/spec.py",
        old="if self.role is Role.FEATURE and self.leak is not None:",
        new="if False:",
        test="tests/mlcore/datasets/test_registry.py"
        "::test_a_feature_with_a_leak_reason_cannot_be_declared",
    ),
    Mutation(
        behaviour="a star is never on both sides of the fixed split",
        file="mlcore/datasets/splits.py",
        old="return np.asarray(tested[star_of_row], dtype=bool)",
        new="return np.arange(len(star_of_row)) % 5 == 0",
        test="tests/mlcore/datasets/test_splits.py"
        "::test_a_star_is_never_on_both_sides_of_the_split",
    ),
    Mutation(
        behaviour="a star is never on both sides of a fold",
        file="mlcore/model_selection/folds.py",
        old="division.split(strata, strata, hosts.to_numpy())",
        new="division.split(strata, strata, np.arange(len(hosts)))",
        test="tests/mlcore/model_selection/test_folds.py",
    ),
    Mutation(
        behaviour="candidates are never trained on when planets are told from false positives",
        file="mlcore/model_selection/folds.py",
        old="learnt = task.decided(rows.labels) | undecided",
        new="learnt = task.decided(rows.labels) | True",
        test="tests/mlcore/model_selection/test_folds.py",
    ),
    Mutation(
        behaviour="probabilities are calibrated on stars that were held out",
        file="mlcore/model_selection/folds.py",
        old="model = fit(rows.take(learnt & ~out_of_fold), seed)",
        new="model = fit(rows.take(learnt), seed)",
        test="tests/mlcore/training/test_out_of_fold.py",
    ),
    Mutation(
        behaviour="a session is claimed once, however often its task is delivered",
        file="sessions_app/lifecycle.py",
        old="waiting = sessions.filter(pk=session_id, status=Status.QUEUED)",
        new="waiting = sessions.filter(pk=session_id)",
        test="tests/sessions_app/test_lifecycle.py",
    ),
    Mutation(
        behaviour="what was cancelled cannot be completed",
        file="sessions_app/lifecycle.py",
        old="Status.COMPLETED, origins={Status.RUNNING}, fields=result",
        new="Status.COMPLETED, origins=set(Status), fields=result",
        test="tests/sessions_app/test_lifecycle.py",
    ),
    Mutation(
        behaviour="a session is given up after its third interruption",
        file="sessions_app/lifecycle.py",
        old='attempts__lt=F("attempts_before") + tries',
        new="attempts__lt=10**6",
        test="tests/sessions_app/test_lifecycle.py",
    ),
    Mutation(
        behaviour="a user's session does not exist for another user",
        file="sessions_app/access/ownership.py",
        old="return self.staff or not is_private(owner_key) or owner_key == self.key",
        new="return True",
        test="tests/sessions_app/api/test_ownership.py"
        "::test_a_users_session_does_not_exist_for_another_user",
    ),
    Mutation(
        behaviour="lists hold one's own sessions alone",
        file="sessions_app/access/ownership.py",
        old="return sessions.filter(owner_key=self.key) if self.key else sessions.none()",
        new="return sessions",
        test="tests/sessions_app/api/test_ownership.py",
    ),
    Mutation(
        behaviour="JSON is strict: neither NaN nor Infinity, ever",
        file="mlcore/_json.py",
        old="if isinstance(part, float) and not math.isfinite(part):",
        new="if False:",
        test="tests/mlcore/evaluation/test_report.py::test_a_report_is_strict_json",
    ),
    Mutation(
        behaviour="contributions add up to the model's output",
        file="mlcore/inspection/shap/trees.py",
        old="base = ensemble.columns_as_compared(baseline)",
        new="base = ensemble.columns_as_compared(baseline * 1.01)",
        test="tests/mlcore/inspection/shap/test_explain.py"
        "::test_the_contributions_and_the_base_add_up_to_the_models_output",
    ),
    Mutation(
        behaviour="sets hold the truth as often as promised",
        file="mlcore/calibration/conformal.py",
        old="p_values > 1 - coverage + _ROUNDING",
        new="p_values > 2 * (1 - coverage) + _ROUNDING",
        test="tests/mlcore/calibration/test_conformal.py",
    ),
    Mutation(
        behaviour="an interval draws whole stars",
        file="mlcore/metrics/resampling.py",
        old="codes, names = pd.factorize(np.asarray(hosts, dtype=object))",
        new="codes, names = pd.factorize(np.arange(len(hosts)))",
        test="tests/mlcore/metrics/test_resampling.py",
    ),
    Mutation(
        behaviour="a saved model whose files were changed is not loaded",
        file="mlcore/persistence/artifact.py",
        old="if not path.is_file() or _sha256(path) != expected:",
        new="if not path.is_file():",
        test="tests/mlcore/persistence/test_artifact.py",
    ),
    Mutation(
        behaviour="a saved model of a type that is not trusted is not loaded",
        file="mlcore/persistence/artifact.py",
        old="strange = set(skops.io.get_untrusted_types(file=path)) - set(trusted)",
        new="strange = set()",
        test="tests/mlcore/persistence/test_artifact.py"
        "::test_a_type_that_is_not_trusted_is_refused",
    ),
    Mutation(
        behaviour="a file that is too large is refused while it comes in",
        file="sessions_app/files/upload_handler.py",
        old='raise _too_large(self.field_name or "file")',
        new="pass",
        test="tests/sessions_app/files/test_upload_handler.py",
    ),
    Mutation(
        behaviour="a request that is sent twice with one key starts one session",
        file="sessions_app/services/idempotency.py",
        old="if earlier is not None:",
        new="if False:",
        test="tests/sessions_app/api/test_idempotency.py",
    ),
    Mutation(
        behaviour="passwords cannot be guessed fast",
        file="sessions_app/access/request_counts.py",
        old="return 0 if requests <= per_minute else",
        new="return 0 if True else",
        test="tests/sessions_app/api/test_throttling.py::test_passwords_cannot_be_guessed_fast",
    ),
    Mutation(
        behaviour="K2 counts one row a planet",
        file="mlcore/datasets/checking.py",
        old="if dataset.one_row_per_object is not None:",
        new="if False:",
        test="tests/mlcore/datasets/test_table.py",
    ),
    Mutation(
        behaviour="a job ends at its deadline, inside C code too",
        file="sessions_app/isolation/host.py",
        old="if now >= self.until:",
        new="if False:",
        test="tests/sessions_app/isolation/test_ending_a_job.py"
        "::test_a_deadline_ends_a_job_deep_inside_c_code",
    ),
    Mutation(
        behaviour="the label is the most probable class",
        file="mlcore/prediction/scoring.py",
        old="self.probabilities.argmax(axis=1)",
        new="self.probabilities.argmin(axis=1)",
        test="tests/mlcore/prediction/test_predict.py"
        "::test_the_label_is_always_the_most_probable_class",
    ),
    Mutation(
        behaviour="an uncertainty without a unit is in the one that its value states",
        file="mlcore/datasets/headings/matching.py",
        old="    doubtful = _errors_follow(chosen, dataset)\n",
        new="    doubtful: frozenset[str] = frozenset()\n",
        test="tests/mlcore/datasets/test_table.py"
        "::test_an_uncertainty_without_a_unit_is_in_the_one_of_its_value",
    ),
    Mutation(
        behaviour="an object that is listed twice is no sibling of itself",
        file="mlcore/features/siblings.py",
        old="around.everything.first[around.begin + i] != j",
        new="around.begin + i != j",
        test="tests/mlcore/features/test_siblings.py"
        "::test_an_object_that_is_listed_twice_is_no_sibling_of_itself_and_one_of_others",
    ),
)


def in_markdown() -> str:
    """Return the table that CONTRIBUTING has."""
    return "\n".join((*HEADER, *(mutation.in_markdown() for mutation in MUTATIONS)))


def main() -> int:
    """Break each behaviour and print which one no test minded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only behaviours with this word")
    word = parser.parse_args().word
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        # Postgres' user has to enter it when root runs the tests.
        Path(folder).chmod(0o755)
        unneeded = shutil.ignore_patterns(".git", ".venv", ".state", "__pycache__", "_build")
        shutil.copytree(BASE_DIR, copy, ignore=unneeded)
        for mutation in MUTATIONS:
            if word not in mutation.behaviour:
                continue
            caught = mutation.is_caught(copy)
            sys.stdout.write(f"{'caught' if caught else 'MISSED'}: {mutation.behaviour}\n")
            sys.stdout.flush()
            if not caught:
                missed.append(mutation)
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
