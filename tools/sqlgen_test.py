# SPDX-License-Identifier: Apache-2.0
"""Goal: sqlgen.py accepts what it documents, refuses the rest with file and line, numbers right.
Method: small .sql texts in a temporary folder; the generated C is compiled by server/db's tests."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sqlgen

ONE = "-- @query get one\n-- @in id u64\n-- @out name str\nSELECT name FROM t WHERE id = :id;\n"


class SqlgenTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def generate(self, text, migrations=()):
        return sqlgen.generate("lantern", self.write("lantern.sql", text), list(migrations))

    def queries(self, text):
        return sqlgen.Parser("x.sql").parse(text)

    def test_numbers_follow_the_order_of_in(self):
        text = (
            "-- @query q exec\n-- @in a u64, b str\n-- @in c i64?\n"
            "UPDATE t SET b = :b, c = :c WHERE a = :a OR b = :b;\n"
        )
        sql = self.queries(text)[0].sql
        self.assertEqual(sql["sqlite"], "UPDATE t SET b = ?2, c = ?3 WHERE a = ?1 OR b = ?2")
        self.assertEqual(sql["postgres"], "UPDATE t SET b = $2, c = $3 WHERE a = $1 OR b = $2")

    def test_rows_repeat_the_values(self):
        text = (
            "-- @query put exec\n-- @in a u64, b str?\n-- @rows 2\n"
            "INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT (a) DO NOTHING;\n"
        )
        header, source = self.generate(text)
        self.assertIn("VALUES (?1, ?2), (?3, ?4) ON CONFLICT (a) DO NOTHING", source)
        self.assertIn("VALUES ($1, $2), ($3, $4) ON CONFLICT (a) DO NOTHING", source)
        self.assertIn("gx_stmt_bind_str(s, row * 2 + 1, in->b);", source)
        self.assertIn("lantern_sql_put_rows(struct gx_tx *tx", header)
        for rows in ("1", "65", "many"):
            with self.assertRaises(sqlgen.SqlError):
                self.generate(text.replace("@rows 2", "@rows " + rows))

    def test_quotes_comments_and_casts_are_left_alone(self):
        text = (
            "-- @query q one\n-- @in a u64\n-- @out n u64\n"
            "SELECT ':x; ?', \":y\", n::bigint -- :z ;\n FROM t /* ;\n:w */ WHERE a = :a;\n"
        )
        sql = self.queries(text)[0].sql["sqlite"]
        self.assertEqual(sql, "SELECT ':x; ?', \":y\", n::bigint FROM t WHERE a = ?1")

    def test_variants_by_dialect(self):
        text = (
            "-- @query q exec\n-- @in a u64\n-- @sqlite\nDELETE FROM t WHERE a = :a;\n"
            "-- @postgres\nDELETE FROM p WHERE a = :a;\n"
        )
        query = self.queries(text)[0]
        self.assertEqual(query.sql["sqlite"], "DELETE FROM t WHERE a = ?1")
        self.assertEqual(query.sql["postgres"], "DELETE FROM p WHERE a = $1")

    def test_is_write_is_derived(self):
        cases = [
            ("exec", "", "INSERT INTO t DEFAULT VALUES;", True),
            ("exec", "", "WITH x AS (SELECT 1) DELETE FROM t;", True),
            ("one", "-- @out n u64\n", "WITH x AS (SELECT 1 AS n) SELECT n FROM x;", False),
            ("one", "-- @out n u64\n", "UPDATE t SET n = n + 1 RETURNING n;", True),
            ("one", "-- @out n u64\n", "select n from t;", False),
        ]
        for kind, outs, sql, want in cases:
            with self.subTest(sql):
                query = self.queries(f"-- @query q {kind}\n{outs}{sql}\n")[0]
                self.assertEqual(query.is_write, want)

    def test_mistakes_have_a_place(self):
        head = "-- @query q one\n-- @in a u64\n-- @out n u64\n"
        cases = [
            ("-- @query q two\nSELECT 1;", 1, "exec|one|many"),
            ("-- @query Q one\n", 1, "identifier"),
            ("-- @query while one\n", 1, "identifier"),
            ("SELECT 1;", 1, "before the first"),
            ("-- @in a u64\n", 1, "before the first"),
            (ONE + ONE, 5, "already in line 1"),
            ("-- @query q one\n-- @in a u63\n", 2, "unknown type `u63`"),
            ("-- @query q one\n-- @in a bool?\n", 2, "can't be nullable"),
            ("-- @query q one\n-- @in a u64, a str\n", 2, "declared twice"),
            ("-- @query q one\n-- @in a\n", 2, "expected `name type`"),
            ("-- @query q one\n-- @frob a\n", 2, "unknown directive"),
            ("-- @query q one\nSELECT 1;", 1, "needs an @out"),
            ("-- @query q exec\n-- @out n u64\nDELETE FROM t;", 1, "has no @out"),
            ("-- @query q exec\nSELECT 1;", 2, "exec of a SELECT"),
            ("-- @query q exec\nDROP TABLE t;", 2, "is no query"),
            (head, 1, "no statement"),
            (head + "SELECT n FROM t\nWHERE a = :a AND b = :b;", 5, "`:b` is not declared"),
            (head + "SELECT n FROM t;", 4, "declared but not used"),
            (head + "SELECT n FROM t WHERE a = ?1;", 4, "write parameters as :name"),
            (head + "SELECT n FROM t WHERE a = :a", 4, "does not end"),
            (head + "SELECT n FROM t WHERE a = :a;\nSELECT 1;", 5, "second statement"),
            (head + "SELECT n FROM t WHERE a = :a;\n-- @in b u64\n", 5, "behind the statement"),
            (head + "-- @sqlite\nSELECT n FROM t WHERE a = :a;\n", 1, "no @postgres variant"),
            ("-- @query q many\n-- @out n u64\nSELECT n FROM t;", 3, "many without LIMIT"),
            ("-- @query q one\n-- @scan ok\n", 2, "@scan ok: reason"),
        ]
        for text, line, message in cases:
            with self.subTest(text):
                with self.assertRaises(sqlgen.SqlError) as caught:
                    self.queries(text)
                self.assertTrue(str(caught.exception).startswith(f"x.sql:{line}: "), caught)
                self.assertIn(message, str(caught.exception))

    def test_migrations_are_numbered_and_listed(self):
        first = self.write("migrations/0001.sql", "CREATE TABLE t (a);\n")
        source = self.generate(ONE, [first])[1]
        self.assertIn('"CREATE TABLE t (a);\\n"', source)
        third = self.write("migrations/0003.sql", "CREATE TABLE u (a);\n")
        for paths, message in (([first, third], "0002.sql"), ([first], "not listed")):
            with self.assertRaises(sqlgen.SqlError) as caught:
                self.generate(ONE, paths)
            self.assertIn(message, str(caught.exception))

    def test_generated_names(self):
        head, source = self.generate(ONE)
        self.assertIn("struct lantern_sql_get_in {\n\tuint64_t id;\n};", head)
        self.assertIn("struct lantern_sql_get_out *out, bool *found, struct gx_error *err);", head)
        self.assertIn("extern struct gx_query_set lantern_queries;", head)
        self.assertIn('.name = "lantern.get"', source)


if __name__ == "__main__":
    unittest.main()
