// SPDX-License-Identifier: GPL-2.0
#include "metrics.h"

#include "prom_parse.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Where a service has connection records, they are told, too. */
static void test_records(void **state)
{
	struct kservice s = { .name = "ns/x:web", .family = AF_INET6, .proto = IPPROTO_UDP };
	struct kendpoint e = { .port = 53, .has_records = true, .active = 1, .packets_to = 2,
			       .bytes_to = 3, .packets_from = 4, .bytes_from = UINT64_MAX };
	struct evbuffer *out = evbuffer_new();
	struct metrics_services all = { .endpoints = false };
	char text[8192] = "", why[256];
	struct prom p;

	(void)state;
	assert_int_equal(ip_addr_parse("fd00::1", &e.addr, NULL), 0);
	assert_int_equal(kservice_add_endpoint(&s, &e), 0);
	assert_int_equal(metrics_services_init(&all, true), 0);
	metrics_services_add(&all, &s);
	/* What was not named by svcd has no namespace. */
	strcpy(s.name, "hand");
	s.nendpoints = 0;
	metrics_services_add(&all, &s);
	metrics_services_print(&all, out);
	assert_true(evbuffer_remove(out, text, sizeof(text) - 1) > 0);
	if (!prom_parse(&p, text, why))
		fail_msg("%s", why);
#define UDP	"{namespace=\"ns\",service=\"x\",port=\"web\",protocol=\"UDP\",family=\"IPv6\"," \
		"endpoint=\"[fd00::1]:53\""
	assert_float_equal(prom_value(&p, "svcnat_endpoint_active_connections" UDP "}"), 1, 0);
	assert_float_equal(prom_value(&p, "svcnat_endpoint_packets_total" UDP
				      ",direction=\"to\"}"), 2, 0);
	assert_float_equal(prom_value(&p, "svcnat_endpoint_bytes_total" UDP
				      ",direction=\"to\"}"), 3, 0);
	assert_float_equal(prom_value(&p, "svcnat_endpoint_packets_total" UDP
				      ",direction=\"from\"}"), 4, 0);
	assert_non_null(strstr(text, "direction=\"from\"} 18446744073709551615\n"));
	assert_true(prom_has(&p, "svcnat_service_rejected_total{namespace=\"\",service=\"hand\","
				 "port=\"\",protocol=\"UDP\",family=\"IPv6\","
				 "reason=\"no-endpoints\"}"));
	prom_clear(&p);
	metrics_services_clear(&all);
	kservice_clear(&s);
	evbuffer_free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
