/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - tokens, devices and roles.
 *
 * A token is "DEVICE_ID.SECRET": the row is found by its key, the secret compared by its hash in
 * constant time. Sessions in use stand in a table by device, so that a call over a stream costs one
 * look-up; the table is only a copy, has a maximum, and is dropped whole when a batch fails. Who
 * was seen stands in a bit for each device until it is written down: in the order of their rows, so
 * that a million of them touch each page once.
 */
#include "session.h"

#include <sodium.h>
#include <string.h>

#include "core_sql.h"
#include "core_state.h"
#include "ident.h"

#define SECRET_BYTES 32
#define HASH_BYTES 32
#define CACHED_MAX 49000u /* with their table 5 MB */
#define SEEN_EVERY_MS (5 * GX_MINUTE_MS)
#define SEEN_BATCH 1000u
#define SEEN_DEVICES_MAX (UINT64_C(1) << 27) /* 16 MiB of bits */

struct core_session_entry {
	uint64_t account_id;
	int64_t seen_at_ms;
	unsigned char hash[HASH_BYTES];
	uint8_t role;
};

static void hash_secret(struct gx_str secret, unsigned char out[HASH_BYTES])
{
	crypto_hash_sha256(out, (const unsigned char *)secret.ptr, secret.len);
}

/* The oldest one goes when there are as many as there may be. */
static enum gx_status make_room(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				struct gx_error *err)
{
	struct core_sql_session_after_in in = { account_id, (uint64_t)gx_sessions_max() - 1 };
	struct core_sql_session_after_out row;
	bool found;
	enum gx_status st = core_sql_session_after(a, tx, &in, &row, &found, err);

	if (st != GX_OK || !found)
		return st;
	return gx_session_revoke(tx, account_id, row.device_id, &found, err);
}

enum gx_status gx_session_create(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				 struct gx_str device_name, struct gx_str platform,
				 struct gx_str peer, uint64_t *device_id, struct gx_str *token,
				 struct gx_error *err)
{
	unsigned char secret[SECRET_BYTES];
	unsigned char hash[HASH_BYTES];
	struct core_sql_session_insert_out row;
	bool found;

	GX_ASSERT(account_id != 0);
	enum gx_status st = make_room(a, tx, account_id, err);
	if (st != GX_OK)
		return st;
	gx_random_bytes(secret, sizeof(secret));
	struct gx_str text = gx_base64url_encode(a, secret, sizeof(secret));
	hash_secret(text, hash);
	st = core_sql_session_insert(a, tx,
				     &(struct core_sql_session_insert_in){
					     .account_id = account_id,
					     .secret_hash = { (const char *)hash, sizeof(hash) },
					     .name = device_name.ptr == NULL ? GX_STR("")
									     : device_name,
					     .platform =
						     platform.ptr == NULL ? GX_STR("") : platform,
					     .peer = peer.ptr == NULL ? GX_STR("") : peer,
					     .now_ms = tx->now_ms,
				     },
				     &row, &found, err);
	sodium_memzero(secret, sizeof(secret));
	if (st != GX_OK)
		return st;
	GX_ASSERT(found);
	*device_id = row.device_id;
	*token = gx_arena_printf(a, "%llu.%.*s", (unsigned long long)row.device_id,
				 GX_STR_ARG(text));
	return GX_OK;
}

enum gx_status gx_session_list(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			       struct gx_session_row **out, size_t *count, struct gx_error *err)
{
	struct core_sql_session_list_out *rows;
	size_t n;
	enum gx_status st = core_sql_session_list(a, tx,
						  &(struct core_sql_session_list_in){
							  .account_id = account_id },
						  &rows, &n, err);

	if (st != GX_OK)
		return st;
	struct gx_session_row *list = gx_arena_new_array(a, struct gx_session_row, n + 1);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct gx_session_row){ rows[i].device_id,	  rows[i].name,
						   rows[i].platform,	  rows[i].peer,
						   rows[i].created_at_ms, rows[i].seen_at_ms };
	*out = list;
	*count = n;
	return GX_OK;
}

static void forget_device(struct gx_core *core, uint64_t device_id)
{
	if (core != NULL)
		gx_heap_free(gx_table_remove(&core->sessions, device_id));
}

