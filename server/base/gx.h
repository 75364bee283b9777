/* SPDX-License-Identifier: Apache-2.0 */
/* gx.h - what nearly every file needs of base. */
#ifndef GX_H
#define GX_H

#include "arena.h"
#include "buf.h"
#include "check.h"
#include "clock.h"
#include "log.h"
#include "status.h"
#include "str.h"

#endif
