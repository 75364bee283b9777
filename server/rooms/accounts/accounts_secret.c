/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts_secret.c - everything that is hashed, signed or guessed at.
 *
 * Passwords:  argon2id with the settings' memory and passes; stored in libsodium's text form, which
 *             names its parameters, so that they can be raised later.
 * Codes:      10 characters of Crockford's base32 (50 bits), stored as BLAKE2b under the server's
 *             key together with the account: a stolen table can't be searched without the key of
 *             the same database, and nobody guesses 2^50 through the throttle.
 * Challenges: random (16) | expiry (8, big-endian) | bits (1) | BLAKE2b of that (16), as hex. The
 *             server remembers only spent ones.
 */
#include <sodium.h>
#include <string.h>

#include "accounts_rules.h"
#include "ident.h"

static const char code_letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* The MACs of one key must not stand for each other. */
enum label { LABEL_CODE = 'c', LABEL_CHALLENGE = 'p' };

#define CHALLENGE_SIGNED_BYTES 25u
#define CHALLENGE_MAC_BYTES 16u

static unsigned long long argon2_passes(void)
{
	return (unsigned long long)accounts_settings[ACCOUNTS_ARGON2_PASSES].num;
}

static size_t argon2_memory_bytes(void)
{
	return (size_t)accounts_settings[ACCOUNTS_ARGON2_MEMORY_KIB].num * 1024;
}

enum gx_status accounts_hash_password(struct gx_arena *a, struct gx_str password,
				      struct gx_str *hash, struct gx_error *err)
{
	char text[crypto_pwhash_STRBYTES];

	_Static_assert(sizeof(text) == ACCOUNTS_HASH_BYTES, "libsodium's form");
	gx_metric_add(&accounts_metrics[ACCOUNTS_ARGON2_RUNS], 1);
	if (crypto_pwhash_str_alg(text, password.ptr, password.len, argon2_passes(),
				  argon2_memory_bytes(), crypto_pwhash_ALG_ARGON2ID13) != 0)
		return gx_fail_retry(err, GX_E_OVERLOADED, "core.overloaded", 1);
	*hash = gx_arena_strdup(a, gx_str_from_cstr(text));
	sodium_memzero(text, sizeof(text));
	return GX_OK;
}

/* A hash with today's parameters that no password is known for. */
static void write_dummy_hash(char out[ACCOUNTS_HASH_BYTES])
{
	int len = snprintf(out, ACCOUNTS_HASH_BYTES,
			   "$argon2id$v=19$m=%lld,t=%lld,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
			   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
			   (long long)(argon2_memory_bytes() / 1024), (long long)argon2_passes());

	GX_ASSERT(len > 0);
	GX_ASSERT((size_t)len < ACCOUNTS_HASH_BYTES);
}

bool accounts_verify_password(struct gx_str hash, struct gx_str password)
{
	char text[ACCOUNTS_HASH_BYTES];
	bool is_known = hash.len != 0;
	bool is_match;

	GX_ASSERT(hash.len < sizeof(text));
	memset(text, 0, sizeof(text)); /* libsodium reads the whole array */
	if (is_known)
		memcpy(text, hash.ptr, hash.len);
	else
		write_dummy_hash(text);
	gx_metric_add(&accounts_metrics[ACCOUNTS_ARGON2_RUNS], 1);
	is_match = crypto_pwhash_str_verify(text, password.ptr, password.len) == 0;
	sodium_memzero(text, sizeof(text));
	return is_match && is_known;
}

bool accounts_needs_rehash(struct gx_str hash)
{
	char text[ACCOUNTS_HASH_BYTES];
	int differs;

	GX_ASSERT(hash.len < sizeof(text));
	memset(text, 0, sizeof(text));
	memcpy(text, hash.ptr, hash.len);
	differs = crypto_pwhash_str_needs_rehash(text, argon2_passes(), argon2_memory_bytes());
	sodium_memzero(text, sizeof(text));
	return differs != 0;
}

struct gx_str accounts_make_code(struct gx_arena *a)
{
	char *text = gx_arena_alloc(a, ACCOUNTS_CODE_TEXT_BYTES + 1);
	uint64_t bits = gx_random_u64();

	for (size_t i = 0; i < ACCOUNTS_CODE_TEXT_BYTES; i++) {
		if (i == ACCOUNTS_CODE_CHARS / 2) {
			text[i] = '-';
			continue;
		}
		text[i] = code_letters[bits & 31];
		bits >>= 5;
	}
	return (struct gx_str){ text, ACCOUNTS_CODE_TEXT_BYTES };
}

/* The letter that is meant, or 0. */
static char code_letter(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		return '0';
	if (c == 'i' || c == 'l')
		return '1';
	for (size_t i = 0; i < sizeof(code_letters) - 1; i++)
		if (code_letters[i] == c)
			return c;
	return 0;
}

