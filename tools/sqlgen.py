#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a room's .sql file and migrations into typed C functions.

    sqlgen.py --out DIR ROOM ROOM.sql [migrations/0001.sql ...]

writes DIR/ROOM_sql.h and DIR/ROOM_sql.c. A query in the .sql file looks like this:

    -- @query message_insert exec              exec | one | many
    -- @in position u64, reply_to u64?, body str
    -- @out seq u64, sent_at_ms i64            for one and many
    -- @scan ok: at most a dozen rows          when a full scan is meant
    -- @rows 16                                of an INSERT … VALUES (…): also make NAME_rows(),
                                               which inserts an array, 16 rows a statement
    INSERT INTO chat_message (...) VALUES (:position, :reply_to, :body);

Types are u64 i64 f64 bool str blob. A `?` lets it be NULL: u64? NULL is 0, i64? NULL is INT64_MIN,
str? and blob? NULL is a NULL pointer. Where the dialects differ, a line `-- @sqlite` or
`-- @postgres` stands before each variant of the statement. `many` needs a LIMIT.

Parameters are numbered by their order in @in, as ?N for SQLite and $N for PostgreSQL. Everything
that can be checked without a database is checked here, and an error names its file and line.
"""

import argparse
import os
import re
import sys

TYPES = {
    "u64": ("uint64_t ", "i64"),
    "i64": ("int64_t ", "i64"),
    "f64": ("double ", "f64"),
    "bool": ("bool ", "i64"),
    "str": ("struct gx_str ", "str"),
    "blob": ("struct gx_str ", "blob"),
}
NULLABLE = ("u64", "i64", "str", "blob")
KINDS = ("exec", "one", "many")
DIALECTS = ("sqlite", "postgres")
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")
C_WORDS = set(
    "auto bool break case char const continue default do double else enum extern false float for "
    "goto if inline int long register restrict return short signed sizeof static struct switch "
    "true typedef union unsigned void volatile while".split()
)
TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|(?P<cast>::)"
    r"|(?P<param>:[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<marker>[?$][0-9]+|\?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<space>\s+)"
    r"|(?P<end>;)"
    r"|(?P<other>.)",
    re.DOTALL,
)


class SqlError(Exception):
    """What is wrong with an input file, with its place."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")


class Field:
    def __init__(self, name, type_name, is_nullable):
        self.name = name
        self.type = type_name
        self.is_nullable = is_nullable


class Query:
    def __init__(self, name, kind, line):
        self.name = name
        self.kind = kind
        self.line = line
        self.ins = []
        self.outs = []
        self.is_scan_ok = False
        self.rows = 0  # NAME_rows inserts so many at a time
        self.statements = {}  # dialect, or None for both: (line, text)
        self.sql = {}  # dialect: text with numbered parameters
        self.is_write = False


def parse_fields(path, line, text, into):
    for part in text.split(","):
        words = part.split()
        if len(words) != 2:
            raise SqlError(path, line, f"expected `name type`, found `{part.strip()}`")
        name, type_name = words
        is_nullable = type_name.endswith("?")
        type_name = type_name.rstrip("?")
        if not IDENTIFIER.match(name) or name in C_WORDS:
            raise SqlError(path, line, f"`{name}` is no lower-case C identifier")
        if type_name not in TYPES:
            raise SqlError(path, line, f"unknown type `{words[1]}` of `{name}`")
        if is_nullable and type_name not in NULLABLE:
            raise SqlError(path, line, f"`{name}`: {type_name} can't be nullable")
        if any(field.name == name for field in into):
            raise SqlError(path, line, f"`{name}` is declared twice")
        into.append(Field(name, type_name, is_nullable))


def parse_query_head(path, line, rest, queries):
    words = rest.split()
    if len(words) != 2 or words[1] not in KINDS:
        raise SqlError(path, line, "expected `-- @query name exec|one|many`")
    if not IDENTIFIER.match(words[0]) or words[0] in C_WORDS:
        raise SqlError(path, line, f"`{words[0]}` is no lower-case C identifier")
    for other in queries:
        if other.name == words[0]:
            raise SqlError(path, line, f"query `{words[0]}` stands already in line {other.line}")
    return Query(words[0], words[1], line)


