#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the skeleton of a room: server/rooms/NAME with calls, rules, a table and a passing test.

usage: newroom.py NAME [ROOT]

Also adds NAME to the lists of rooms (server/rooms/meson.build and server/app/rooms.c) and says what
is left to do by hand. The templates stand in tools/newroom/.
"""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPLATES = os.path.join(HERE, "newroom")
RESERVED = {"core", "gx", "app", "base", "sys", "net", "db", "blob", "edge", "rooms", "test"}


def fill(text, name):
	return (text.replace("@@INPUT@@", "@INPUT@").replace("@name@", name)
		.replace("@NAME@", name.upper()))


def make_files(name, room_dir):
	"""Writes each template under its own name; returns the paths."""
	made = []
	for folder, _, files in os.walk(TEMPLATES):
		target = os.path.join(room_dir, os.path.relpath(folder, TEMPLATES))
		os.makedirs(target, exist_ok=True)
		for file in files:
			path = os.path.normpath(os.path.join(target,
				file.replace("NAME", name).removesuffix(".in")))
			with open(os.path.join(folder, file), encoding="utf-8") as source:
				text = fill(source.read(), name)
			with open(path, "w", encoding="utf-8") as out:
				out.write(text)
			made.append(path)
	return made


def change(path, pattern, replacement):
	with open(path, encoding="utf-8") as file:
		old = file.read()
	new, count = re.subn(pattern, replacement, old, count=1)
	if count != 1:
		raise SystemExit(f"newroom: {path} does not look as expected; nothing was added to it")
	with open(path, "w", encoding="utf-8") as file:
		file.write(new)


def add_to_lists(name, root):
	change(os.path.join(root, "server/rooms/meson.build"),
		r"(foreach room : \[[^\]]*?)(,?)(\s*\])", rf"\1, '{name}'\3")
	rooms_c = os.path.join(root, "server/app/rooms.c")
	change(rooms_c, r'(#include "rooms\.h"\n)', rf'\1#include "{name}.h"' + "\n")
	change(rooms_c, r"\bNULL,", f"&{name}_room, NULL,")
	change(os.path.join(root, "server/app/meson.build"),
		r"(rooms_deps = \[[^\]]*?)(,?)(\s*\])", rf"\1, {name}_dep\3")


def layout(paths, root):
	if shutil.which("clang-format"):
		c_files = [p for p in paths if p.endswith((".c", ".h"))]
		subprocess.run(["clang-format", "-i", *c_files], cwd=root, check=True)


def main():
	if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
		raise SystemExit(__doc__.strip())
	name = sys.argv[1]
	root = os.path.abspath(sys.argv[2] if len(sys.argv) == 3 else os.path.join(HERE, ".."))
	room_dir = os.path.join(root, "server/rooms", name)
	if not re.fullmatch(r"[a-z][a-z0-9]{1,15}", name) or name in RESERVED:
		raise SystemExit(f"newroom: {name} is no name for a room: 2 to 16 small letters and digits")
	if os.path.exists(room_dir):
		raise SystemExit(f"newroom: {room_dir} is there already")
	made = make_files(name, room_dir)
	add_to_lists(name, root)
	layout(made + [os.path.join(root, "server/app/rooms.c")], root)
	for path in made:
		print(os.path.relpath(path, root))
	print(f"""
Now: describe {name}.create and {name}.list in api/openapi.yaml and run `npm run api:generate`;
write tests/{name}/; run `meson test -C build {name}`.""")


if __name__ == "__main__":
	main()
