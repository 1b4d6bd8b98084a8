// SPDX-License-Identifier: GPL-2.0
#include "replay.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

struct replay_tls {
	SSL_CTX *ctx;
	EVP_PKEY *ca_key;
	X509 *ca;
	char *ca_text, *client_cert, *client_key;
	long serial;
};

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX v3;

	X509V3_set_ctx(&v3, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
	assert_non_null(ext);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

/* Signed by the authority, or by itself while there is none. */
static X509 *make_cert(struct replay_tls *t, EVP_PKEY *key, const char *name, int nid,
		       const char *value)
{
	X509 *cert = X509_new(), *issuer = t->ca ? t->ca : cert;
	X509_NAME *subject = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++t->serial);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
				   -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	X509_set_pubkey(cert, key);
	extend(cert, issuer, nid, value);
	assert_true(X509_sign(cert, t->ca_key, EVP_sha256()) > 0);
	return cert;
}

static char *take_text(BIO *bio)
{
	char *text, *data;
	long n = BIO_get_mem_data(bio, &data);

	text = strndup(data, n);
	BIO_free(bio);
	return text;
}

static char *cert_text(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, cert);
	return take_text(bio);
}

static char *key_text(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return take_text(bio);
}

static void make_client(struct replay_tls *t)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = make_cert(t, key, "system:node:n1", NID_ext_key_usage, "clientAuth");

	t->client_cert = cert_text(cert);
	t->client_key = key_text(key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

struct replay_tls *replay_tls_new(const char *server_name)
{
	struct replay_tls *t = calloc(1, sizeof(*t));
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert;

	t->ca_key = EVP_EC_gen("P-256");
	t->ca = make_cert(t, t->ca_key, "test authority", NID_basic_constraints,
			  "critical,CA:TRUE");
	t->ca_text = cert_text(t->ca);
	cert = make_cert(t, key, "server", NID_subject_alt_name, server_name);
	t->ctx = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(t->ctx, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(t->ctx, key), 1);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(t->ctx), t->ca);
	X509_free(cert);
	EVP_PKEY_free(key);
	make_client(t);
	return t;
}

void replay_tls_require_client(struct replay_tls *t)
{
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

void replay_tls_free(struct replay_tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	X509_free(t->ca);
	EVP_PKEY_free(t->ca_key);
	free(t->ca_text);
	free(t->client_cert);
	free(t->client_key);
	free(t);
}

void *replay_tls_accept(struct replay_tls *t)
{
	return SSL_new(t->ctx);
}

const char *replay_tls_ca(const struct replay_tls *t)
{
	return t->ca_text;
}

const char *replay_tls_client_cert(const struct replay_tls *t)
{
	return t->client_cert;
}

const char *replay_tls_client_key(const struct replay_tls *t)
{
	return t->client_key;
}
