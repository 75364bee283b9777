/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_seed.c - guanxi-bench-seed: fills a stopped server's data folder for measuring.
 *
 * A million sign-ups through the API would take hours. So the rows are written straight into the
 * tables, in the layout that the server itself has made there (its migrations have run); what is
 * written says seed.sql, what the people are called load_seed.h. Nothing that a person does is
 * measured while this runs. It refuses a folder that has an account.
 */
#include <fcntl.h>
#include <getopt.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "gx.h"
#include "load_seed.h"

#define SQL_BYTES_MAX 65536
#define INDEXES_MAX 32

static struct {
	const char *data_dir, *sql_path;
	uint64_t accounts, friends, messages, deep;
	char sql[SQL_BYTES_MAX];
	sqlite3 *db;
} seed = { .sql_path = "bench/seed/seed.sql" };

_Noreturn static void give_up(const char *what)
{
	fprintf(stderr, "guanxi-bench-seed: %s: %s\n", what,
		seed.db == NULL ? "no database" : sqlite3_errmsg(seed.db));
	exit(1);
}

static void secret_hash(sqlite3_context *context, int count, sqlite3_value **values)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char secret[LOAD_SEED_SECRET_BYTES + 1];

	(void)count;
	load_seed_secret((uint64_t)sqlite3_value_int64(values[0]), secret);
	crypto_hash_sha256(hash, (const unsigned char *)secret, LOAD_SEED_SECRET_BYTES);
	sqlite3_result_blob(context, hash, sizeof(hash), SQLITE_TRANSIENT);
}

static void place(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(context, load_seed_place((uint32_t)sqlite3_value_int64(values[0]),
						      (uint32_t)sqlite3_value_int64(values[1]),
						      (uint32_t)seed.friends));
}

static void open_all(void)
{
	char path[4096];
	FILE *f = fopen(seed.sql_path, "r");
	int lock;

	if (f == NULL || fread(seed.sql, 1, sizeof(seed.sql) - 1, f) == 0)
		give_up(seed.sql_path);
	fclose(f);
	snprintf(path, sizeof(path), "%s/lock", seed.data_dir);
	lock = open(path, O_RDWR | O_CLOEXEC); /* held until the process ends */
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0)
		give_up("a server holds the data folder, or has never been there");
	snprintf(path, sizeof(path), "%s/guanxi.db", seed.data_dir);
	if (sodium_init() < 0 ||
	    sqlite3_open_v2(path, &seed.db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_create_function(seed.db, "secret_hash", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
				    NULL, secret_hash, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function(seed.db, "place", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
				    place, NULL, NULL) != SQLITE_OK)
		give_up(path);
}

/* The text behind "-- @part NAME". */
static const char *part(const char *name)
{
	char head[64];
	const char *at;

	snprintf(head, sizeof(head), "\n-- @part %s\n", name);
	at = strstr(seed.sql, head);
	if (at == NULL)
		give_up(name);
	return at + strlen(head);
}

static void bind(sqlite3_stmt *stmt, const char *name, int64_t value)
{
	int index = sqlite3_bind_parameter_index(stmt, name);

	if (index > 0)
		sqlite3_bind_int64(stmt, index, value);
}

/* Runs the first statement of `sql`, if there is one, dropping its rows; what stands behind it.
 * len -1: up to the NUL. */
static const char *run_one(const char *sql, int len)
{
	sqlite3_stmt *stmt;
	const char *rest;
	int rc;

	if (sqlite3_prepare_v2(seed.db, sql, len, &stmt, &rest) != SQLITE_OK)
		give_up(sql);
	if (stmt == NULL)
		return rest;
	bind(stmt, ":accounts", (int64_t)seed.accounts);
	bind(stmt, ":friends", (int64_t)seed.friends);
	bind(stmt, ":messages", (int64_t)seed.messages);
	bind(stmt, ":deep", (int64_t)seed.deep);
	bind(stmt, ":now_ms", gx_clock_now_ms());
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		;
	if (rc != SQLITE_DONE)
		give_up(sqlite3_sql(stmt));
	sqlite3_finalize(stmt);
	return rest;
}

/* All statements of a part. */
static void run_part(const char *name)
{
	const char *at = part(name), *next = strstr(at, "\n-- @part ");
	const char *end = next == NULL ? at + strlen(at) : next;

	while (at < end)
		at = run_one(at, (int)(end - at));
}

static void run_timed(const char *name)
{
	uint64_t begin_ns = gx_clock_mono_ns();
	int64_t before = sqlite3_total_changes64(seed.db), rows;
	double seconds;

	run_part(name);
	rows = sqlite3_total_changes64(seed.db) - before;
	seconds = (double)(gx_clock_mono_ns() - begin_ns) / 1e9;
	if (rows > 100000)
		printf("seed part=%s rows=%lld seconds=%.1f rows_per_s=%.0f\n", name,
		       (long long)rows, seconds, (double)rows / seconds);
}

/* Drops the indexes and remembers how to make them. */
static unsigned drop_indexes(char *create[INDEXES_MAX])
{
	char *drop[INDEXES_MAX];
	sqlite3_stmt *stmt;
	unsigned n = 0;

	if (sqlite3_prepare_v2(seed.db, part("indexes"), -1, &stmt, NULL) != SQLITE_OK)
		give_up("indexes");
	for (; sqlite3_step(stmt) == SQLITE_ROW && n < INDEXES_MAX; n++) {
		drop[n] = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 0));
		create[n] = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 1));
	}
	sqlite3_finalize(stmt);
	for (unsigned i = 0; i < n; i++) {
		run_one(drop[i], -1);
		sqlite3_free(drop[i]);
	}
	return n;
}

