/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts_http.h - what accounts_room.c puts into the table of routes: inputs and handlers.
 *
 * Threading: _admit_ on the loop thread, _prepare_ on a helper, _handle_ on a reader (query) or the
 * command thread (command).
 */
#ifndef GX_ACCOUNTS_HTTP_H
#define GX_ACCOUNTS_HTTP_H

#include "accounts_rules.h"

/* accounts_http.c */
extern const struct gx_field accounts_sign_up_fields[];
extern const struct gx_field accounts_sign_in_fields[];
extern const struct gx_field accounts_session_fields[];
extern const struct gx_field accounts_set_password_fields[];
extern const struct gx_field accounts_recovery_fields[];
extern const struct gx_field accounts_reset_fields[];

enum gx_status accounts_admit_sign_up(struct gx_call *c);
enum gx_status accounts_prepare_sign_up(struct gx_call *c);
enum gx_status accounts_handle_sign_up(struct gx_call *c);
enum gx_status accounts_admit_sign_in(struct gx_call *c);
enum gx_status accounts_prepare_sign_in(struct gx_call *c);
enum gx_status accounts_handle_sign_in(struct gx_call *c);
enum gx_status accounts_handle_list_sessions(struct gx_call *c);
enum gx_status accounts_handle_sign_out(struct gx_call *c);
enum gx_status accounts_handle_delete_session(struct gx_call *c);
enum gx_status accounts_admit_own_password(struct gx_call *c);
enum gx_status accounts_admit_update_me(struct gx_call *c);
enum gx_status accounts_prepare_set_password(struct gx_call *c);
enum gx_status accounts_handle_set_password(struct gx_call *c);
enum gx_status accounts_prepare_recovery(struct gx_call *c);
enum gx_status accounts_handle_recovery(struct gx_call *c);
enum gx_status accounts_admit_reset(struct gx_call *c);
enum gx_status accounts_prepare_reset(struct gx_call *c);
enum gx_status accounts_handle_reset(struct gx_call *c);

/* accounts_profile_http.c */
extern const struct gx_field accounts_me_fields[];
extern const struct gx_field accounts_search_fields[];

enum gx_status accounts_handle_get_me(struct gx_call *c);
enum gx_status accounts_handle_update_me(struct gx_call *c);
enum gx_status accounts_admit_search(struct gx_call *c);
enum gx_status accounts_handle_search(struct gx_call *c);
enum gx_status accounts_handle_get_instance(struct gx_call *c);
enum gx_status accounts_handle_create_proof(struct gx_call *c);
enum gx_status accounts_handle_operator_instance(struct gx_call *c);
/* The API's word for a role. */
struct gx_str accounts_role_name(enum gx_role role);

/* accounts_operator_http.c */
extern const struct gx_field accounts_create_invite_fields[];
extern const struct gx_field accounts_invite_fields[];
extern const struct gx_field accounts_list_fields[];
extern const struct gx_field accounts_role_fields[];
extern const struct gx_field accounts_reset_code_fields[];

enum gx_status accounts_handle_create_invite(struct gx_call *c);
enum gx_status accounts_handle_list_invites(struct gx_call *c);
enum gx_status accounts_handle_delete_invite(struct gx_call *c);
enum gx_status accounts_handle_list(struct gx_call *c);
enum gx_status accounts_handle_set_role(struct gx_call *c);
enum gx_status accounts_handle_reset_code(struct gx_call *c);

#endif
