# SPDX-License-Identifier: Apache-2.0
"""Goal: newroom.py makes a room that builds, passes its test and keeps the house's rules, and
refuses to make one where it should not.
Method: a copy of the tree in a temporary folder. The build is left out under GUANXI_QUICK."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import tidy  # noqa: E402


def run(*words, cwd):
	return subprocess.run(words, cwd=cwd, capture_output=True, text=True)


class NewRoomTest(unittest.TestCase):
	def setUp(self):
		self.copy = tempfile.mkdtemp()
		self.addCleanup(shutil.rmtree, self.copy)
		for part in ("server", "bench", "tests/sim", "tools", "meson.build", "meson_options.txt", ".clang-format"):
			source = os.path.join(ROOT, part)
			target = os.path.join(self.copy, part)
			os.makedirs(os.path.dirname(target), exist_ok=True)
			if os.path.isdir(source):
				shutil.copytree(source, target,
					ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
			else:
				shutil.copy(source, target)
		run("git", "init", "-q", cwd=self.copy)

	def make(self, name):
		return run(sys.executable, "tools/newroom.py", name, cwd=self.copy)

	def test_room_keeps_the_rules(self):
		before = tidy.check(self.copy)
		done = self.make("lantern")
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertEqual([v for v in tidy.check(self.copy) if v not in before], [])

	@unittest.skipIf(os.environ.get("GUANXI_QUICK"), "builds for half a minute")
	def test_room_builds_and_passes(self):
		self.assertEqual(self.make("lantern").returncode, 0)
		for words in (["meson", "setup", "build"],
				["ninja", "-C", "build", "guanxi", "server/rooms/lantern/lantern_test"],
				["meson", "test", "-C", "build", "--no-rebuild", "lantern"]):
			done = run("nice", *words, cwd=self.copy)
			self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
		routes = run("build/guanxi", "--print-routes", cwd=self.copy).stdout
		self.assertIn("lantern.create", routes)

	def test_bad_names_are_refused(self):
		for name in ("sync", "core", "a", "Lantern", "two-words", "../x", "", "--help"):
			self.assertNotEqual(self.make(name).returncode, 0, name)
		self.assertEqual(run("git", "status", "--short", "server/rooms/lantern", cwd=self.copy).stdout, "")


if __name__ == "__main__":
	unittest.main()
