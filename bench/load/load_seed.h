/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_seed.h - the people that guanxi-bench-seed writes into a stopped data folder.
 *
 * Person i (from 0) has account i + 1 and device i + 1. Secrets follow from the number, so that a
 * million of them need no list; they open nothing but a folder that was filled for measuring.
 * Conversations have ids of seven digits, from LOAD_SEED_PLACE on: with K friends each, person i
 * and the one K' + 1 behind him share the conversation LOAD_SEED_PLACE + i * K + K'.
 */
#ifndef GX_LOAD_SEED_H
#define GX_LOAD_SEED_H

#include <stdint.h>

#define LOAD_SEED_PLACE 1000000u
#define LOAD_SEED_SECRET_BYTES 43u
#define LOAD_SEED_TOKEN_BYTES 64u

/* 43 characters and a NUL: as long as a real one. */
void load_seed_secret(uint64_t device_id, char out[LOAD_SEED_SECRET_BYTES + 1]);
/* "DEVICE_ID.SECRET" of person i. */
void load_seed_token(uint32_t i, char out[LOAD_SEED_TOKEN_BYTES]);
uint32_t load_seed_friend(uint32_t i, uint32_t friend, uint32_t people);
uint32_t load_seed_place(uint32_t i, uint32_t friend, uint32_t friends);

#endif
