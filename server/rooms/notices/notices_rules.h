/* SPDX-License-Identifier: Apache-2.0 */
/* notices_rules.h - the rules, for this room's own calls. Contracts as in notices.h. */
#ifndef GX_NOTICES_RULES_H
#define GX_NOTICES_RULES_H

#include "notices.h"

#define NOTICES_TEXT_CHARS_MAX 2000

enum notices_setting { NOTICES_PER_DAY, NOTICES_SETTINGS_COUNT };

extern struct gx_setting notices_settings[NOTICES_SETTINGS_COUNT];

struct notices_notice {
	uint64_t notice_id;
	struct gx_str text;
	int64_t created_at_ms;
};

/* Says something to every account there is, and leaves a line in the audit. A repeat of the same
 * client_id answers the first notice. GX_E_CONFLICT "notices.client_id_reused" with another text;
 * GX_E_LIMIT "notices.too_many" for one more than the day's. Command thread. */
GX_NODISCARD enum gx_status notices_create(struct gx_arena *a, struct gx_tx *tx, uint64_t author_id,
					   struct gx_str client_id, struct gx_str text,
					   struct notices_notice *out, struct gx_error *err);
/* Those that the account was told, newest first, with notice_id < before. Any. */
GX_NODISCARD enum gx_status notices_list(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					 uint64_t before, size_t limit, struct notices_notice **out,
					 size_t *count, struct gx_error *err);
/* The API's notice object. */
void notices_write(struct gx_json_writer *w, const struct notices_notice *notice);
/* gx_room.events. */
GX_NODISCARD enum gx_status notices_list_events(struct gx_arena *a, struct gx_tx *tx,
						uint64_t account_id, uint64_t after, uint64_t *upto,
						size_t limit, struct gx_event **out, size_t *count,
						struct gx_error *err);

#endif
