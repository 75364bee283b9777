/* SPDX-License-Identifier: Apache-2.0 */
/* print.h - the tables as text: routes, codes, settings, metrics, limits. Each prints to standard
 * output.
 */
#ifndef GX_PRINT_H
#define GX_PRINT_H

void gx_print_routes(void);  /* "METHOD PATH op" */
void gx_print_codes(void);   /* "code status" */
void gx_print_config(void);  /* the manual of settings, an INI file */
void gx_print_metrics(void); /* "name kind help" */
void gx_print_limits(void);  /* every maximum, as the page docs/limits.md */

#endif
