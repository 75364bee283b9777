/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups_rules.h - the room's own inside: rules, rows, notices.
 *
 * Threading:  command thread; functions marked "any" also on readers.
 * Memory:     results in the caller's arena; input strings are borrowed for the call.
 * Errors:     GX_OK or a status with `err` filled; on failure outputs are untouched.
 */
#ifndef GX_GROUPS_RULES_H
#define GX_GROUPS_RULES_H

#include "groups.h"

#define GROUPS_NAME_CHARS_MAX 30
#define GROUPS_ANNOUNCEMENT_CHARS_MAX 2000
#define GROUPS_NICKNAME_CHARS_MAX 32
/* People that one call may add. */
#define GROUPS_ADD_MAX 500
/* Whatever the setting says. */
#define GROUPS_MEMBERS_HARD_MAX 10000
/* Members in one answer. */
#define GROUPS_PAGE_MAX 1000
/* People that a notice names; it counts all of them. */
#define GROUPS_NOTICE_NAMES_MAX 20

enum groups_setting {
	GROUPS_SETTING_MEMBERS,
	GROUPS_SETTING_PER_DAY,
	GROUPS_SETTING_CHANGES_PER_HOUR,
	/* Accepted so that one settings file serves this version and the next; nothing asks them
	   yet. */
	GROUPS_SETTING_ACCEPT_ABOVE,
	GROUPS_SETTING_VERIFIED_ABOVE,
	GROUPS_SETTING_QR_UNTIL,
	GROUPS_SETTING_COUNT
};
extern struct gx_setting groups_settings[GROUPS_SETTING_COUNT];

enum groups_metric { GROUPS_METRIC_CREATED, GROUPS_METRIC_COUNT };
extern struct gx_metric groups_metrics[GROUPS_METRIC_COUNT];

enum groups_role { GROUPS_ROLE_MEMBER = 0, GROUPS_ROLE_ADMIN = 1, GROUPS_ROLE_OWNER = 2 };

struct groups_group {
	uint64_t group_id; /* the conversation's */
	uint64_t owner_id;
	struct gx_str name;
	struct gx_str announcement;
	int64_t announced_at_ms; /* INT64_MIN: never */
	bool is_dissolved;
};

struct groups_member {
	uint64_t account_id;
	int64_t ordinal; /* order of joining */
	enum groups_role role;
	struct gx_str nickname; /* in this group; may be empty */
	int64_t joined_at_ms;
};

/* Someone who could not be added, and why: a stable code. */
struct groups_refusal {
	uint64_t account_id;
	const char *code;
};

/* ---- groups_rules.c */

/* Any. The group and the caller's place in it. GX_E_NOT_FOUND "groups.no_group" for outsiders,
 * GX_E_FORBIDDEN "chat.not_member" for who was in it. */
GX_NODISCARD enum gx_status groups_enter(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
					 uint64_t group_id, struct groups_group *group,
					 struct groups_member *member, struct gx_error *err);

/* `client_id` may be empty. *refused is a JSON array, as the answer carries it. */
GX_NODISCARD enum gx_status groups_create(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
					  struct gx_str client_id, struct gx_str name,
					  const uint64_t *ids, size_t ids_count, uint64_t *group_id,
					  struct gx_str *refused, struct gx_error *err);

/* What to change of a group; NULL pointers leave things as they are. */
struct groups_change {
	const struct gx_str *name;
	const struct gx_str *announcement;
	uint64_t owner_id; /* 0: leave */
	bool has_admins;
	const uint64_t *admin_ids;
	size_t admins_count;
};
GX_NODISCARD enum gx_status groups_update(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
					  uint64_t group_id, const struct groups_change *change,
					  struct gx_error *err);
GX_NODISCARD enum gx_status groups_dissolve(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
					    uint64_t group_id, struct gx_error *err);
GX_NODISCARD enum gx_status groups_set_nickname(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
						uint64_t group_id, struct gx_str nickname,
						struct gx_error *err);

/* ---- groups_members.c */

