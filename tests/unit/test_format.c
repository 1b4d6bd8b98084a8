// SPDX-License-Identifier: GPL-2.0
/*
 * Names and addresses, good and bad, with everything that Kubernetes 1.36 says is
 * wrong with each: the facts of its own tests of k8s.io/apimachinery/pkg/util/validation.
 */
#include "fielderr.h"
#include "jx.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEN "abcdefghij"
#define A63 TEN TEN TEN TEN TEN TEN "abc"
#define A64 A63 "d"
#define A254 A63 "." A63 "." A63 "." A63 "." /* no subdomain: it ends in a dot */
#define A253 A63 "." A63 "." A63 "." TEN TEN TEN TEN TEN TEN "a"

#define BYTES(n) "must be no more than " #n " bytes"
#define REGEX_LABEL "'[a-z0-9]([-a-z0-9]*[a-z0-9])?'"
#define REGEX_NAME "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
#define LABEL "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or " \
	"'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or " \
	"'123-abc', regex used for validation is " REGEX_LABEL ")"
#define DNS1035 "a DNS-1035 label must consist of lower case alphanumeric characters or '-', " \
	"start with an alphabetic character, and end with an alphanumeric character (e.g. " \
	"'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric " \
	"characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]" \
	"([-a-z0-9]*[a-z0-9])?)*')"
#define WORD "must consist of alphanumeric characters, '-', '_' or '.', and must start and end " \
	"with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex " \
	"used for validation is '" REGEX_NAME "')"
#define VALUE "a valid label must be an empty string or consist of alphanumeric characters, '-', " \
	"'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or " \
	"'my_value',  or '12345', regex used for validation is '(" REGEX_NAME ")?')"
#define CHARACTERS "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
#define LETTER "must contain at least one letter (a-z)"
#define HYPHENS "must not contain consecutive hyphens"
#define ENDS "must not begin or end with a hyphen"
#define IP "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define ZEROS "must not have leading 0s"
#define MAPPED "must not be an IPv4-mapped IPv6 address"
#define CIDR "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
#define CIDR_ZEROS "must not have leading 0s in IP or prefix length"
#define CIDR_MAPPED "must not have an IPv4-mapped IPv6 address"
#define BITS "must not have bits set beyond the prefix length"

struct row {
	const char *text;
	const char *words[5];		/* none: it is fine */
};

static const struct row dns1035_labels[] = {
	{ "a", { NULL } }, { "a-1", { NULL } }, { "abc123", { NULL } }, { A63, { NULL } },
	{ "", { DNS1035 } }, { "1a", { DNS1035 } }, { "a-", { DNS1035 } }, { "-a", { DNS1035 } },
	{ "a.b", { DNS1035 } }, { "A", { DNS1035 } }, { "a_b", { DNS1035 } },
	{ "a ", { DNS1035 } }, { "\303\244", { DNS1035 } }, { "a\nb", { DNS1035 } },
	{ A64, { BYTES(63) } }, { A64 "-", { BYTES(63), DNS1035 } },
};

static const struct row dns1123_labels[] = {
	{ "a", { NULL } }, { "0", { NULL } }, { "1-a", { NULL } }, { A63, { NULL } },
	{ "", { LABEL } }, { "-1", { LABEL } }, { "a-", { LABEL } }, { "A", { LABEL } },
	{ "a.b", { "must not contain dots" } }, { "a..b", { LABEL } }, { ".a", { LABEL } },
	{ "a.", { LABEL } }, { "a_b", { LABEL } }, { " a", { LABEL } },
	{ A64, { BYTES(63) } }, { A64 ".a", { BYTES(63), "must not contain dots" } },
	{ A64 "X", { BYTES(63), LABEL } },
};

static const struct row dns1123_subdomains[] = {
	{ "a", { NULL } }, { "0.1-2.c", { NULL } }, { "a-b.c--d", { NULL } }, { A253, { NULL } },
	{ "", { SUBDOMAIN } }, { ".", { SUBDOMAIN } }, { "a..b", { SUBDOMAIN } },
	{ "a.", { SUBDOMAIN } }, { "-a.b", { SUBDOMAIN } }, { "a-.b", { SUBDOMAIN } },
	{ "A.b", { SUBDOMAIN } }, { "a.B", { SUBDOMAIN } }, { "a_b.c", { SUBDOMAIN } },
	{ "*.a", { SUBDOMAIN } }, { A253 "b", { BYTES(253) } },
	{ A254, { BYTES(253), SUBDOMAIN } },
};