class Parser:
    """Reads a .sql file line by line into queries with raw statements."""

    def __init__(self, path):
        self.path = path
        self.queries = []
        self.dialect = None

    def parse(self, text):
        for line, content in enumerate(text.split("\n"), 1):
            directive = re.match(r"\s*--\s*@(\w+)\s*(.*)", content)
            if directive:
                self.take_directive(line, directive.group(1), directive.group(2).strip())
            elif self.queries:
                self.take_sql(line, content)
            elif content.strip() and not content.lstrip().startswith("--"):
                raise SqlError(self.path, line, "SQL before the first `-- @query`")
        for query in self.queries:
            finish_query(self.path, query)
        return self.queries

    def take_directive(self, line, word, rest):
        if word == "query":
            self.queries.append(parse_query_head(self.path, line, rest, self.queries))
            self.dialect = None
            return
        if not self.queries:
            raise SqlError(self.path, line, f"`@{word}` before the first `-- @query`")
        query = self.queries[-1]
        if word in DIALECTS:
            if word in query.statements:
                raise SqlError(self.path, line, f"a second @{word} variant")
            self.dialect = word
            query.statements[word] = [line, ""]
        elif word in ("in", "out", "scan", "rows") and query.statements:
            raise SqlError(self.path, line, f"`@{word}` behind the statement")
        elif word == "in":
            parse_fields(self.path, line, rest, query.ins)
        elif word == "out":
            parse_fields(self.path, line, rest, query.outs)
        elif word == "scan":
            if not re.match(r"ok: \S", rest):
                raise SqlError(self.path, line, "expected `-- @scan ok: reason`")
            query.is_scan_ok = True
        elif word == "rows":
            if not re.match(r"\d+$", rest) or not 2 <= int(rest) <= 64 or query.kind != "exec":
                raise SqlError(self.path, line, "expected `-- @rows 2 … 64` of an exec")
            query.rows = int(rest)
        else:
            raise SqlError(self.path, line, f"unknown directive `@{word}`")

    def take_sql(self, line, content):
        statements = self.queries[-1].statements
        if self.dialect not in statements:
            if not content.strip() or content.lstrip().startswith("--"):
                return
            statements[self.dialect] = [line, ""]
        statements[self.dialect][1] += content + "\n"


def finish_query(path, query):
    if query.kind == "exec" and query.outs:
        raise SqlError(path, query.line, f"`{query.name}`: exec has no @out")
    if query.kind != "exec" and not query.outs:
        raise SqlError(path, query.line, f"`{query.name}`: {query.kind} needs an @out")
    if not query.statements:
        raise SqlError(path, query.line, f"`{query.name}` has no statement")
    if None in query.statements and len(query.statements) > 1:
        line = query.statements[None][0]
        raise SqlError(path, line, f"`{query.name}`: a statement outside its dialect variants")
    for dialect in DIALECTS:
        if None not in query.statements and dialect not in query.statements:
            raise SqlError(path, query.line, f"`{query.name}` has no @{dialect} variant")
        line, text = query.statements.get(dialect) or query.statements[None]
        query.sql[dialect], query.is_write = compile_statement(path, line, text, query, dialect)


def compile_statement(path, line, text, query, dialect):
    """Numbers the parameters, drops comments, folds white space. Returns (SQL, is_write)."""
    numbers = {field.name: i + 1 for i, field in enumerate(query.ins)}
    mark = "?" if dialect == "sqlite" else "$"
    used, words, out = set(), [], ""
    is_ended = False
    for match in TOKEN.finditer(text):
        at = line + text.count("\n", 0, match.start())
        kind, token = match.lastgroup, match.group()
        if kind in ("space", "comment"):
            if out and not out.endswith(" "):
                out += " "
            continue
        if is_ended:
            raise SqlError(path, at, f"`{query.name}`: a second statement")
        if kind == "end":
            is_ended = True
        elif kind == "param":
            name = token[1:]
            if name not in numbers:
                raise SqlError(path, at, f"`{query.name}`: `:{name}` is not declared with @in")
            used.add(name)
            out += f"{mark}{numbers[name]}"
        elif kind == "marker":
            raise SqlError(path, at, f"`{query.name}`: write parameters as :name, not `{token}`")
        else:
            if kind == "word":
                words.append(token.upper())
            out += token
    if not is_ended:
        raise SqlError(path, line, f"`{query.name}`: the statement does not end with `;`")
    for name in numbers:
        if name not in used:
            raise SqlError(path, line, f"`{query.name}`: `:{name}` is declared but not used")
    if query.kind == "many" and "LIMIT" not in words:
        raise SqlError(path, line, f"`{query.name}`: many without LIMIT")
    return out.strip(), statement_writes(path, line, query, words)