/* Who of `ids` may be brought in by `by` (contacts on both sides, room left), in their order;
 * *refused tells about the others. Those who are in already and `by` are in neither list. */
GX_NODISCARD enum gx_status groups_sort_out(struct gx_arena *a, struct gx_tx *tx, uint64_t by,
					    uint64_t group_id, const uint64_t *ids,
					    size_t ids_count, uint64_t **admitted,
					    size_t *admitted_count, struct groups_refusal **refused,
					    size_t *refused_count, struct gx_error *err);
GX_NODISCARD enum gx_status groups_add(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				       uint64_t group_id, const uint64_t *ids, size_t ids_count,
				       struct gx_str *refused, struct gx_error *err);
/* Removes someone, or oneself: leaving. */
GX_NODISCARD enum gx_status groups_remove(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
					  uint64_t group_id, uint64_t account_id,
					  struct gx_error *err);
/* Gives somebody a role, here and (who moderates) in chat. */
GX_NODISCARD enum gx_status groups_set_role(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
					    uint64_t account_id, enum groups_role role,
					    struct gx_error *err);

/* ---- groups_store.c */

GX_NODISCARD enum gx_status groups_get(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
				       struct groups_group *out, bool *found, struct gx_error *err);
GX_NODISCARD enum gx_status groups_save(struct gx_tx *tx, const struct groups_group *group,
					struct gx_error *err);
GX_NODISCARD enum gx_status groups_get_member(struct gx_arena *a, struct gx_tx *tx,
					      uint64_t group_id, uint64_t account_id,
					      struct groups_member *out, bool *found,
					      struct gx_error *err);
/* Up to `most` members behind `after_ordinal` in order of joining. */
GX_NODISCARD enum gx_status groups_list_members(struct gx_arena *a, struct gx_tx *tx,
						uint64_t group_id, int64_t after_ordinal,
						size_t most, struct groups_member **out,
						size_t *count, struct gx_error *err);
GX_NODISCARD enum gx_status groups_count_members(struct gx_tx *tx, uint64_t group_id, size_t *count,
						 int64_t *last_ordinal, struct gx_error *err);
/* Appends people behind `last_ordinal`. */
GX_NODISCARD enum gx_status groups_insert_members(struct gx_tx *tx, uint64_t group_id,
						  const uint64_t *ids, size_t count,
						  int64_t last_ordinal, struct gx_error *err);

/* ---- groups_json.c */

/* Any. The API's group object. */
GX_NODISCARD enum gx_status groups_write(struct gx_arena *a, struct gx_tx *tx,
					 const struct groups_group *group,
					 const struct groups_member *me, struct gx_json_writer *w,
					 struct gx_error *err);
/* Any. An array of up to `most` member objects, in order of joining behind `after_ordinal`; ends
 * early when it has grown very large. *next: the ordinal to go on from; 0: these were the last. */
GX_NODISCARD enum gx_status groups_write_members(struct gx_arena *a, struct gx_tx *tx,
						 uint64_t group_id, int64_t after_ordinal,
						 size_t most, struct gx_json_writer *w,
						 int64_t *next, struct gx_error *err);
struct gx_str groups_format_refused(struct gx_arena *a, const struct groups_refusal *refused,
				    size_t count);

/* A line of the system in the group, with params {"by": person, "members": [person…], "count": n,
 * KEY: text}; what is not given is left out. A person is {account_id, nickname}, so that every
 * reader sees the line in the own language and with the own remarks. */
struct groups_notice {
	const char *code;
	uint64_t by;
	bool has_members;
	const uint64_t *ids;
	size_t ids_count;
	const char *key; /* "name", "text"; NULL: none */
	struct gx_str text;
};
GX_NODISCARD enum gx_status groups_post(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
					const struct groups_notice *notice, struct gx_error *err);

/* ---- groups_http.c */
#define GROUPS_ROUTES_COUNT 8
extern const struct gx_route groups_routes[GROUPS_ROUTES_COUNT];

#endif