static const struct row qualified_names[] = {
	{ "simple", { NULL } }, { "now-with-dashes", { NULL } }, { "1-starts-with-num", { NULL } },
	{ "UPPER.Case_9", { NULL } }, { "a/b", { NULL } }, { "a.b.c/D_e.f", { NULL } },
	{ "1/2", { NULL } }, { A63, { NULL } }, { A253 "/" A63, { NULL } },
	{ "", { "name part must be non-empty", "name part " WORD } },
	{ "no whitespace", { "name part " WORD } }, { "-a", { "name part " WORD } },
	{ "a-", { "name part " WORD } }, { "a/-", { "name part " WORD } },
	{ A64, { "name part " BYTES(63) } },
	{ A64 "!", { "name part " BYTES(63), "name part " WORD } },
	{ "/a", { "prefix part must be non-empty" } },
	{ "/", { "prefix part must be non-empty", "name part must be non-empty",
		 "name part " WORD } },
	{ "A/b", { "prefix part " SUBDOMAIN } }, { "a_b/c", { "prefix part " SUBDOMAIN } },
	{ "a b/", { "prefix part " SUBDOMAIN, "name part must be non-empty",
		    "name part " WORD } },
	{ A253 "b/c", { "prefix part " BYTES(253) } },
	{ A254 "/c d", { "prefix part " BYTES(253), "prefix part " SUBDOMAIN,
			 "name part " WORD } },
	{ "a/b/c", { "a valid label key " WORD " with an optional DNS subdomain prefix and '/' "
		     "(e.g. 'example.com/MyName')" } },
	{ "//", { "a valid label key " WORD " with an optional DNS subdomain prefix and '/' "
		  "(e.g. 'example.com/MyName')" } },
};

static const struct row label_values[] = {
	{ "", { NULL } }, { "a", { NULL } }, { "A_b.c-9", { NULL } }, { "1.2.3.4", { NULL } },
	{ A63, { NULL } },
	{ "-a", { VALUE } }, { "a.", { VALUE } }, { "a b", { VALUE } }, { "a/b", { VALUE } },
	{ " ", { VALUE } }, { "caf\303\251", { VALUE } }, { A64, { BYTES(63) } },
	{ A64 "_", { BYTES(63), VALUE } },
};

static const struct row port_names[] = {
	{ "telnet", { NULL } }, { "re-mail-ck", { NULL } }, { "a", { NULL } },
	{ "123a", { NULL } }, { "a-1-b-2", { NULL } }, { "abcdefghij12345", { NULL } },
	{ "", { CHARACTERS, LETTER } }, { "80", { LETTER } }, { "1-2", { LETTER } },
	{ "abcdefghij123456", { BYTES(15) } }, { "a--b", { HYPHENS } }, { "-a", { ENDS } },
	{ "a-", { ENDS } }, { "A", { CHARACTERS, LETTER } }, { "a_b", { CHARACTERS } },
	{ "-", { LETTER, ENDS } }, { "--", { LETTER, HYPHENS, ENDS } },
	{ "-_0123456789--_-", { BYTES(15), CHARACTERS, LETTER, HYPHENS, ENDS } },
};

static const struct row ips[] = {
	{ "1.2.3.4", { NULL } }, { "0.0.0.0", { NULL } }, { "255.255.255.255", { NULL } },
	{ "1234::abcd", { NULL } }, { "::", { NULL } }, { "0:0:0:0:0:0:0:0", { NULL } },
	{ "0001:002:03:4::", { NULL } }, { "1234::ABCD", { NULL } },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", { NULL } }, { "64:ff9b::1.2.3.4", { NULL } },
	{ "1.1.1.01", { ZEROS } }, { "010.2.3.4", { ZEROS } }, { "1.00.0.0", { ZEROS } },
	{ "::ffff:1.1.1.1", { MAPPED } }, { "::ffff:101:101", { MAPPED } },
	{ "::ffff:1.1.1.01", { ZEROS } }, { "00001::", { ZEROS } },
	{ "", { IP } }, { " ", { IP } }, { "aaaaaaa", { IP } }, { "myhost.mydomain", { IP } },
	{ "1.2.3.0/24", { IP } }, { "1.2.3.400", { IP } }, { "-1.0.0.0", { IP } },
	{ "1.2.3", { IP } }, { "1.2.3.4.5", { IP } }, { "2001:db8::10005", { IP } },
	{ "1.2.3.4:80", { IP } }, { "[2001:db8::1]", { IP } }, { "[2001:db8::1]:80", { IP } },
	{ "example.com:80", { IP } }, { "1234::abcd%eth0", { IP } }, { "1.2.3.4 ", { IP } },
	{ "169.254.0.0%eth0", { IP } }, { "0x1.2.3.4", { IP } }, { "1::2::3", { IP } },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255.255.255.255", { IP } },
};

