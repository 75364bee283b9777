#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads one test runner's own report and prints "PASSED FAILED".

usage: count.py meson|vitest|playwright|unittest|plain FILE

A report that is missing or can't be understood is one failure: a runner that died
must never look like one that had nothing to do.
"""
import json
import re
import sys


def count_meson(text):
	"""testlog.json: one object a line and test program; cmocka programs tell how many tests
	they ran, others count as one."""
	passed = failed = 0
	for line in text.splitlines():
		test = json.loads(line)
		if test["result"] == "SKIP":
			continue
		output = test.get("stdout", "") + test.get("stderr", "")
		good = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", output))
		bad = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", output))
		is_ok = test["result"] in ("OK", "EXPECTEDFAIL")
		if is_ok and good + bad == 0:
			good = 1
		if not is_ok and bad == 0:
			bad = 1  # crashed, timed out, or a sanitizer spoke after the last test
		passed += good
		failed += bad
	return passed, failed


def count_vitest(text):
	report = json.loads(text)
	failed = report["numFailedTests"]
	# A file that can't even be loaded has no tests to fail.
	failed += sum(1 for file in report["testResults"]
		if file["status"] == "failed"
		and not any(test["status"] == "failed" for test in file["assertionResults"]))
	if not report["success"] and failed == 0 and report["numTotalTests"] > 0:
		failed = 1
	return report["numPassedTests"], failed


def count_playwright(text):
	report = json.loads(text)
	stats = report["stats"]
	# What passes only when tried again does not pass.
	failed = stats["unexpected"] + stats["flaky"] + len(report.get("errors", []))
	return stats["expected"], failed


def count_unittest(text):
	ran = int(re.findall(r"^Ran (\d+) tests? in", text, re.M)[-1])
	bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", text.splitlines()[-1]))
	skipped = sum(int(n) for n in re.findall(r"skipped=(\d+)", text.splitlines()[-1]))
	return ran - bad - skipped, bad


def count_plain(text):
	passed, failed = re.findall(r"^(\d+) passed, (\d+) failed$", text, re.M)[-1]
	return int(passed), int(failed)


RUNNERS = {
	"meson": count_meson,
	"vitest": count_vitest,
	"playwright": count_playwright,
	"unittest": count_unittest,
	"plain": count_plain,
}


def count(runner, path):
	try:
		with open(path, encoding="utf-8", errors="replace") as file:
			return RUNNERS[runner](file.read())
	except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
		print(f"count: no report of {runner} in {path}: {error!r}", file=sys.stderr)
		return 0, 1


if __name__ == "__main__":
	print(*count(sys.argv[1], sys.argv[2]))
