/* SPDX-License-Identifier: Apache-2.0 */
/* tls_context.c - certificate, key, rules and tickets. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "tls_inside.h"

/* Forward secret and authenticated only; those of TLS 1.3 are all that, too. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS "X25519:P-256:P-384"
/* Tickets outlive one change of keys, never two (see app/secrets.c). */
#define RESUME_FOR_S 21600

#define ALPN_HTTP "\x08http/1.1"

/* Loaded once: a lookup by name for each ticket would cost more than the ticket. */
static EVP_CIPHER *ticket_cipher;

bool gx_tls_start(void)
{
	if (OPENSSL_init_ssl(0, NULL) != 1 || !tls_bio_start())
		return false;
	if (ticket_cipher == NULL)
		ticket_cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	return ticket_cipher != NULL;
}

/* ---- tickets ---- */

bool gx_tls_tickets_rotate(struct gx_tls_tickets *tickets)
{
	struct gx_tls_ticket_key fresh;

	if (RAND_bytes(fresh.name, sizeof(fresh.name)) != 1 ||
	    RAND_priv_bytes(fresh.cipher_key, sizeof(fresh.cipher_key)) != 1 ||
	    RAND_priv_bytes(fresh.mac_key, sizeof(fresh.mac_key)) != 1)
		return false;
	memmove(&tickets->keys[1], &tickets->keys[0],
		sizeof(tickets->keys) - sizeof(tickets->keys[0]));
	tickets->keys[0] = fresh;
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	return true;
}

static bool use_mac_key(EVP_MAC_CTX *mac, const struct gx_tls_ticket_key *key)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY,
						  (void *)(uintptr_t)key->mac_key,
						  sizeof(key->mac_key)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

/* OpenSSL's contract: -1 an error, 0 no such key (a full handshake follows), 1 done, 2 done, and
 * the client should get a new ticket. */
static int on_ticket(SSL *ssl, unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher,
		     EVP_MAC_CTX *mac, int is_sealing)
{
	const struct gx_tls_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const struct gx_tls_ticket_key *key = &tickets->keys[0];
	unsigned at = 0;

	if (is_sealing) {
		memcpy(name, key->name, sizeof(key->name));
		if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher)) != 1 ||
		    EVP_EncryptInit_ex2(cipher, ticket_cipher, key->cipher_key, iv, NULL) != 1)
			return -1;
		return use_mac_key(mac, key) ? 1 : -1;
	}
	while (at < GX_TLS_TICKET_KEYS &&
	       memcmp(name, tickets->keys[at].name, sizeof(key->name)) != 0)
		at++;
	if (at == GX_TLS_TICKET_KEYS)
		return 0;
	key = &tickets->keys[at];
	if (!use_mac_key(mac, key) ||
	    EVP_DecryptInit_ex2(cipher, ticket_cipher, key->cipher_key, iv, NULL) != 1)
		return -1;
	return at == 0 ? 1 : 2;
}

/* ---- rules ---- */

/* A client that names protocols must name ours: nothing else is spoken here. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_size,
		   const unsigned char *in, unsigned int in_size, void *arg)
{
	unsigned char *chosen;

	if (SSL_select_next_proto(&chosen, out_size, (const unsigned char *)ALPN_HTTP,
				  sizeof(ALPN_HTTP) - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(SSL_CTX *ssl)
{
	SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(ssl, RESUME_FOR_S);
	SSL_CTX_set_max_early_data(ssl, 0);
	SSL_CTX_set_alpn_select_cb(ssl, on_alpn, NULL);
	return SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ssl, CIPHERS) == 1 &&
	       SSL_CTX_set1_groups_list(ssl, GROUPS) == 1 && SSL_CTX_set_num_tickets(ssl, 1) == 1 &&
	       SSL_CTX_set_session_id_context(ssl, (const unsigned char *)"guanxi", 6) == 1 &&
	       SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl, on_ticket) == 1;
}

/* ---- certificate and key ---- */

/* For a key that is encrypted: nobody is there to ask. */
static int no_password(char *buf, int size, int is_writing, void *user)
{
	return -1;
}

static bool use_certificates(SSL_CTX *ssl, struct gx_str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
	bool is_ok = certificate != NULL && SSL_CTX_use_certificate(ssl, certificate) == 1;

	X509_free(certificate);
	while (is_ok && (certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
		is_ok = SSL_CTX_add0_chain_cert(ssl, certificate) == 1;
		if (!is_ok)
			X509_free(certificate);
	}
	/* The end of the file is what ends the loop; anything else is a broken certificate. */
	if (is_ok && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		is_ok = false;
	if (is_ok)
		ERR_clear_error();
	BIO_free(bio);
	return is_ok;
}

static bool use_key(SSL_CTX *ssl, struct gx_str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	bool is_ok = key != NULL && SSL_CTX_use_PrivateKey(ssl, key) == 1 &&
		     SSL_CTX_check_private_key(ssl) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	return is_ok;
}

static enum gx_status fail(struct gx_arena *a, struct gx_error *err, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return gx_fail_detail(a, err, GX_E_INVALID, "tls.unusable", "%s: %s", what,
			      why == NULL ? "not usable" : why);
}

enum gx_status gx_tls_context_new(struct gx_arena *a, struct gx_str certificate, struct gx_str key,
				  const struct gx_tls_tickets *tickets, struct gx_tls_context **out,
				  struct gx_error *err)
{
	struct gx_tls_context *c = gx_heap_alloc(sizeof(*c));
	enum gx_status st = GX_OK;

	ERR_clear_error();
	c->ssl = SSL_CTX_new(TLS_server_method());
	if (c->ssl == NULL || !set_rules(c->ssl))
		st = fail(a, err, "TLS");
	else if (!use_certificates(c->ssl, certificate))
		st = fail(a, err, "the certificate");
	else if (!use_key(c->ssl, key))
		st = fail(a, err, "the key");
	if (st != GX_OK) {
		gx_tls_context_free(c);
		return st;
	}
	SSL_CTX_set_app_data(c->ssl, (void *)(uintptr_t)tickets);
	*out = c;
	return GX_OK;
}

void gx_tls_context_free(struct gx_tls_context *c)
{
	if (c == NULL)
		return;
	SSL_CTX_free(c->ssl);
	gx_heap_free(c);
}

int64_t gx_tls_context_ends_at_ms(const struct gx_tls_context *c)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(c->ssl)), &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * GX_SECOND_MS;
}

struct gx_str gx_tls_context_name(struct gx_arena *a, const struct gx_tls_context *c)
{
	X509 *certificate = SSL_CTX_get0_certificate(c->ssl);
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	struct gx_str found = GX_STR_NULL;
	char common[256];

	for (int i = 0; found.len == 0 && i < sk_GENERAL_NAME_num(names); i++) {
		int kind;
		const ASN1_STRING *text =
			GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &kind);
		if (kind == GEN_DNS)
			found = gx_arena_strdup(a,
						(struct gx_str){
							(const char *)ASN1_STRING_get0_data(text),
							(size_t)ASN1_STRING_length(text) });
	}
	GENERAL_NAMES_free(names);
	if (found.len == 0 && X509_NAME_get_text_by_NID(X509_get_subject_name(certificate),
							NID_commonName, common, sizeof(common)) > 0)
		found = gx_arena_strdup(a, gx_str_from_cstr(common));
	return found;
}