static void fill(void)
{
	static const char *const parts[] = { "accounts", "sessions", "owner",	 "conversations",
					     "members",	 "ties",     "messages", "deep",
					     "position", "read" };
	uint64_t begin_ns = gx_clock_mono_ns();
	int64_t before = sqlite3_total_changes64(seed.db);
	char *create[INDEXES_MAX];
	unsigned n;

	run_part("open");
	run_one("BEGIN", -1);
	n = drop_indexes(create);
	for (unsigned i = 0; i < GX_COUNT(parts); i++)
		run_timed(parts[i]);
	for (unsigned i = 0; i < n; i++) {
		run_one(create[i], -1);
		sqlite3_free(create[i]);
	}
	run_one("COMMIT", -1);
	run_part("close");
	double seconds = (double)(gx_clock_mono_ns() - begin_ns) / 1e9;
	int64_t rows = sqlite3_total_changes64(seed.db) - before;
	printf("seed rows=%lld seconds=%.1f rows_per_s=%.0f\n", (long long)rows, seconds,
	       (double)rows / seconds);
	if (sqlite3_close(seed.db) != SQLITE_OK)
		give_up("close");
}

static uint64_t number(const char *text)
{
	uint64_t v;

	if (!gx_str_to_u64(gx_str_from_cstr(text), &v) || v > 100000000)
		give_up(text);
	return v;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "data", 1, NULL, 'd' },     { "sql", 1, NULL, 's' },
		{ "accounts", 1, NULL, 'a' }, { "friends", 1, NULL, 'f' },
		{ "messages", 1, NULL, 'm' }, { "deep", 1, NULL, 'D' },
		{ NULL, 0, NULL, 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
		switch (c) {
		case 'd':
			seed.data_dir = optarg;
			break;
		case 's':
			seed.sql_path = optarg;
			break;
		case 'a':
			seed.accounts = number(optarg);
			break;
		case 'f':
			seed.friends = number(optarg);
			break;
		case 'm':
			seed.messages = number(optarg);
			break;
		case 'D':
			seed.deep = number(optarg);
			break;
		default:
			seed.data_dir = NULL;
			break;
		}
	if (seed.data_dir == NULL || seed.accounts == 0 || 2 * seed.friends >= seed.accounts ||
	    (seed.messages + seed.deep > 0 && seed.friends == 0) ||
	    (seed.messages > 0 && seed.deep > 0)) {
		fputs("guanxi-bench-seed --data DIR --accounts N [--friends K] "
		      "[--messages N | --deep N]\n"
		      "  each account gets a session, and a conversation with each of K others "
		      "(2 K < N);\n"
		      "  --messages are spread over all conversations, --deep all go into one\n",
		      stderr);
		return 2;
	}
	open_all();
	fill();
	return 0;
}
