/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tlspeer.c  Which certificates are taken for whom. Those that are looked at are
 * made here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <re.h>

#include "base/log.h"
#include "line/tlspeer.h"
#include "tmpdir.h"


enum { DAY = 86400 };

struct fixture {
	char dir[TMPDIR_SIZE];
	char ca_file[TMPDIR_SIZE + 16];
	EVP_PKEY *key;
	X509 *ca;
	struct tlspeers *peers;
};

/* what a certificate says */
struct made {
	const char *cn;
	const char *names[3]; /* "DNS:..." is a name, "IP:..." an address */
	size_t n_first;       /* bytes of names[0], if there is a NUL in it */
	int begins, ends;     /* days from now; both 0: a day around now */
	const char *usage;
	bool self;            /* nobody else vouches for it */
};


static void extension_add(X509 *cert, X509 *issuer, int nid, const char *text)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
	assert_non_null(ext);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}


static void names_add(X509 *cert, const struct made *m)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();

	for (unsigned i = 0; i < 3 && m->names[i]; i++) {
		const char *text = m->names[i];
		GENERAL_NAME *name = GENERAL_NAME_new();

		if (!strncmp(text, "IP:", 3)) {
			GENERAL_NAME_set0_value(name, GEN_IPADD,
						a2i_IPADDRESS(text + 3));
		}
		else {
			const size_t n = i == 0 && m->n_first ? m->n_first
							      : strlen(text);
			ASN1_IA5STRING *ia5 = ASN1_IA5STRING_new();

			assert_int_equal(ASN1_STRING_set(ia5, text + 4,
							 (int)n - 4), 1);
			GENERAL_NAME_set0_value(name, GEN_DNS, ia5);
		}
		assert_true(sk_GENERAL_NAME_push(names, name) > 0);
	}
	if (m->names[0])
		assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name,
						   names, 0, 0), 1);
	GENERAL_NAMES_free(names);
}


static X509 *make(struct fixture *f, const struct made *m, bool ca)
{
	const bool usual = !m->begins && !m->ends;
	X509 *cert = X509_new();
	X509_NAME *name;

	assert_non_null(cert);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ca ? 1 : 2);
	X509_gmtime_adj(X509_getm_notBefore(cert),
			(long)(usual ? -1 : m->begins) * DAY);
	X509_gmtime_adj(X509_getm_notAfter(cert),
			(long)(usual ? 1 : m->ends) * DAY);
	X509_set_pubkey(cert, f->key);
	name = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const uint8_t *)(m->cn ? m->cn : "x"), -1,
				   -1, 0);
	X509_set_issuer_name(cert, ca || m->self ? name
				   : X509_get_subject_name(f->ca));
	if (ca)
		extension_add(cert, cert, NID_basic_constraints,
			      "critical,CA:TRUE");
	if (m->usage)
		extension_add(cert, cert, NID_ext_key_usage, m->usage);
	names_add(cert, m);
	assert_true(X509_sign(cert, f->key, EVP_sha256()) > 0);

	return cert;
}


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	FILE *file;

	assert_non_null(f);
	tmpdir_make(f->dir, "tlspeer");
	(void)snprintf(f->ca_file, sizeof(f->ca_file), "%s/ca.pem", f->dir);
	f->key = EVP_EC_gen("P-256");
	assert_non_null(f->key);
	f->ca = make(f, &(struct made){.cn = "authority"}, true);
	file = fopen(f->ca_file, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, f->ca), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(tlspeers_alloc(&f->peers, f->ca_file, NULL, 0), 0);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->peers);
	X509_free(f->ca);
	EVP_PKEY_free(f->key);
	tmpdir_remove(f->dir);
	free(f);

	return 0;
}


static struct tlspeer_want want(const char *host)
{
	struct tlspeer_want w = {.host = ""};

	str_ncpy(w.host, host, sizeof(w.host));

	return w;
}