static const struct row cidrs[] = {
	{ "1.0.0.0/8", { NULL } }, { "0.0.0.0/0", { NULL } }, { "1.1.1.1/32", { NULL } },
	{ "2001:4860:4860::/48", { NULL } }, { "::/0", { NULL } }, { "::1/128", { NULL } },
	{ "2a00:79e0:2:0::/64", { NULL } }, { "2001:DB8::/64", { NULL } },
	{ "1.1.01.0/24", { CIDR_ZEROS } }, { "192.168.0.0/016", { CIDR_ZEROS } },
	{ "192.168.0.0/00", { CIDR_ZEROS } }, { "1.1.01.1/024", { CIDR_ZEROS } },
	{ "::ffff:1.1.1.0/24", { CIDR_MAPPED } }, { "::ffff:1.1.1.0/120", { CIDR_MAPPED } },
	{ "1.2.3.4/24", { BITS } }, { "2001:db8::1/64", { BITS } }, { "1.2.3.4/0", { BITS } },
	{ "", { CIDR } }, { "aaaaaaa", { CIDR } }, { "1.2.3.4", { CIDR } }, { "/", { CIDR } },
	{ "192.168.0.1/healthz", { CIDR } }, { "192.168.0.1/0/99", { CIDR } },
	{ "192.168.0.0/-16", { CIDR } }, { "192.168.0.0/+16", { CIDR } },
	{ "192.168.0.0/33", { CIDR } }, { "::/129", { CIDR } }, { "1.2.3.4/", { CIDR } },
	{ "1.2.3.0/ 24", { CIDR } }, { " 1.2.3.0/24", { CIDR } }, { "1.2.3.0/24.5", { CIDR } },
	{ "1.2.3.0/99999999999999999999999", { CIDR } }, { "1.2.3/24", { CIDR } },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255.255.255.255/8", { CIDR } },
};

static const struct row reachable_ips[] = {
	{ "1.2.3.4", { NULL } }, { "10.10.10.10", { NULL } }, { "239.1.1.1", { NULL } },
	{ "224.0.1.0", { NULL } }, { "2001:db8::1", { NULL } }, { "ff05::1", { NULL } },
	{ "255.255.255.255", { NULL } }, { "fec0::1", { NULL } },
	{ "x", { "must be a valid IP address" } }, { "", { "must be a valid IP address" } },
	{ "0.0.0.0", { "may not be unspecified (0.0.0.0)" } },
	{ "::", { "may not be unspecified (::)" } },
	{ "127.0.0.1", { "may not be in the loopback range (127.0.0.0/8, ::1/128)" } },
	{ "127.255.255.255", { "may not be in the loopback range (127.0.0.0/8, ::1/128)" } },
	{ "127.0.0.01", { "may not be in the loopback range (127.0.0.0/8, ::1/128)" } },
	{ "::ffff:127.0.0.1", { "may not be in the loopback range (127.0.0.0/8, ::1/128)" } },
	{ "::1", { "may not be in the loopback range (127.0.0.0/8, ::1/128)" } },
	{ "169.254.169.254", { "may not be in the link-local range (169.254.0.0/16, fe80::/10)" } },
	{ "fe80::1", { "may not be in the link-local range (169.254.0.0/16, fe80::/10)" } },
	{ "febf::1", { "may not be in the link-local range (169.254.0.0/16, fe80::/10)" } },
	{ "224.0.0.9", { "may not be in the link-local multicast range (224.0.0.0/24, "
			 "ff02::/10)" } },
	{ "ff02::9", { "may not be in the link-local multicast range (224.0.0.0/24, "
		       "ff02::/10)" } },
};