enum gx_status gx_session_revoke(struct gx_tx *tx, uint64_t account_id, uint64_t device_id,
				 bool *found, struct gx_error *err)
{
	uint64_t changes;
	enum gx_status st = core_sql_session_delete(
		tx, &(struct core_sql_session_delete_in){ account_id, device_id }, &changes, err);

	if (st != GX_OK)
		return st;
	*found = changes > 0;
	if (*found) {
		forget_device(tx->core, device_id);
		outbox_close_sessions(tx, account_id, device_id, 0);
	}
	return GX_OK;
}

enum gx_status gx_session_revoke_all(struct gx_tx *tx, uint64_t account_id,
				     uint64_t except_device_id, struct gx_error *err)
{
	struct gx_arena a;
	struct gx_session_row *rows;
	size_t count;
	bool found;

	gx_arena_init(&a);
	enum gx_status st = gx_session_list(&a, tx, account_id, &rows, &count, err);
	for (size_t i = 0; st == GX_OK && i < count; i++)
		if (rows[i].device_id != except_device_id)
			st = gx_session_revoke(tx, account_id, rows[i].device_id, &found, err);
	gx_arena_deinit(&a);
	return st;
}

enum gx_status gx_role_get(struct gx_tx *tx, uint64_t account_id, enum gx_role *out,
			   struct gx_error *err)
{
	struct gx_arena a;
	struct core_sql_role_get_out row;
	bool found;

	gx_arena_init(&a);
	enum gx_status st = core_sql_role_get(&a, tx, &(struct core_sql_role_get_in){ account_id },
					      &row, &found, err);
	gx_arena_deinit(&a);
	if (st == GX_OK)
		*out = found ? (enum gx_role)row.role : GX_ROLE_MEMBER;
	return st;
}

enum gx_status gx_role_set(struct gx_tx *tx, uint64_t account_id, enum gx_role role,
			   struct gx_error *err)
{
	enum gx_status st =
		core_sql_role_put(tx, &(struct core_sql_role_put_in){ account_id, role }, NULL,
				  err);

	if (st == GX_OK && tx->core != NULL)
		core_sessions_forget(tx->core);
	return st;
}

void core_sessions_forget(struct gx_core *core)
{
	size_t at = 0;
	void *entry;

	while ((entry = gx_table_next(&core->sessions, &at, NULL)) != NULL)
		gx_heap_free(entry);
	gx_table_deinit(&core->sessions);
	gx_table_init(&core->sessions);
}

/* --- who was seen --- */

static void mark_seen(struct gx_core *core, uint64_t device_id)
{
	struct core_seen *seen = &core->seen;
	size_t word = (size_t)(device_id / 64);

	if (device_id >= SEEN_DEVICES_MAX)
		return;
	if (word >= seen->words_count) {
		size_t count = seen->words_count == 0 ? 64 : seen->words_count;

		while (count <= word)
			count *= 2;
		seen->words = gx_heap_resize(seen->words, count, sizeof(*seen->words));
		memset(seen->words + seen->words_count, 0,
		       (count - seen->words_count) * sizeof(*seen->words));
		seen->words_count = count;
	}
	seen->words[word] |= UINT64_C(1) << (device_id % 64);
	gx_periodic_wake(core, &core_periodics[CORE_PERIODIC_SEEN]);
}

/* The next device that was seen, or 0 after the last; it is no more among them. */
static uint64_t take_seen(struct core_seen *seen)
{
	for (; seen->at < seen->words_count; seen->at++) {
		uint64_t bits = seen->words[seen->at];

		if (bits == 0)
			continue;
		seen->words[seen->at] = bits & (bits - 1);
		return seen->at * 64 + (uint64_t)__builtin_ctzll(bits);
	}
	seen->at = 0;
	return 0;
}

/* Periodic: writes down when devices were last seen, some at a time. */
enum gx_status core_sessions_seen(struct gx_arena *a, struct gx_tx *tx, bool *again,
				  struct gx_error *err)
{
	for (unsigned i = 0; i < SEEN_BATCH; i++) {
		uint64_t device_id = take_seen(&tx->core->seen);
		enum gx_status st;

		if (device_id == 0)
			return GX_OK;
		st = core_sql_session_seen(
			tx, &(struct core_sql_session_seen_in){ device_id, tx->now_ms }, NULL, err);
		if (st != GX_OK)
			return st;
	}
	*again = true;
	return GX_OK;
}

/* --- the table --- */

/* Whichever stands next: one that is in use comes back with one query. */
static void forget_one(struct gx_core *core)
{
	uint64_t device_id;

	while (gx_table_next(&core->sessions, &core->sessions_hand, &device_id) == NULL)
		core->sessions_hand = 0;
	forget_device(core, device_id);
}

