/* SPDX-License-Identifier: Apache-2.0 */
/* moderation_http.h - inputs and handlers for the table of routes in moderation_room.c. */
#ifndef GX_MODERATION_HTTP_H
#define GX_MODERATION_HTTP_H

#include "moderation_rules.h"

extern const struct gx_field moderation_create_fields[];
extern const struct gx_field moderation_page_fields[];
extern const struct gx_field moderation_list_fields[];
extern const struct gx_field moderation_close_fields[];
extern const struct gx_field moderation_suspend_fields[];
extern const struct gx_field moderation_unsuspend_fields[];

enum gx_status moderation_handle_create(struct gx_call *c);
enum gx_status moderation_handle_list_own(struct gx_call *c);
enum gx_status moderation_handle_list(struct gx_call *c);
enum gx_status moderation_handle_close(struct gx_call *c);
enum gx_status moderation_handle_suspend(struct gx_call *c);
enum gx_status moderation_handle_unsuspend(struct gx_call *c);
enum gx_status moderation_handle_list_audit(struct gx_call *c);

#endif
