"""scikit-learn's own checks of estimators: all that its counterparts pass."""

import collections
import functools
import warnings

import pytest

sklearn = pytest.importorskip("sklearn")

import sklearn.linear_model as theirs  # noqa: E402
from sklearn.utils._test_common.instance_generator import PER_ESTIMATOR_CHECK_PARAMS  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

import talweg as tw  # noqa: E402

NAMES = tw.linear_model.__all__


@functools.cache
def outcomes(module, name):
    """Of each check by its name, and its number among those of the name: how it ended, and with what."""
    kind = getattr(module, name)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        # Some checks go through several sets of parameters, which are listed by the class.
        if getattr(theirs, name) in PER_ESTIMATOR_CHECK_PARAMS:
            patch.setitem(PER_ESTIMATOR_CHECK_PARAMS, kind, PER_ESTIMATOR_CHECK_PARAMS[getattr(theirs, name)])
        results = check_estimator(kind(), on_fail=None)
    found, seen = {}, collections.Counter()
    for result in results:
        check = result["check_name"]
        found[check, seen[check]] = result["status"], repr(result["exception"])
        seen[check] += 1
    return found


def test_all_estimators_are_here():
    assert len(NAMES) == 15 and all(hasattr(theirs, name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_checks(name):
    ours, others = outcomes(tw.linear_model, name), outcomes(theirs, name)
    failed = {check: error for check, (status, error) in ours.items() if status == "failed"}
    # Nothing fails but what fails there too.
    assert {check: error for check, error in failed.items() if others.get(check, [""])[0] != "failed"} == {}
    passed = {check for check, (status, _) in others.items() if status == "passed"}
    assert len(passed) > 40
    assert {check: ours.get(check, "not run") for check in passed if ours.get(check, [""])[0] != "passed"} == {}