/* Where the batch under way has written nothing, the committed rows are as true as its own: then
 * the writer's large cache is not filled with the rows of everybody who connects. */
static enum gx_status choose_tx(struct gx_core *core, struct gx_tx **out, struct gx_error *err)
{
	enum gx_status st = GX_OK;

	if (core->batch.is_open && core->batch.tx.writes_count > 0) {
		*out = &core->batch.tx;
		return GX_OK;
	}
	if (!core->is_looking)
		st = gx_tx_begin(core->looker, &core->looker_tx, err);
	if (st != GX_OK)
		return st;
	core->is_looking = true;
	*out = &core->looker_tx;
	return GX_OK;
}

void core_sessions_looked(struct gx_core *core)
{
	if (core->is_looking)
		gx_tx_rollback(&core->looker_tx);
	core->is_looking = false;
}

static enum gx_status read_entry(struct gx_core *core, uint64_t device_id,
				 struct core_session_entry **out, struct gx_error *err)
{
	struct core_sql_session_get_out row;
	struct core_session_entry *entry;
	struct gx_tx *tx;
	bool found = false;
	enum gx_status st = choose_tx(core, &tx, err);

	if (st == GX_OK)
		st = core_sql_session_get(&core->batch.arena, tx,
					  &(struct core_sql_session_get_in){ device_id }, &row,
					  &found, err);
	if (st != GX_OK)
		return st;
	if (!found || row.secret_hash.len != HASH_BYTES) {
		*out = NULL;
		return GX_OK;
	}
	if (core->sessions.count >= CACHED_MAX)
		forget_one(core);
	entry = gx_heap_alloc(sizeof(*entry));
	entry->account_id = row.account_id;
	entry->role = (uint8_t)row.role;
	entry->seen_at_ms = row.seen_at_ms;
	memcpy(entry->hash, row.secret_hash.ptr, HASH_BYTES);
	gx_table_put(&core->sessions, device_id, entry);
	*out = entry;
	return GX_OK;
}

/* The entry of a device, from the table or the database; *out NULL when there is no such session.
 */
static enum gx_status load(struct gx_core *core, uint64_t device_id,
			   struct core_session_entry **out, struct gx_error *err)
{
	struct core_session_entry *entry = gx_table_get(&core->sessions, device_id);

	if (entry == NULL)
		return read_entry(core, device_id, out, err);
	*out = entry;
	return GX_OK;
}

/* It has shown who it is. */
static struct gx_session admit(struct gx_core *core, struct core_session_entry *entry,
			       uint64_t device_id)
{
	int64_t now_ms = gx_clock_now_ms();

	if (now_ms - entry->seen_at_ms > SEEN_EVERY_MS) {
		entry->seen_at_ms = now_ms;
		mark_seen(core, device_id);
	}
	return (struct gx_session){ entry->account_id, device_id, (enum gx_role)entry->role };
}

enum gx_status core_session_by_token(struct gx_core *core, struct gx_str token,
				     struct gx_session *out, struct gx_error *err)
{
	struct core_session_entry *entry = NULL;
	unsigned char hash[HASH_BYTES];
	struct gx_str secret = token;
	struct gx_str id = gx_str_cut(&secret, '.');
	uint64_t device_id;

	if (!gx_str_to_u64(id, &device_id) || device_id == 0 || device_id > INT64_MAX)
		return gx_fail(err, GX_E_UNAUTHENTICATED, "core.unauthenticated");
	enum gx_status st = load(core, device_id, &entry, err);
	if (st != GX_OK)
		return st;
	hash_secret(secret, hash);
	if (entry == NULL || sodium_memcmp(hash, entry->hash, HASH_BYTES) != 0)
		return gx_fail(err, GX_E_UNAUTHENTICATED, "core.unauthenticated");
	*out = admit(core, entry, device_id);
	return GX_OK;
}

enum gx_status core_session_by_device(struct gx_core *core, uint64_t account_id, uint64_t device_id,
				      struct gx_session *out, struct gx_error *err)
{
	struct core_session_entry *entry = NULL;
	enum gx_status st = load(core, device_id, &entry, err);

	if (st != GX_OK)
		return st;
	if (entry == NULL || entry->account_id != account_id)
		return gx_fail(err, GX_E_UNAUTHENTICATED, "core.unauthenticated");
	*out = admit(core, entry, device_id);
	return GX_OK;
}