bool accounts_normalize_code(struct gx_arena *a, struct gx_str typed, struct gx_str *out)
{
	char text[ACCOUNTS_CODE_TEXT_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < typed.len; i++) {
		char letter;

		if (typed.ptr[i] == '-' || typed.ptr[i] == ' ')
			continue;
		letter = code_letter(typed.ptr[i]);
		if (letter == 0 || len == sizeof(text))
			return false;
		if (len == ACCOUNTS_CODE_CHARS / 2)
			text[len++] = '-';
		text[len++] = letter;
	}
	if (len != sizeof(text))
		return false;
	*out = gx_arena_strdup(a, (struct gx_str){ text, len });
	return true;
}

struct gx_str accounts_hash_code(struct gx_arena *a, struct gx_str secret, uint64_t account_id,
				 struct gx_str code)
{
	unsigned char message[1 + sizeof(account_id) + ACCOUNTS_CODE_TEXT_BYTES];
	unsigned char *hash = gx_arena_alloc(a, crypto_generichash_BYTES);

	GX_ASSERT(secret.len == ACCOUNTS_SECRET_BYTES);
	GX_ASSERT(code.len == ACCOUNTS_CODE_TEXT_BYTES);
	message[0] = LABEL_CODE;
	for (size_t i = 0; i < sizeof(account_id); i++)
		message[1 + i] = (unsigned char)(account_id >> (8 * i));
	memcpy(message + 1 + sizeof(account_id), code.ptr, code.len);
	crypto_generichash(hash, crypto_generichash_BYTES, message, sizeof(message),
			   (const unsigned char *)secret.ptr, secret.len);
	sodium_memzero(message, sizeof(message));
	return (struct gx_str){ (const char *)hash, crypto_generichash_BYTES };
}

static void sign_challenge(struct gx_str secret, const unsigned char *challenge,
			   unsigned char mac[CHALLENGE_MAC_BYTES])
{
	unsigned char message[1 + CHALLENGE_SIGNED_BYTES];

	GX_ASSERT(secret.len == ACCOUNTS_SECRET_BYTES);
	message[0] = LABEL_CHALLENGE;
	memcpy(message + 1, challenge, CHALLENGE_SIGNED_BYTES);
	crypto_generichash(mac, CHALLENGE_MAC_BYTES, message, sizeof(message),
			   (const unsigned char *)secret.ptr, secret.len);
}

struct gx_str accounts_make_challenge(struct gx_arena *a, struct gx_str secret, int64_t now_ms,
				      unsigned bits, int64_t *expires_at_ms)
{
	unsigned char challenge[ACCOUNTS_CHALLENGE_BYTES];
	char *hex = gx_arena_alloc(a, 2 * sizeof(challenge) + 1);

	_Static_assert(CHALLENGE_SIGNED_BYTES + CHALLENGE_MAC_BYTES == ACCOUNTS_CHALLENGE_BYTES,
		       "layout");
	GX_ASSERT(bits < 256);
	*expires_at_ms = now_ms + ACCOUNTS_CHALLENGE_MS;
	gx_random_bytes(challenge, 16);
	for (size_t i = 0; i < 8; i++)
		challenge[16 + i] = (unsigned char)((uint64_t)*expires_at_ms >> (8 * (7 - i)));
	challenge[24] = (unsigned char)bits;
	sign_challenge(secret, challenge, challenge + CHALLENGE_SIGNED_BYTES);
	gx_hex_encode(challenge, sizeof(challenge), hex);
	return (struct gx_str){ hex, 2 * sizeof(challenge) };
}

static bool has_zero_bits(const unsigned char *hash, size_t hash_bytes, unsigned bits)
{
	if (bits > hash_bytes * 8)
		return false;
	for (unsigned i = 0; i < bits / 8; i++)
		if (hash[i] != 0)
			return false;
	return bits % 8 == 0 || hash[bits / 8] >> (8 - bits % 8) == 0;
}

bool accounts_check_challenge(struct gx_arena *a, struct gx_str secret, int64_t now_ms,
			      struct gx_str challenge, struct gx_str nonce, struct gx_str *spent,
			      int64_t *expires_at_ms)
{
	unsigned char bytes[ACCOUNTS_CHALLENGE_BYTES];
	unsigned char mac[CHALLENGE_MAC_BYTES];
	unsigned char hash[crypto_hash_sha256_BYTES];
	uint64_t expires = 0;
	struct gx_str text;

	if (!gx_hex_decode(challenge, bytes, sizeof(bytes)))
		return false;
	sign_challenge(secret, bytes, mac);
	if (sodium_memcmp(mac, bytes + CHALLENGE_SIGNED_BYTES, sizeof(mac)) != 0)
		return false;
	for (size_t i = 0; i < 8; i++)
		expires = expires << 8 | bytes[16 + i];
	if ((int64_t)expires <= now_ms)
		return false;
	text = gx_arena_printf(a, "%.*s:%.*s", GX_STR_ARG(challenge), GX_STR_ARG(nonce));
	crypto_hash_sha256(hash, (const unsigned char *)text.ptr, text.len);
	if (!has_zero_bits(hash, sizeof(hash), bytes[24]))
		return false;
	*spent = gx_arena_strdup(a, (struct gx_str){ (const char *)bytes, sizeof(bytes) });
	*expires_at_ms = (int64_t)expires;
	return true;
}