def many_rows(path, query):
    """The query that inserts query.rows rows by one statement."""
    many = Query(query.name + "_rows", "exec", query.line)
    many.ins = query.ins * query.rows
    many.is_write = many.is_scan_ok = True  # it "scans" its own VALUES
    for dialect, sql in query.sql.items():
        match = re.search(r"\bVALUES (\([^()]*\))", sql)
        if not match:
            raise SqlError(path, query.line, f"`{query.name}`: @rows needs one plain VALUES (…)")
        groups = [
            re.sub(
                r"([?$])(\d+)",
                lambda m, row=row: m.group(1) + str(int(m.group(2)) + row * len(query.ins)),
                match.group(1),
            )
            for row in range(query.rows)
        ]
        many.sql[dialect] = sql[: match.start(1)] + ", ".join(groups) + sql[match.end(1) :]
    return many


def statement_writes(path, line, query, words):
    first = words[0] if words else ""
    if first == "WITH":
        return any(word in WRITES for word in words)
    if first in WRITES:
        return True
    if first in ("SELECT", "VALUES"):
        if query.kind == "exec":
            raise SqlError(path, line, f"`{query.name}`: exec of a {first}")
        return False
    raise SqlError(path, line, f"`{query.name}`: {first or 'nothing'} is no query")


def read_migrations(paths):
    migrations = []
    for i, path in enumerate(paths, 1):
        if os.path.basename(path) != f"{i:04d}.sql":
            raise SqlError(path, 1, f"expected migration {i:04d}.sql here: numbered without gaps")
        text = read_text(path)
        if not text.strip():
            raise SqlError(path, 1, "an empty migration")
        migrations.append(text)
    if paths:
        folder = os.path.dirname(paths[0])
        for name in sorted(os.listdir(folder or ".")):
            if name.endswith(".sql") and os.path.join(folder, name) not in paths:
                raise SqlError(os.path.join(folder, name), 1, "not listed in meson.build")
    return migrations


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# ---- C


def c_string(text, indent):
    """A C literal, a line of C for each line of text."""
    lines = text.split("\n") if "\n" in text else fold(text)
    quoted = []
    for i, line in enumerate(lines):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        end = "\\n" if "\n" in text and i + 1 < len(lines) else ""
        quoted.append(f'"{escaped}{end}"')
    return ("\n" + indent).join(quoted)


def fold(text):
    lines, line = [], ""
    for word in re.findall(r"\S+\s*", text):
        if line and len(line) + len(word) > 76:
            lines.append(line)
            line = ""
        line += word
    return lines + [line]


def struct(room, query, suffix, fields):
    name = f"struct {room}_sql_{query.name}_{suffix}"
    lines = []
    for field in fields:
        note = " /* may be NULL */" if field.is_nullable else ""
        lines.append(f"\t{TYPES[field.type][0]}{field.name};{note}")
    return f"{name} {{\n" + "\n".join(lines) + "\n};\n"


def signature(room, query):
    params = ["struct gx_tx *tx"]
    if query.kind != "exec":
        params.insert(0, "struct gx_arena *a")
    if query.ins:
        params.append(f"const struct {room}_sql_{query.name}_in *in")
    row = f"struct {room}_sql_{query.name}_out"
    if query.kind == "exec":
        params.append("uint64_t *changes")
    elif query.kind == "one":
        params += [f"{row} *out", "bool *found"]
    else:
        params += [f"{row} **rows", "size_t *count"]
    params.append("struct gx_error *err")
    return f"enum gx_status {room}_sql_{query.name}({', '.join(params)})"


def binding(i, field):
    value, kind = f"in->{field.name}", TYPES[field.type][1]
    if kind == "i64" and field.type != "i64":
        value = f"(int64_t){value}"
    bind = f"gx_stmt_bind_{kind}(s, {i}, {value});"
    if not field.is_nullable:
        return f"\t{bind}\n"
    is_null = {"u64": " == 0", "i64": " == INT64_MIN"}.get(field.type, ".ptr == NULL")
    return (
        f"\tif (in->{field.name}{is_null})\n\t\tgx_stmt_bind_null(s, {i});\n"
        f"\telse\n\t\t{bind}\n"
    )