/* Exactly these words, in this order, each about the whole text. */
static void check_row(const struct row *row, const struct format_rule *rules)
{
	struct field_errors errs = { 0 };
	json_t *value = json_string(row->text);
	bool fine = field_format(&errs, value, rules, "a[%d]", 1);
	char want[1024], *shown = jx_print(value);
	size_t n;

	for (n = 0; n < 5 && row->words[n]; n++) {
		const json_t *cause = json_array_get(errs.causes, n);

		snprintf(want, sizeof(want), "Invalid value: %s: %s", shown, row->words[n]);
		if (strcmp(jx_str(cause, "message"), want))
			fail_msg("is     %s\nshould %s", jx_str(cause, "message"), want);
		assert_string_equal(jx_str(cause, "field"), "a[1]");
	}
	if (json_array_size(errs.causes) != n)
		fail_msg("\"%s\": %zu errors, not %zu", row->text, json_array_size(errs.causes), n);
	assert_int_equal(fine, !n);
	assert_int_equal(!format_first(rules, row->text), fine);
	field_errors_clear(&errs);
	json_decref(value);
	free(shown);
}

/* What is past the bound is counted, and only said to be there. */
static void test_many_errors(void **state)
{
	struct field_errors errs = { 0 };

	(void)state;
	for (int i = 0; i < FIELD_ERRORS_MAX; i++)
		field_required(&errs, "", "a[%d]", i);
	assert_int_equal(json_array_size(errs.causes), FIELD_ERRORS_MAX);
	assert_string_equal(jx_str(json_array_get(errs.causes, FIELD_ERRORS_MAX - 1), "message"),
			    "Required value");
	for (int i = 0; i < 2; i++)
		field_forbidden(&errs, "no", "b[%d]", i);
	assert_int_equal(errs.n, FIELD_ERRORS_MAX + 2);
	assert_int_equal(json_array_size(errs.causes), FIELD_ERRORS_MAX + 1);
	assert_string_equal(jx_str(json_array_get(errs.causes, FIELD_ERRORS_MAX), "field"), "b[0]");
	assert_string_equal(jx_str(json_array_get(errs.causes, FIELD_ERRORS_MAX), "message"),
			    "Too many errors: this one and those behind it are not shown");
	field_errors_clear(&errs);
	assert_false(field_errors_any(&errs));
	assert_int_equal(errs.len, 0);
}

static void test_long_errors(void **state)
{
	struct field_errors errs = { 0 };
	json_t *value;
	char *text;

	(void)state;
	text = calloc(1, FIELD_ERRORS_LEN / 2 + 1);
	memset(text, 'x', FIELD_ERRORS_LEN / 2);
	value = json_string(text);
	for (int i = 0; i < 4; i++)
		field_invalid(&errs, value, "no", "a[%d]", i);
	assert_int_equal(errs.n, 4);
	assert_int_equal(json_array_size(errs.causes), 3);
	assert_string_equal(jx_str(json_array_get(errs.causes, 2), "field"), "a[2]");
	field_errors_clear(&errs);
	json_decref(value);
	free(text);
}

#define FORMAT(rows, rules) \
	static void test_##rows(void **state) \
	{ \
		(void)state; \
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) \
			check_row(&rows[i], rules); \
	}

FORMAT(dns1035_labels, format_dns1035_label_rules)
FORMAT(dns1123_labels, format_dns1123_label_rules)
FORMAT(dns1123_subdomains, format_dns1123_subdomain_rules)
FORMAT(qualified_names, format_qualified_name_rules)
FORMAT(label_values, format_label_value_rules)
FORMAT(port_names, format_port_name_rules)
FORMAT(ips, format_ip_rules)
FORMAT(cidrs, format_cidr_rules)
FORMAT(reachable_ips, format_reachable_ip_rules)

static void test_ports(void **state)
{
	(void)state;
	assert_null(format_port(1));
	assert_null(format_port(65535));
	assert_string_equal(format_port(0), "must be between 1 and 65535, inclusive");
	assert_string_equal(format_port(65536), "must be between 1 and 65535, inclusive");
	assert_string_equal(format_port(-1), "must be between 1 and 65535, inclusive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dns1035_labels), cmocka_unit_test(test_dns1123_labels),
		cmocka_unit_test(test_dns1123_subdomains), cmocka_unit_test(test_qualified_names),
		cmocka_unit_test(test_label_values), cmocka_unit_test(test_port_names),
		cmocka_unit_test(test_ips), cmocka_unit_test(test_cidrs),
		cmocka_unit_test(test_reachable_ips), cmocka_unit_test(test_ports),
		cmocka_unit_test(test_many_errors), cmocka_unit_test(test_long_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
