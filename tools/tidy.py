#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the rules of the house that a machine can keep (CONTRIBUTING.md says why).

usage: tidy.py [ROOT]

Each rule is a function below that yields (path, line, message). Exceptions stand in
tools/tidy_exempt.txt, one a line: RULE PATH REASON. One that nothing needs any more fails too.
The last line says "N passed, N failed": rules kept, and places where one is not.
"""
import ast
import collections
import os
import re
import shutil
import subprocess
import sys

FUNCTION_LINES_MAX = 70
FILE_LINES_WARN = 600
FILE_LINES_MAX = 1000
COMPONENT_LINES_MAX = 250
README_LINES_MAX = 60
BINARY_BYTES_MAX = 8192
EXEMPT_FILE = "tools/tidy_exempt.txt"

SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_ENDINGS = (".c", ".h", ".ts", ".tsx", ".mjs", ".js", ".css", ".py", ".sh", ".sql", ".yaml",
	"meson.build", "meson_options.txt")

BANNED = ("malloc calloc realloc free strdup strndup asprintf strcpy strcat stpcpy sprintf vsprintf"
	" gets strtok atoi atol atoll atof localtime gmtime asctime ctime rand srand system popen"
	" alloca").split()

# Which layers a layer may include from. What stands in no line here may include nothing.
LAYERS = {
	"base": [],
	"sys": ["base"],
	"net": ["base", "sys"],
	"db": ["base", "sys"],
	"blob": ["base", "sys"],
	"edge": ["base", "sys", "net"],
	"core": ["base", "sys", "db", "blob"],
	"rooms": ["base", "sys", "db", "blob", "core"],
	"app": ["base", "sys", "net", "db", "blob", "edge", "core", "rooms"],
}

SQL_IN_STRING = re.compile(
	r"\b(SELECT\s.*\bFROM\b|SELECT\s+\d|INSERT\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b"
	r"|DELETE\s+FROM\b|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b|ALTER\s+TABLE\b"
	r"|DROP\s+TABLE\b|PRAGMA\s+\w+|VACUUM\b|SAVEPOINT\b|ROLLBACK\b|BEGIN\s+IMMEDIATE\b)", re.S)


class Tree:
	"""The files that git knows or would take up, and what they say."""

	def __init__(self, root):
		self.root = root
		listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root,
			check=True, capture_output=True, text=True).stdout
		self.paths = sorted(p for p in listed.split("\0") if p and os.path.isfile(self.full(p)))
		self.cache = {}

	def full(self, path):
		return os.path.join(self.root, path)

	def raw(self, path):
		with open(self.full(path), "rb") as file:
			return file.read()

	def text(self, path):
		if path not in self.cache:
			self.cache[path] = self.raw(path).decode("utf-8", "replace")
		return self.cache[path]

	def lines(self, path):
		return self.text(path).splitlines()

	def find(self, *endings, under=""):
		return [p for p in self.paths if p.endswith(endings) and p.startswith(under)]

	def c_files(self):
		return [p for under in ("server/", "bench/", "tests/") for p in self.find(".c", ".h", under=under)]


def blank(match):
	return re.sub(r"[^\n]", " ", match.group(0))


C_TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def c_code(text):
	"""The text without comments and strings, line for line."""
	return C_TOKEN.sub(blank, text)


def c_strings(text):
	"""(line, string) of each literal; neighbours are joined, as the compiler joins them."""
	joined = []
	last_end = None
	for match in C_TOKEN.finditer(text):
		token = match.group(0)
		if not token.startswith('"'):
			continue
		line = text.count("\n", 0, match.start()) + 1
		between = text[last_end:match.start()] if last_end is not None else "x"
		if joined and not between.strip():
			joined[-1] = (joined[-1][0], joined[-1][1] + token[1:-1])
		else:
			joined.append((line, token[1:-1]))
		last_end = match.end()
	return joined


def matches(path, text, pattern, message):
	for match in re.finditer(pattern, text):
		yield path, text.count("\n", 0, match.start()) + 1, message.format(match.group(0).strip())


def is_binary(data):
	return b"\0" in data[:8000]


# ---- every file

def rule_spdx(tree):
	"""The licence stands in the first lines of each source file."""
	for path in tree.find(*SPDX_ENDINGS) + [p for p in tree.paths if p in ("run", "test")]:
		if SPDX not in "\n".join(tree.lines(path)[:3]):
			yield path, 1, f'no "{SPDX}" at the top'


def rule_file_length(tree):
	"""No file is longer than its reader's patience."""
	for path in tree.c_files() + tree.find(".ts", ".tsx", ".mjs", ".py", ".sh", ".css"):
		count = len(tree.lines(path))
		if count > FILE_LINES_MAX:
			yield path, 1, f"{count} lines, at most {FILE_LINES_MAX}"


