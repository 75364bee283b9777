/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_testkit.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PEM_BYTES_MAX 65536u

static void take_pem(BIO *bio, struct gx_buf *out)
{
	char *bytes;
	long size = BIO_get_mem_data(bio, &bytes);

	gx_buf_init(out, PEM_BYTES_MAX);
	gx_buf_append(out, bytes, (size_t)size);
	assert_false(out->overflow);
	BIO_free(bio);
}

static X509 *sign_certificate(EVP_PKEY *key, const char *name)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	char names[128];
	X509_EXTENSION *extension;

	(void)snprintf(names, sizeof(names), "DNS:%s", name);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	assert_non_null(extension);
	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), 1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 86400));
	assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
						    (const unsigned char *)name, -1, -1, 0),
			 1);
	assert_int_equal(X509_set_issuer_name(x, subject), 1);
	assert_int_equal(X509_set_pubkey(x, key), 1);
	assert_int_equal(X509_add_ext(x, extension, -1), 1);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	X509_EXTENSION_free(extension);
	return x;
}

void tls_identity_init(struct tls_identity *id, const char *name, const char *password)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = sign_certificate(key, name);
	BIO *certificate_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_X509(certificate_pem, certificate), 1);
	assert_int_equal(PEM_write_bio_PrivateKey(key_pem, key,
						  password == NULL ? NULL : EVP_aes_256_cbc(), NULL,
						  0, NULL, (void *)(uintptr_t)password),
			 1);
	take_pem(certificate_pem, &id->certificate);
	take_pem(key_pem, &id->key);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

void tls_identity_deinit(struct tls_identity *id)
{
	gx_buf_deinit(&id->certificate);
	gx_buf_deinit(&id->key);
}

SSL_CTX *tls_client_context(int version_min, int version_max)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());

	assert_non_null(c);
	/* A client may offer what the server must refuse. */
	SSL_CTX_set_security_level(c, 0);
	assert_int_equal(SSL_CTX_set_min_proto_version(c, version_min), 1);
	assert_int_equal(SSL_CTX_set_max_proto_version(c, version_max), 1);
	assert_int_equal(SSL_CTX_set_cipher_list(c, "ALL:@SECLEVEL=0"), 1);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT);
	return c;
}
