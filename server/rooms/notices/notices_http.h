/* SPDX-License-Identifier: Apache-2.0 */
/* notices_http.h - handlers and input tables, for the room's table of routes. */
#ifndef GX_NOTICES_HTTP_H
#define GX_NOTICES_HTTP_H

#include "notices.h"

extern const struct gx_field notices_create_fields[];
extern const struct gx_field notices_list_fields[];

enum gx_status notices_handle_create(struct gx_call *c);
enum gx_status notices_handle_list(struct gx_call *c);

#endif