def rule_unfinished(tree):
	"""Nothing lands half done."""
	word = r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"
	for path in tree.c_files() + tree.find(".ts", ".tsx", ".mjs", ".py", ".sh", ".sql", ".md"):
		yield from matches(path, tree.text(path), word, "{}: finish it or leave it out")


def rule_binary(tree):
	"""What can't be read is small, or a picture in the documentation."""
	for path in tree.paths:
		data = tree.raw(path)
		if is_binary(data) and len(data) > BINARY_BYTES_MAX and not path.startswith("docs/"):
			yield path, 1, f"a binary file of {len(data)} bytes"


# ---- C

def rule_function_length(tree):
	"""A function fits on a screen. clang-format puts the outer braces into the first column."""
	for path in tree.c_files():
		start = None
		for number, line in enumerate(tree.lines(path), 1):
			if line == "{":
				start = number
			elif line.startswith("}") and start is not None:
				if number - start + 1 > FUNCTION_LINES_MAX:
					yield path, start, f"a function of {number - start + 1} lines"
				start = None
	for path in tree.find(".py"):
		for node in ast.walk(ast.parse(tree.text(path))):
			if isinstance(node, ast.FunctionDef):
				count = node.end_lineno - node.lineno + 1
				if count > FUNCTION_LINES_MAX:
					yield path, node.lineno, f"a function of {count} lines"


def rule_banned(tree):
	"""Memory is the arenas'; text is gx_str; numbers are parsed strictly; time is gx_clock."""
	for path in tree.c_files():
		if path.startswith("server/base/"):
			continue
		# A test may call a shell to remove its temporary folder.
		words = [w for w in BANNED if w != "system" or not path.endswith("_test.c")]
		pattern = r"(?<![\w.>])(" + "|".join(words) + r")\s*\("
		yield from matches(path, c_code(tree.text(path)), pattern, "{}…): banned outside base/")


def rule_sql(tree):
	"""SQL stands in .sql files, where the build checks it. The engine's own folder speaks it."""
	for path in tree.c_files():
		if path.startswith("server/db/"):
			continue
		for line, string in c_strings(tree.text(path)):
			if SQL_IN_STRING.search(string):
				yield path, line, f'SQL in a string: "{string[:40]}"'


def rule_names(tree):
	"""A header's name says which it is."""
	seen = {}
	for path in tree.find(".h", ".c", under="server/"):
		name = os.path.basename(path)
		if name in seen:
			yield path, 1, f"{seen[name]} has the same name"
		seen[name] = path


def place_of(path):
	"""("rooms", "chat") of server/rooms/chat/x.c; ("base", None) of server/base/x.c."""
	parts = path.split("/")
	if parts[0] != "server" or len(parts) < 3:
		return None, None
	return parts[1], parts[2] if parts[1] == "rooms" and len(parts) > 3 else None


def room_needs(tree, room):
	path = f"server/rooms/{room}/{room}_room.c"
	found = re.search(r"needs\[\]\s*=\s*\{([^}]*)\}", tree.text(path)) if path in tree.paths else None
	return re.findall(r'"(\w+)"', found.group(1)) if found else []


def rule_fences(tree):
	"""Includes point down: a layer sees those below it, a room the public header of rooms it needs."""
	homes = {os.path.basename(p): place_of(p) for p in tree.find(".h", under="server/")}
	for path in tree.find(".c", ".h", under="server/"):
		layer, room = place_of(path)
		for number, line in enumerate(tree.lines(path), 1):
			include = re.match(r'#include "([^"]+)"', line)
			if include is None:
				continue
			name = include.group(1)
			generated = re.match(r"(\w+)_sql\.h$", name)
			if generated and layer == "rooms" and name not in homes:
				home = ("rooms", generated.group(1))
			else:
				home = homes.get(name)
			if home is None or home == (layer, room):
				continue
			message = fence_between(tree, layer, room, name, home)
			if message:
				yield path, number, message


def fence_between(tree, layer, room, name, home):
	if home[0] != layer and home[0] not in LAYERS.get(layer, []):
		return f"{layer}/ may not include {name} of {home[0]}/"
	if layer != "rooms" or home[0] != "rooms" or home[1] == room or home[1] is None:
		return None
	if name != home[1] + ".h":
		return f"{name} is not the public header of {home[1]}"
	if room is not None and home[1] not in room_needs(tree, room):
		return f"{room} does not say that it needs {home[1]}"
	return None


