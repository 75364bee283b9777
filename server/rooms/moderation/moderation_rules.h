/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moderation_rules.h - the room from the inside. Not for other rooms.
 *
 * Threading: "any" runs on readers too; the rest on the command thread.
 * Memory:    results in the caller's arena.
 */
#ifndef GX_MODERATION_RULES_H
#define GX_MODERATION_RULES_H

#include "accounts.h"
#include "moderation.h"

#define MODERATION_EXCERPT_CHARS 200u

enum moderation_setting { MODERATION_REPORTS_PER_DAY, MODERATION_SETTINGS_COUNT };
extern struct gx_setting moderation_settings[MODERATION_SETTINGS_COUNT];

enum moderation_metric { MODERATION_REPORTS, MODERATION_METRICS_COUNT };
extern struct gx_metric moderation_metrics[MODERATION_METRICS_COUNT];

/* Stored by number: only append. */
enum moderation_reason {
	MODERATION_SPAM,
	MODERATION_FRAUD,
	MODERATION_HARASSMENT,
	MODERATION_OTHER,
	MODERATION_REASONS_COUNT
};
enum moderation_action { MODERATION_NONE, MODERATION_SUSPEND, MODERATION_ACTIONS_COUNT };

struct moderation_report {
	uint64_t report_id;
	const struct accounts_account *reporter;
	const struct accounts_account *subject;
	/* Whether the viewer may see the subject's profile, or only that there is someone. */
	bool shows_subject;
	uint64_t conversation_id, seq; /* 0: an account was reported */
	struct gx_str excerpt;
	enum moderation_reason reason;
	struct gx_str note;
	bool is_closed;
	enum moderation_action action;
	struct gx_str answer;
	int64_t created_at_ms, closed_at_ms;
};

/* What someone reports: a message (conversation_id and seq) or an account. */
struct moderation_complaint {
	struct gx_str client_id;
	uint64_t conversation_id, seq;
	uint64_t account_id;
	enum moderation_reason reason;
	struct gx_str note;
};

/* Stores a report, or finds the one that this client_id made. GX_E_NOT_FOUND
 * "moderation.no_subject": nothing there that the reporter can read, or oneself. */
GX_NODISCARD enum gx_status moderation_create_report(struct gx_arena *a, struct gx_tx *tx,
						     uint64_t reporter_id,
						     const struct moderation_complaint *complaint,
						     const struct moderation_report **out,
						     struct gx_error *err);

enum moderation_state { MODERATION_OPEN, MODERATION_CLOSED, MODERATION_ANY };

/* Any. Newest first, those with report_id < before; one's own, or (reporter_id 0) everybody's in
 * that state. *has_more: there are older ones. */
GX_NODISCARD enum gx_status
moderation_list_reports(struct gx_arena *a, struct gx_tx *tx, uint64_t reporter_id,
			enum moderation_state state, uint64_t before, size_t limit,
			const struct moderation_report ***out, size_t *count, bool *has_more,
			struct gx_error *err);

/* Decides. `note` is the answer that the reporter reads and, with MODERATION_SUSPEND, the reason
 * that the suspended person reads; empty then means the reason of the report. */
GX_NODISCARD enum gx_status
moderation_close_report(struct gx_arena *a, struct gx_tx *tx, const struct gx_session *actor,
			uint64_t report_id, enum moderation_action action, struct gx_str note,
			const struct moderation_report **out, struct gx_error *err);

/* What a message says in one short line. Any. */
GX_NODISCARD enum gx_status moderation_excerpt(struct gx_arena *a, struct gx_str kind,
					       struct gx_str body, struct gx_str *out,
					       struct gx_error *err);

#endif