def reading(i, field):
    if field.type in ("str", "blob"):
        value, null = f"gx_arena_strdup(a, gx_stmt_str(s, {i}))", "GX_STR_NULL"
    elif field.type == "f64":
        value, null = f"gx_stmt_f64(s, {i})", None
    elif field.type == "bool":
        value, null = f"gx_stmt_i64(s, {i}) != 0", None
    elif field.type == "u64":
        value, null = f"(uint64_t)gx_stmt_i64(s, {i})", "0"
    else:
        value, null = f"gx_stmt_i64(s, {i})", "INT64_MIN"
    if field.is_nullable and field.type != "u64":  # a NULL number reads as 0 by itself
        value = f"gx_stmt_is_null(s, {i}) ? {null} : {value}"
    return f"\tout->{field.name} = {value};\n"


def reader(room, query):
    uses_arena = any(field.type in ("str", "blob") for field in query.outs)
    arena = "struct gx_arena *a, " if uses_arena else ""
    body = "".join(reading(i, field) for i, field in enumerate(query.outs))
    return (
        f"static void read_{query.name}({arena}struct gx_stmt *s, "
        f"struct {room}_sql_{query.name}_out *out)\n{{\n{body}}}\n\n"
    ), ("a, " if uses_arena else "")


EXEC_TAIL = """\
	bool has_row;
	enum gx_status st = gx_stmt_step(s, &has_row, err);
	if (st != GX_OK)
		return st;
	uint64_t changed = gx_stmt_end(s);
	if (changes != NULL)
		*changes = changed;
	return GX_OK;
"""

ONE_TAIL = """\
	bool has_row;
	enum gx_status st = gx_stmt_step(s, &has_row, err);
	if (st != GX_OK)
		return st;
	if (has_row)
		read_{name}({arena}s, out);
	*found = has_row;
	(void)gx_stmt_end(s);
	return GX_OK;
"""

MANY_TAIL = """\
	{row} *list = NULL;
	size_t used = 0, room = 0;
	bool has_row;
	enum gx_status st;
	while ((st = gx_stmt_step(s, &has_row, err)) == GX_OK && has_row) {{
		list = gx_stmt_rows_grow(a, list, used, &room, sizeof(*list));
		read_{name}({arena}s, &list[used++]);
	}}
	if (st != GX_OK)
		return st;
	(void)gx_stmt_end(s);
	*rows = list;
	*count = used;
	return GX_OK;
"""


def function(room, query):
    text, arena = reader(room, query) if query.outs else ("", "")
    text += f"{signature(room, query)}\n{{\n"
    text += f"\tstruct gx_stmt *s = gx_stmt_begin(tx, &queries[Q_{query.name.upper()}]);\n"
    text += "".join(binding(i, field) for i, field in enumerate(query.ins))
    if query.kind == "exec":
        text += EXEC_TAIL
    elif query.kind == "one":
        if not arena:
            text += "\t(void)a; /* no strings to keep */\n"
        text += ONE_TAIL.format(name=query.name, arena=arena)
    else:
        row = f"struct {room}_sql_{query.name}_out"
        text += MANY_TAIL.format(name=query.name, arena=arena, row=row)
    return text + "}\n"


def rows_signature(room, query):
    return (
        f"enum gx_status {room}_sql_{query.name}_rows(struct gx_tx *tx, "
        f"const struct {room}_sql_{query.name}_in *in, size_t count, struct gx_error *err)"
    )


ROWS_BODY = """\
{{
	for (; count >= {rows}; count -= {rows}) {{
		struct gx_stmt *s = gx_stmt_begin(tx, &queries[Q_{upper}_ROWS]);
		for (unsigned row = 0; row < {rows}; row++, in++) {{
{bindings}		}}
		bool has_row;
		enum gx_status st = gx_stmt_step(s, &has_row, err);
		if (st != GX_OK)
			return st;
		(void)gx_stmt_end(s);
	}}
	for (; count > 0; count--, in++) {{
		enum gx_status st = {room}_sql_{name}(tx, in, NULL, err);
		if (st != GX_OK)
			return st;
	}}
	return GX_OK;
}}
"""


