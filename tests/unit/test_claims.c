// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "claims.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct kservices one_frontend(const char *place)
{
	struct kservices l = { 0 };
	struct kservice s = { .family = AF_INET, .proto = IPPROTO_TCP };
	struct kfrontend f = { .kind = SVCNAT_KIND_EXTERNAL };

	assert_int_equal(addrport_parse(place, &f.addr, &f.port, NULL), 0);
	assert_int_equal(kservice_add_frontend(&s, &f), 0);
	assert_int_equal(kservices_add(&l, &s), 0);
	kservice_clear(&s);
	return l;
}

static void note_touched(void *ctx, struct claims_user *other)
{
	char *text = ctx;

	strcat(text, other->name);
}

/* place NULL: claim nothing. Returns who was touched by it. */
static const char *claim(struct claims *c, struct claims_user *u, const char *created,
			 const char *place)
{
	struct kservices l = { 0 };
	static char touched[64];

	if (place)
		l = one_frontend(place);
	touched[0] = '\0';
	assert_int_equal(claims_replace(c, u, created, &l, note_touched, touched), 0);
	kservices_clear(&l);
	return touched;
}

#define PLACE	"192.0.2.1:80"
#define KEY	"192.0.2.1:80/TCP"

static void test_claims_by_age(void **state)
{
	struct claims_user a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" };
	struct claims *cl;

	(void)state;
	assert_int_equal(claims_alloc(&cl), 0);
	assert_null(claims_owner(cl, KEY));
	assert_string_equal(claim(cl, &c, "2026-01-01T00:00:03Z", PLACE), "");
	assert_ptr_equal(claims_owner(cl, KEY), &c);
	/* Younger: waits, and nobody notices. */
	assert_string_equal(claim(cl, &a, "2026-01-01T00:00:04Z", PLACE), "");
	assert_ptr_equal(claims_owner(cl, KEY), &c);
	/* Older: takes it, and all that wait hear of it. */
	assert_string_equal(claim(cl, &b, "2026-01-01T00:00:01Z", PLACE), "ca");
	assert_ptr_equal(claims_owner(cl, KEY), &b);
	/* Said again: nothing happens. */
	assert_string_equal(claim(cl, &b, "2026-01-01T00:00:01Z", PLACE), "");
	assert_string_equal(claim(cl, &b, "2026-01-01T00:00:01Z", "192.0.2.2:80"), "ca");
	assert_ptr_equal(claims_owner(cl, KEY), &c);
	/* Made anew under the same name: the youngest by now. */
	claim(cl, &c, "2026-01-01T00:00:09Z", PLACE);
	assert_ptr_equal(claims_owner(cl, KEY), &a);
	assert_string_equal(claim(cl, &c, "", NULL), "");
	assert_string_equal(claim(cl, &a, "", NULL), "");
	assert_null(claims_owner(cl, KEY));
	claim(cl, &b, "", NULL);
	claims_free(cl);
}

static void test_claims_of_one_age(void **state)
{
	struct claims_user a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" };
	struct claims *cl;

	(void)state;
	assert_int_equal(claims_alloc(&cl), 0);
	claim(cl, &b, "2026-01-01T00:00:01Z", PLACE);
	claim(cl, &a, "2026-01-01T00:00:01Z", PLACE);
	assert_ptr_equal(claims_owner(cl, KEY), &a);
	/* No creation time: behind all that have one. */
	claim(cl, &a, "", PLACE);
	assert_ptr_equal(claims_owner(cl, KEY), &b);
	claim(cl, &c, "", PLACE);
	claim(cl, &b, "", NULL);
	assert_ptr_equal(claims_owner(cl, KEY), &a);
	claim(cl, &a, "", NULL);
	claim(cl, &c, "", NULL);
	claims_free(cl);
}

static void test_claim_keys(void **state)
{
	struct kfrontend f = { .kind = SVCNAT_KIND_NODEPORT, .port = 30080 };
	char a[CLAIMS_KEYLEN], b[CLAIMS_KEYLEN];

	(void)state;
	f.addr.family = AF_INET;
	claims_key(&f, IPPROTO_TCP, a);
	f.addr.family = AF_INET6;
	claims_key(&f, IPPROTO_TCP, b);
	assert_string_equal(a, "node port 30080/TCP (IPv4)");
	assert_string_not_equal(a, b);
	memset(&f.addr.v6, 0xff, sizeof(f.addr.v6));
	f.kind = SVCNAT_KIND_EXTERNAL;
	f.port = 65535;
	assert_string_equal(claims_key(&f, IPPROTO_SCTP, a),
			    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535/SCTP");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims_by_age),
		cmocka_unit_test(test_claims_of_one_age),
		cmocka_unit_test(test_claim_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
