# SPDX-License-Identifier: Apache-2.0
"""Goal: ./run and ./test say plainly what they do not know, install only what is missing, and never
take a run that did nothing for a good one.
Method: the scripts themselves, with stand-ins for apt-get and sudo, and tables of made-up steps."""
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


def run(*words, cwd=ROOT, env=None):
	return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=60,
		stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})


def bash(script, cwd=ROOT, env=None):
	return run("bash", "-c", "set -euo pipefail\n" + script, cwd=cwd, env=env)


class FlagsTest(unittest.TestCase):
	def test_help_needs_nothing(self):
		for script in ("./run", "./test"):
			# An empty PATH but for what every Debian has: nothing can be installed or built.
			done = run(script, "--help", env={"PATH": "/usr/bin:/bin"})
			self.assertEqual((done.returncode, done.stderr), (0, ""))
			self.assertIn("usage: " + script, done.stdout)

	def test_help_of_test_lists_every_step(self):
		listed = run("./test", "--help").stdout
		with open(os.path.join(ROOT, "tools/test/steps.sh"), encoding="utf-8") as file:
			names = [line.split()[1] for line in file if line.startswith("step ")]
		self.assertGreater(len(names), 5)
		for name in names:
			self.assertRegex(listed, rf"(?m)^  {name} ")

	def test_unknown_flags(self):
		for words in (["./run", "--nonsense"], ["./run", "here"], ["./run", "--listen"],
				["./run", "--data", ""], ["./test", "--nonsense"]):
			done = run(*words)
			self.assertEqual(done.returncode, 2, words)
			self.assertIn("--help", done.stderr)

	def test_calls_are_not_there(self):
		done = run("./run", "--calls")
		self.assertEqual(done.returncode, 2)
		self.assertIn("not part of this version", done.stderr)


class SetupTest(unittest.TestCase):
	def test_only_what_is_missing(self):
		done = bash('. tools/setup.sh; packages_x="bash no-such-package-a"; packages_y="dpkg'
			' no-such-package-b"; missing_packages x y')
		self.assertEqual(done.stdout.split(), ["no-such-package-a", "no-such-package-b"])

	def test_nothing_missing_is_silent_and_calls_nothing(self):
		done = bash('. tools/setup.sh; apt_as_root() { echo called; }; packages_x="bash dpkg";'
			' need_packages x')
		self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

	def test_says_what_it_installs(self):
		done = bash('. tools/setup.sh; apt_as_root() { echo "apt $*"; }; packages_x="bash'
			' no-such-a no-such-b"; need_packages x')
		self.assertEqual(done.returncode, 0)
		self.assertEqual(done.stderr.count("\n"), 1)
		self.assertIn("no-such-a no-such-b", done.stderr)
		self.assertNotIn("bash", done.stderr)

	def test_failure_is_told(self):
		done = bash('. tools/setup.sh; apt_as_root() { echo "E: no network"; return 100; };'
			' packages_x="no-such-a"; need_packages x')
		self.assertEqual(done.returncode, 1)
		self.assertIn("E: no network", done.stderr)
		self.assertIn("could not install", done.stderr)

	def test_without_root_and_sudo(self):
		done = bash('. tools/setup.sh; id() { echo 1000; }; sudo() { :; }; unset -f sudo;'
			' PATH=/nonexistent; apt_as_root no-such-a')
		self.assertEqual(done.returncode, 1)
		self.assertIn("needs root or sudo", done.stderr)


class RunnerTest(unittest.TestCase):
	"""Tables of made-up steps, run by the real runner."""

	def run_steps(self, steps, names="", quick="no"):
		with tempfile.TemporaryDirectory() as folder:
			os.symlink(os.path.join(ROOT, "tools"), os.path.join(folder, "tools"))
			done = bash(f"quick={quick}; names=({names}); . tools/test/runner.sh\n"
				f"steps_named=(good)\n{steps}\nrun_steps", cwd=folder)
			return done, done.stdout.strip().splitlines()[-1]

	GOOD = 'step good q "x"\nstep_good() { echo "3 0" >>"$step_counts"; }\n'

	def test_sums(self):
		done, last = self.run_steps(self.GOOD
			+ 'step two . "x"\nstep_two() { echo "1 0" >>"$step_counts"; echo "1 0" >>"$step_counts"; }')
		self.assertEqual((done.returncode, last), (0, "5 passed, 0 failed"))

	def test_failures(self):
		for body, want in (
			('echo "1 2" >>"$step_counts"', "4 passed, 2 failed"),
			('echo "1 0" >>"$step_counts"; false; echo "9 0" >>"$step_counts"', "4 passed, 1 failed"),
			("true", "3 passed, 1 failed"),  # ran nothing
			("exit 3", "3 passed, 1 failed"),
			("no_such_command", "3 passed, 1 failed"),
			("kill -9 $BASHPID", "3 passed, 1 failed"),
		):
			with self.subTest(body):
				done, last = self.run_steps(self.GOOD + f'step bad . "x"\nstep_bad() {{ {body}; }}')
				self.assertEqual((done.returncode, last), (1, want))

	def test_missing_step_fails(self):
		done, last = self.run_steps('step ghost . "x"')
		self.assertEqual((done.returncode, last), (1, "0 passed, 1 failed"))

	def test_quick_and_names(self):
		steps = self.GOOD + 'step slow . "x"\nstep_slow() { echo "7 0" >>"$step_counts"; }'
		self.assertEqual(self.run_steps(steps, quick="yes")[1], "3 passed, 0 failed")
		self.assertEqual(self.run_steps(steps, names="slow")[1], "7 passed, 0 failed")
		self.assertEqual(self.run_steps(steps, names="word")[1], "3 passed, 0 failed")

	def test_name_of_nothing_fails(self):
		steps = 'step good q "x"\nstep_good() { :; }'
		done, last = self.run_steps(steps, names="word")
		self.assertEqual((done.returncode, last), (1, "0 passed, 1 failed"))


if __name__ == "__main__":
	unittest.main()
