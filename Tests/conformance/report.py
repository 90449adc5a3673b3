"""The counts of a run of array-api-tests, from its JUnit file: report.py RESULTS_XML."""

import sys
from xml.etree import ElementTree

# What must pass of the tests that apply to real dtypes.
LEAST = 0.95


def outcome(case):
    """passed, failed (or an error), listed as failing, or skipped."""
    skipped = case.find("skipped")
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if skipped is None:
        return "passed"
    return "listed" if skipped.get("type") == "pytest.xfail" else "skipped"


def main(path):
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"no results: {error}\n0 passed, 1 failed")
        return 1
    names = {"passed": [], "failed": [], "listed": [], "skipped": []}
    for case in cases:
        names[outcome(case)].append(f"{case.get('classname').replace('.', '/')}.py::{case.get('name')}")
    for name in names["failed"]:
        print(f"FAILED  {name}")
    passed, failed, listed, skipped = (len(names[kind]) for kind in names)
    applies = passed + failed + listed
    share = passed / applies if applies else 0.0
    print(f"of {len(cases)} tests {applies} apply to real dtypes: {100 * share:.2f} % pass, {listed} are listed as failing")
    if share < LEAST:
        print(f"less than {100 * LEAST:.0f} % pass")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or share < LEAST else 0


sys.exit(main(sys.argv[1]))