static void test_names(void **state)
{
	static const struct {
		const char *host;
		struct made made;
		const char *why; /* NULL: it fits */
	} rows[] = {
		{"sip.example.net", {.names = {"DNS:sip.example.net"}}, NULL},
		{"SIP.example.net", {.names = {"DNS:a.example",
					       "DNS:sip.EXAMPLE.net"}}, NULL},
		{"sip.example.net", {.names = {"DNS:*.example.net"}}, NULL},
		{"192.0.2.7", {.names = {"IP:192.0.2.7"}}, NULL},
		{"2001:db8::7", {.names = {"IP:2001:db8::7"}}, NULL},
		{"sip.example.net", {.names = {"DNS:sip.example.net"},
				     .usage = "serverAuth"}, NULL},
		{"sip.example.net", {.names = {"DNS:sip.example.org"}},
		 "another name"},
		{"sip.example.net", {.names = {"DNS:example.net"}},
		 "another name"},
		{"sip.example.net", {.names = {"DNS:a.sip.example.net"}},
		 "another name"},
		{"sip.example.net", {.names = {"DNS:s*.example.net"}},
		 "another name"},
		{"192.0.2.7", {.names = {"IP:192.0.2.8"}}, "another name"},
		{"192.0.2.7", {.names = {"DNS:192.0.2.7"}}, "another name"},
		/* the name of old is no name */
		{"sip.example.net", {.cn = "sip.example.net"},
		 "another name"},
		{"sip.example.net", {.cn = "sip.example.net",
				     .names = {"DNS:other.example"}},
		 "another name"},
		/* a name that goes on behind a NUL */
		{"sip.example.net",
		 {.names = {"DNS:sip.example.net\0.evil.example"},
		  .n_first = sizeof("DNS:sip.example.net\0.evil.example") - 1},
		 "another name"},
		{"sip.example.net",
		 {.names = {"DNS:sip.example.net\0"},
		  .n_first = sizeof("DNS:sip.example.net\0") - 1},
		 "another name"},
		{"sip.example.net", {.names = {"DNS:sip.example.net"},
				     .begins = -3, .ends = -1}, "expired"},
		{"sip.example.net", {.names = {"DNS:sip.example.net"},
				     .begins = 1, .ends = 3},
		 "not valid yet"},
		{"sip.example.net", {.names = {"DNS:sip.example.net"},
				     .self = true}, "self-made"},
		{"sip.example.net", {.names = {"DNS:sip.example.net"},
				     .usage = "clientAuth"},
		 "not for servers"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct tlspeer_want w = want(rows[i].host);
		X509 *cert = make(f, &rows[i].made, false);
		const char *why = NULL;
		const bool fits = tlspeers_fit(f->peers, &w, cert, NULL,
					       &why);

		if (fits != !rows[i].why ||
		    (why && !strstr(why, rows[i].why)))
			fail_msg("row %zu, %s: %s", i, rows[i].host,
				 why ? why : "it fits");
		X509_free(cert);
	}
}


static void test_another_authority(void **state)
{
	const struct made made = {.names = {"DNS:sip.example.net"}};
	const struct tlspeer_want w = want("sip.example.net");
	struct fixture *f = *state;
	EVP_PKEY *own = f->key;
	struct tlspeers *none;
	const char *why;
	X509 *cert;

	/* of the same name, with another key */
	f->key = EVP_EC_gen("P-256");
	cert = make(f, &made, false);
	assert_false(tlspeers_fit(f->peers, &w, cert, NULL, &why));
	X509_free(cert);
	EVP_PKEY_free(f->key);
	f->key = own;

	cert = make(f, &made, false);
	assert_true(tlspeers_fit(f->peers, &w, cert, NULL, &why));
	assert_false(tlspeers_fit(f->peers, &w, NULL, NULL, &why));
	assert_int_equal(tlspeers_alloc(&none, "", NULL, 0), 0);
	assert_false(tlspeers_fit(none, &w, cert, NULL, &why));
	assert_non_null(strstr(why, "sip_ca"));
	mem_deref(none);
	X509_free(cert);
}


static void test_pinned(void **state)
{
	struct fixture *f = *state;
	struct tlspeer_want w = want("sip.example.net");
	X509 *pinned = make(f, &(struct made){.cn = "any", .self = true},
			    false);
	X509 *other = make(f, &(struct made){
			.names = {"DNS:sip.example.net"}}, false);
	X509 *old = make(f, &(struct made){.cn = "old", .begins = -3,
					   .ends = -1}, false);
	const char *why;
	unsigned n;

	w.pinned = true;
	assert_int_equal(X509_digest(pinned, EVP_sha256(), w.pin, &n), 1);
	assert_true(tlspeers_fit(f->peers, &w, pinned, NULL, &why));
	assert_false(tlspeers_fit(f->peers, &w, other, NULL, &why));
	assert_non_null(strstr(why, "written down"));
	assert_int_equal(X509_digest(old, EVP_sha256(), w.pin, &n), 1);
	assert_false(tlspeers_fit(f->peers, &w, old, NULL, &why));
	assert_non_null(strstr(why, "expired"));
	X509_free(pinned);
	X509_free(other);
	X509_free(old);
}


static void test_files(void **state)
{
	struct fixture *f = *state;
	struct tlspeers *p = NULL;

	assert_int_equal(tlspeers_alloc(&p, "/nowhere.pem", NULL, 0), ENOENT);
	assert_int_equal(truncate(f->ca_file, 10), 0);
	assert_int_equal(tlspeers_alloc(&p, f->ca_file, NULL, 0), ENOTSUP);
	assert_null(p);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_authority, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_pinned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
	};

	log_level_set(LOG_ERROR);

	return cmocka_run_group_tests(tests, NULL, NULL);
}
