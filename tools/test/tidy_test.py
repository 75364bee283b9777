# SPDX-License-Identifier: Apache-2.0
"""Goal: each rule of tidy.py can fail, and keeps quiet where there is nothing to say.
Method: a small clean tree in a temporary folder; each case spoils one thing in it and names the
one rule that must speak up. Every rule must have a case."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import tidy  # noqa: E402

SPDX = "SPDX-License-Identifier: Apache-2.0"
HEAD = f"/* {SPDX} */\n"
UNFINISHED = "TO" + "DO"
BIG_FUNCTION = "void f(void)\n{\n" + "\tf();\n" * 70 + "}\n"

CLEAN = {
	"server/base/str.h": HEAD + "/* str.h - strings. */\n",
	"server/base/str.c": HEAD + '#include "str.h"\n\nvoid g(void)\n{\n\tfree(0);\n}\n',
	"server/sys/loop.h": HEAD + "/* loop.h - a loop. */\n",
	"server/db/db.c": HEAD + 'const char *s = "PRAGMA x";\n',
	"server/core/core.h": HEAD + "/* core.h - the core. */\n",
	"server/rooms/moon/moon.h": HEAD + "/* moon.h - the moon. */\n",
	"server/rooms/moon/moon_rules.h": HEAD + "/* moon_rules.h - its rules. */\n",
	"server/rooms/moon/moon_room.c": HEAD + '#include "moon.h"\n#include "moon_sql.h"\n',
	"server/rooms/moon/moon.sql": f"-- {SPDX}\nSELECT a FROM moon_phase, json_each(b)\n",
	"server/rooms/moon/README.md": "The moon.\n",
	"server/rooms/tide/tide.h": HEAD + "/* tide.h - the tide. */\n",
	"server/rooms/tide/tide_room.c": HEAD
		+ '#include "core.h"\n#include "moon.h"\n#include "str.h"\n'
		+ 'static const char *const needs[] = { "moon", 0 };\n',
	"server/rooms/tide/README.md": "The tide.\n",
	"web/src/page.tsx": f"// {SPDX}\nexport const page = 'any'; // any\n",
	"docs/picture.png": b"\0" * 9000,
}

# (name, rule, path, content); content "+…" is added to the clean file.
CASES = [
	("no licence", "spdx", "server/base/str.c", "int x;\n"),
	("no licence in a script", "spdx", "tools/x.sh", "true\n"),
	("long file", "file_length", "web/src/x.ts", f"// {SPDX}\n" + "x\n" * 1000),
	("unfinished", "unfinished", "server/base/str.c", f"+/* {UNFINISHED}: more */\n"),
	("unfinished text", "unfinished", "README.md", f"{UNFINISHED}\n"),
	("binary", "binary", "tools/x.bin", b"\0" * 9000),
	("long function", "function_length", "server/base/str.c", "+" + BIG_FUNCTION),
	("long python function", "function_length", "tools/x.py",
		f"# {SPDX}\ndef f():\n" + "\tpass\n" * 70),
	("malloc", "banned", "server/sys/a.c", HEAD + "void *x = malloc(1);\n"),
	("strtok", "banned", "server/rooms/tide/tide_room.c", "+char *x = strtok(a, b);\n"),
	("sql", "sql", "server/core/a.c", HEAD + 'const char *s = "SELECT a"\n\t\t" FROM b";\n'),
	("same name", "names", "server/sys/str.c", HEAD),
	("upward include", "fences", "server/base/str.c", '+#include "loop.h"\n'),
	("edge looks into db", "fences", "server/edge/a.c", HEAD + '#include "core.h"\n'),
	("not needed", "fences", "server/rooms/moon/moon_room.c", '+#include "tide.h"\n'),
	("private header", "fences", "server/rooms/tide/tide_room.c", '+#include "moon_rules.h"\n'),
	("foreign queries", "fences", "server/rooms/tide/tide_room.c", '+#include "moon_sql.h"\n'),
	("foreign table", "tables", "server/rooms/moon/moon.sql", "+SELECT a FROM tide_level\n"),
	("core's table", "tables", "server/rooms/moon/moon.sql", "+DELETE FROM core_event\n"),
	("long readme", "room_readme", "server/rooms/moon/README.md", "x\n" * 61),
	("no readme", "room_readme", "server/rooms/sun/sun_room.c", HEAD),
	("bare header", "header_comment", "server/sys/loop.h", HEAD + "int x;\n"),
	("layout", "clang_format", "server/base/str.c", "+int   x;\n"),
	("long component", "component_length", "web/src/page.tsx", "+" + "x\n" * 250),
	("any", "any", "web/src/page.tsx", "+const x: any = 1\n"),
	("as any", "any", "sdk/x.ts", f"// {SPDX}\nf(x as any)\n"),
	("network", "component_network", "web/src/page.tsx", "+fetch('/x')\n"),
	("exception without need", "exempt", tidy.EXEMPT_FILE, "banned server/base/str.c no reason\n"),
	("exception without reason", "exempt", tidy.EXEMPT_FILE, "banned server/base/str.c\n"),
]


class TidyTest(unittest.TestCase):
	def setUp(self):
		self.root = tempfile.mkdtemp()
		self.addCleanup(shutil.rmtree, self.root)
		subprocess.run(["git", "init", "-q", self.root], check=True)
		shutil.copy(os.path.join(os.path.dirname(tidy.__file__), "..", ".clang-format"), self.root)
		for path, content in CLEAN.items():
			self.write(path, content)

	def write(self, path, content):
		full = os.path.join(self.root, path)
		os.makedirs(os.path.dirname(full), exist_ok=True)
		with open(full, "wb") as file:
			file.write(content if isinstance(content, bytes) else content.encode())

	def rules_that_speak(self):
		return {v[0] for v in tidy.check(self.root)}

	def test_clean_tree(self):
		self.assertEqual(tidy.check(self.root), [])

	def test_each_case(self):
		for name, rule, path, content in CASES:
			with self.subTest(name):
				if isinstance(content, str) and content.startswith("+"):
					content = CLEAN[path] + content[1:]
				self.write(path, content)
				spoke = self.rules_that_speak()
				self.restore(path)
				self.assertEqual(spoke, {rule})

	def restore(self, path):
		if path in CLEAN:
			self.write(path, CLEAN[path])
		else:
			os.remove(os.path.join(self.root, path))

	def test_every_rule_has_a_case(self):
		self.assertEqual(set(tidy.RULES) - {case[1] for case in CASES}, set())

	def test_exception_with_reason(self):
		self.write("server/sys/a.c", HEAD + "void *x = malloc(1);\n")
		self.write(tidy.EXEMPT_FILE, "# why\n\nbanned server/sys/a.c it is the arena's own\n")
		self.assertEqual(tidy.check(self.root), [])


if __name__ == "__main__":
	unittest.main()