def rows_function(room, query):
    bindings = "".join(
        binding(f"row * {len(query.ins)} + {i}", field) for i, field in enumerate(query.ins)
    )
    bindings = re.sub(r"^", "\t\t", bindings, flags=re.M).rstrip("\t")
    return f"{rows_signature(room, query)}\n" + ROWS_BODY.format(
        room=room, name=query.name, upper=query.name.upper(), rows=query.rows, bindings=bindings
    )


def header(room, queries):
    guard = f"GX_{room.upper()}_SQL_H"
    parts = [
        f"/* Made by tools/sqlgen.py from {room}.sql; don't edit. */\n"
        f'#ifndef {guard}\n#define {guard}\n\n#include "db.h"\n'
    ]
    for query in queries:
        if query.ins:
            parts.append(struct(room, query, "in", query.ins))
        if query.outs:
            parts.append(struct(room, query, "out", query.outs))
        parts.append(f"GX_NODISCARD {signature(room, query)};\n")
        if query.rows:
            parts.append(f"GX_NODISCARD {rows_signature(room, query)};\n")
    parts.append(
        f"extern struct gx_query_set {room}_queries;\n"
        f"extern const struct gx_migration_set {room}_migrations;\n"
    )
    return "\n".join(parts) + "\n#endif\n"


def query_table(room, queries):
    if not queries:
        return f'struct gx_query_set {room}_queries = {{ .room = "{room}" }};\n'
    names = "".join(f"\tQ_{query.name.upper()},\n" for query in queries)
    rows = ""
    for query in queries:
        flags = "".join(
            f"\t\t.{flag} = true,\n" for flag in ("is_write", "is_scan_ok") if getattr(query, flag)
        )
        rows += (
            f"\t[Q_{query.name.upper()}] = {{\n"
            f'\t\t.name = "{room}.{query.name}",\n'
            f"\t\t.sql_sqlite = {c_string(query.sql['sqlite'], chr(9) * 4)},\n"
            f"\t\t.sql_postgres = {c_string(query.sql['postgres'], chr(9) * 4)},\n"
            f"\t\t.ins_count = {len(query.ins)},\n\t\t.outs_count = {len(query.outs)},\n"
            f"{flags}\t}},\n"
        )
    return (
        f"enum {{\n{names}}};\n\nstatic struct gx_query queries[] = {{\n{rows}}};\n\n"
        f"struct gx_query_set {room}_queries = {{\n"
        f'\t.room = "{room}",\n\t.queries = queries,\n\t.queries_count = GX_COUNT(queries),\n}};\n'
    )


def migration_table(room, migrations):
    head = f'const struct gx_migration_set {room}_migrations = {{\n\t.room = "{room}",\n'
    if not migrations:
        return head + "};\n"
    rows = "".join(
        f"\t{{ .number = {i},\n\t  .sql = {c_string(text, chr(9) * 3)} }},\n"
        for i, text in enumerate(migrations, 1)
    )
    return (
        f"static const struct gx_migration migrations[] = {{\n{rows}}};\n\n{head}"
        "\t.migrations = migrations,\n\t.migrations_count = GX_COUNT(migrations),\n};\n"
    )


def generate(room, sql_path, migration_paths):
    """The two generated files as (header, source)."""
    if not IDENTIFIER.match(room):
        raise SqlError(sql_path, 1, f"`{room}` is no lower-case C identifier")
    queries = Parser(sql_path).parse(read_text(sql_path))
    migrations = read_migrations(migration_paths)
    parts = [
        f"/* Made by tools/sqlgen.py from {room}.sql and its migrations; don't edit. */\n"
        f'#include "{room}_sql.h"\n\n'
        '#pragma GCC diagnostic ignored "-Woverlength-strings"\n',
        query_table(room, queries + [many_rows(sql_path, query) for query in queries if query.rows]),
        migration_table(room, migrations),
    ]
    parts += [function(room, query) for query in queries]
    parts += [rows_function(room, query) for query in queries if query.rows]
    return header(room, queries), "\n".join(parts)


def write_text(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True, help="folder for ROOM_sql.h and ROOM_sql.c")
    parser.add_argument("room")
    parser.add_argument("sql")
    parser.add_argument("migrations", nargs="*")
    args = parser.parse_args()
    try:
        head, source = generate(args.room, args.sql, args.migrations)
    except SqlError as error:
        sys.exit(str(error))
    write_text(os.path.join(args.out, f"{args.room}_sql.h"), head)
    write_text(os.path.join(args.out, f"{args.room}_sql.c"), source)


if __name__ == "__main__":
    main()