def rule_tables(tree):
	"""A table belongs to one room; others ask that room."""
	pattern = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?:\s+IF\s+NOT\s+EXISTS)?)\s+([a-z_]\w*)")
	rooms = sorted({p.split("/")[2] for p in tree.paths
		if p.startswith("server/rooms/") and p.count("/") > 2})
	for path in tree.find(".sql", under="server/rooms/"):
		room = path.split("/")[2]
		text = re.sub(r"--[^\n]*", blank, tree.text(path))
		for match in pattern.finditer(text):
			owner = match.group(1).split("_")[0]
			if owner != room and (owner in rooms or owner == "core"):
				yield path, text.count("\n", 0, match.start()) + 1, f"{match.group(1)} is not {room}'s"


def rule_room_readme(tree):
	"""Each room explains itself on one page."""
	for path in tree.find("_room.c", under="server/rooms/"):
		readme = os.path.dirname(path) + "/README.md"
		if readme not in tree.paths:
			yield path, 1, f"there is no {readme}"
		elif len(tree.lines(readme)) > README_LINES_MAX:
			yield readme, 1, f"{len(tree.lines(readme))} lines, at most {README_LINES_MAX}"


def rule_header_comment(tree):
	"""A header begins with what it is for."""
	for path in tree.find(".h", under="server/"):
		if not re.match(r"/\* SPDX[^\n]*\*/\n/\*", tree.text(path)):
			yield path, 1, "no comment behind the licence line"


def rule_clang_format(tree):
	"""The tool owns the layout of C."""
	files = tree.c_files()
	if not files or shutil.which("clang-format") is None:
		return
	done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], cwd=tree.root,
		capture_output=True, text=True)
	for path, line in sorted(set(re.findall(r"^(\S+?):(\d+):\d+: error", done.stderr, re.M))):
		yield path, int(line), "not as clang-format lays it out"


# ---- TypeScript

def rule_component_length(tree):
	"""A component does one thing."""
	for path in tree.find(".tsx"):
		if not path.endswith(".test.tsx") and len(tree.lines(path)) > COMPONENT_LINES_MAX:
			yield path, 1, f"{len(tree.lines(path))} lines, at most {COMPONENT_LINES_MAX}"


def ts_code(text):
	return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text,
		flags=re.S)


def rule_any(tree):
	"""What a value may be is known, or checked."""
	for path in tree.find(".ts", ".tsx"):
		yield from matches(path, ts_code(tree.text(path)),
			r"(:\s*any\b|\bas\s+any\b|<any\b|\bany\[\]|\|\s*any\b|@ts-ignore|@ts-nocheck)",
			"{}: say what it is")


def rule_component_network(tree):
	"""Components show; the client behind them talks to the server."""
	for path in tree.find(".tsx", under="web/"):
		yield from matches(path, ts_code(tree.text(path)),
			r"\b(fetch\s*\(|new\s+WebSocket\b|XMLHttpRequest\b)", "{}: network in a component")


RULES = {name[5:]: rule for name, rule in list(globals().items()) if name.startswith("rule_")}


def read_exempt(tree):
	"""{(rule, path): line} of the exceptions; each must have a reason."""
	exempt = {}
	bad = []
	if EXEMPT_FILE not in tree.paths:
		return exempt, bad
	for number, line in enumerate(tree.lines(EXEMPT_FILE), 1):
		words = line.split(None, 2)
		if not words or line.startswith("#"):
			continue
		if len(words) < 3 or words[0] not in RULES:
			bad.append((EXEMPT_FILE, number, "neither a comment nor RULE PATH REASON"))
		else:
			exempt[(words[0], words[1])] = number
	return exempt, bad


def check(root):
	"""All violations as [(rule, path, line, message)]."""
	tree = Tree(root)
	exempt, bad = read_exempt(tree)
	violations = [("exempt", *place) for place in bad]
	used = set()
	for name, rule in RULES.items():
		for path, line, message in rule(tree):
			if (name, path) in exempt:
				used.add((name, path))
			else:
				violations.append((name, path, line, message))
	for key in set(exempt) - used:
		violations.append(("exempt", EXEMPT_FILE, exempt[key], "nothing needs this exception"))
	return violations


def warn_long_files(root):
	tree = Tree(root)
	for path in tree.c_files() + tree.find(".ts", ".tsx", ".py"):
		if FILE_LINES_WARN < len(tree.lines(path)) <= FILE_LINES_MAX:
			print(f"warning: {path}: {len(tree.lines(path))} lines; think of splitting it")


def main():
	root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
	warn_long_files(root)
	violations = check(root)
	for rule, path, line, message in sorted(violations, key=lambda v: (v[1], v[2])):
		print(f"{path}:{line}: {rule}: {message}")
	broken = collections.Counter(v[0] for v in violations)
	print(f"{len(RULES) - len(set(broken) & set(RULES))} passed, {len(violations)} failed")
	sys.exit(1 if violations else 0)


if __name__ == "__main__":
	main()
