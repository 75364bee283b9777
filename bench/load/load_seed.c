/* SPDX-License-Identifier: Apache-2.0 */
#include "load_seed.h"

#include <stdio.h>

void load_seed_secret(uint64_t device_id, char out[LOAD_SEED_SECRET_BYTES + 1])
{
	snprintf(out, LOAD_SEED_SECRET_BYTES + 1, "bench-session-that-opens-nothing-%010llu",
		 (unsigned long long)device_id % 10000000000u);
}

void load_seed_token(uint32_t i, char out[LOAD_SEED_TOKEN_BYTES])
{
	char secret[LOAD_SEED_SECRET_BYTES + 1];

	load_seed_secret((uint64_t)i + 1, secret);
	snprintf(out, LOAD_SEED_TOKEN_BYTES, "%u.%s", i + 1, secret);
}

uint32_t load_seed_friend(uint32_t i, uint32_t friend, uint32_t people)
{
	return (i + friend + 1) % people;
}

uint32_t load_seed_place(uint32_t i, uint32_t friend, uint32_t friends)
{
	return LOAD_SEED_PLACE + i * friends + friend;
}
