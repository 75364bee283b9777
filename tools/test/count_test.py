# SPDX-License-Identifier: Apache-2.0
"""Goal: each runner's numbers arrive, and no broken run looks like a good one.
Method: one row per shape of report that the runners really write."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import count  # noqa: E402


def meson(*tests):
	return "\n".join(json.dumps({"result": r, "stdout": "", "stderr": e}) for r, e in tests)


def vitest(success, passed, failed, files):
	return json.dumps({"success": success, "numPassedTests": passed, "numFailedTests": failed,
		"numTotalTests": passed + failed, "testResults": files})


GOOD_FILE = {"status": "passed", "assertionResults": [{"status": "passed"}]}
BAD_FILE = {"status": "failed", "assertionResults": [{"status": "failed"}]}
UNLOADED_FILE = {"status": "failed", "assertionResults": []}

CASES = [
	("cmocka counts its tests", "meson",
		meson(("OK", "[  PASSED  ] 7 test(s).\n")), (7, 0)),
	("cmocka failures", "meson",
		meson(("FAIL", "[  PASSED  ] 2 test(s).\n[  FAILED  ] 3 test(s), listed below:\n")),
		(2, 3)),
	("a crash behind the last test", "meson",
		meson(("FAIL", "[  PASSED  ] 2 test(s).\n")), (2, 1)),
	("a program without cmocka", "meson", meson(("OK", ""), ("TIMEOUT", "")), (1, 1)),
	("skipped is not passed", "meson", meson(("SKIP", "")), (0, 0)),
	("nothing ran", "meson", "", (0, 0)),
	("torn report", "meson", '{"result":', (0, 1)),
	("vitest passes", "vitest", vitest(True, 4, 0, [GOOD_FILE]), (4, 0)),
	("vitest fails", "vitest", vitest(False, 4, 1, [BAD_FILE]), (4, 1)),
	("a file that does not load", "vitest", vitest(False, 0, 0, [UNLOADED_FILE]), (0, 1)),
	("an error outside of tests", "vitest", vitest(False, 4, 0, [GOOD_FILE]), (4, 1)),
	("playwright", "playwright", json.dumps({"errors": [],
		"stats": {"expected": 3, "unexpected": 1, "flaky": 1, "skipped": 1}}), (3, 2)),
	("playwright without server", "playwright", json.dumps({"errors": [{}],
		"stats": {"expected": 0, "unexpected": 0, "flaky": 0, "skipped": 0}}), (0, 1)),
	("unittest passes", "unittest", "Ran 3 tests in 0.1s\n\nOK", (3, 0)),
	("unittest fails", "unittest",
		"Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)", (2, 2)),
	("plain", "plain", "x\n3 passed, 4 failed\n", (3, 4)),
	("plain without its line", "plain", "x\n", (0, 1)),
]


class CountTest(unittest.TestCase):
	def test_reports(self):
		for name, runner, text, want in CASES:
			with self.subTest(name), tempfile.NamedTemporaryFile("w") as file:
				file.write(text)
				file.flush()
				self.assertEqual(count.count(runner, file.name), want)

	def test_missing_report_is_a_failure(self):
		self.assertEqual(count.count("vitest", "/nonexistent"), (0, 1))


if __name__ == "__main__":
	unittest.main()
