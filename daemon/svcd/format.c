// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <string.h>

#define LABEL_MAX	63
#define SUBDOMAIN_MAX	253
#define PORT_NAME_MAX	15

#define AT_MOST_63	"must be no more than 63 bytes"
#define AT_MOST_253	"must be no more than 253 bytes"
#define SUBDOMAIN_WORDS \
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' " \
	"or '.', and must start and end with an alphanumeric character (e.g. 'example.com', " \
	"regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*" \
	"[a-z0-9])?)*')"
#define KEY_WORDS \
	"must consist of alphanumeric characters, '-', '_' or '.', and must start and end with " \
	"an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " \
	"validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

bool format_one_of(const char *const *list, const char *s)
{
	for (; *list; list++)
		if (!strcmp(*list, s))
			return true;
	return false;
}

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alnum(char c)
{
	return lower(c) || digit(c) || (c >= 'A' && c <= 'Z');
}

static bool lower_alnum(char c)
{
	return lower(c) || digit(c);
}

/* n characters: lower case alphanumerics, and '-' but at the ends. */
static bool label(const char *s, size_t n)
{
	if (!n || !lower_alnum(s[0]) || !lower_alnum(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!lower_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

/* Labels with dots between them, n characters in all. */
static bool subdomain(const char *s, size_t n)
{
	for (;;) {
		const char *dot = memchr(s, '.', n);
		size_t len = dot ? (size_t)(dot - s) : n;

		if (!label(s, len))
			return false;
		if (!dot)
			return true;
		s += len + 1;
		n -= len + 1;
	}
}

/* Alphanumerics at both ends, '-', '_' and '.' between. */
static bool word(const char *s)
{
	size_t n = strlen(s);

	if (!n || !alnum(s[0]) || !alnum(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!alnum(s[i]) && !strchr("-_.", s[i]))
			return false;
	return true;
}

static bool above_63(const char *s)
{
	return strlen(s) > LABEL_MAX;
}

static bool above_253(const char *s)
{
	return strlen(s) > SUBDOMAIN_MAX;
}

static bool no_subdomain(const char *s)
{
	return !subdomain(s, strlen(s));
}

static bool no_dns1035_label(const char *s)
{
	return !label(s, strlen(s)) || !lower(s[0]);
}

const struct format_rule format_dns1035_label_rules[] = {
	{ above_63, AT_MOST_63 },
	{ no_dns1035_label, "a DNS-1035 label must consist of lower case alphanumeric characters "
			    "or '-', start with an alphabetic character, and end with an "
			    "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used "
			    "for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')" },
	{ NULL, NULL },
};

/* What is a subdomain and no label has dots in it. */
static bool has_dots(const char *s)
{
	return !label(s, strlen(s)) && !no_subdomain(s);
}

const struct format_rule format_dns1123_label_rules[] = {
	{ above_63, AT_MOST_63 },
	{ has_dots, "must not contain dots" },
	{ no_subdomain, "a lowercase RFC 1123 label must consist of lower case alphanumeric "
			"characters or '-', and must start and end with an alphanumeric character "
			"(e.g. 'my-name',  or '123-abc', regex used for validation is "
			"'[a-z0-9]([-a-z0-9]*[a-z0-9])?')" },
	{ NULL, NULL },
};

const struct format_rule format_dns1123_subdomain_rules[] = {
	{ above_253, AT_MOST_253 },
	{ no_subdomain, SUBDOMAIN_WORDS },
	{ NULL, NULL },
};

/* A qualified name is PREFIX/NAME or NAME. */
static bool has_two_slashes(const char *s)
{
	return strchr(s, '/') != strrchr(s, '/');
}

static const char *name_of(const char *s)
{
	const char *slash = strchr(s, '/');

	return slash ? slash + 1 : s;
}

static bool has_empty_prefix(const char *s)
{
	return *s == '/' && !has_two_slashes(s);
}

static bool has_long_prefix(const char *s)
{
	return name_of(s) - s > SUBDOMAIN_MAX + 1 && !has_two_slashes(s);
}

static bool has_bad_prefix(const char *s)
{
	const char *slash = strchr(s, '/');

	return slash && slash > s && !has_two_slashes(s) && !subdomain(s, slash - s);
}

static bool has_empty_name(const char *s)
{
	return !*name_of(s);
}

static bool has_long_name(const char *s)
{
	return above_63(name_of(s)) && !has_two_slashes(s);
}

static bool has_bad_name(const char *s)
{
	return !word(name_of(s)) && !has_two_slashes(s);
}

const struct format_rule format_qualified_name_rules[] = {
	{ has_two_slashes, "a valid label key " KEY_WORDS " with an optional DNS subdomain prefix "
			   "and '/' (e.g. 'example.com/MyName')" },
	{ has_empty_prefix, "prefix part must be non-empty" },
	{ has_long_prefix, "prefix part " AT_MOST_253 },
	{ has_bad_prefix, "prefix part " SUBDOMAIN_WORDS },
	{ has_empty_name, "name part must be non-empty" },
	{ has_long_name, "name part " AT_MOST_63 },
	{ has_bad_name, "name part " KEY_WORDS },
	{ NULL, NULL },
};

static bool no_label_value(const char *s)
{
	return *s && !word(s);
}

const struct format_rule format_label_value_rules[] = {
	{ above_63, AT_MOST_63 },
	{ no_label_value, "a valid label must be an empty string or consist of alphanumeric "
			  "characters, '-', '_' or '.', and must start and end with an "
			  "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
			  "regex used for validation is "
			  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')" },
	{ NULL, NULL },
};

static bool above_15(const char *s)
{
	return strlen(s) > PORT_NAME_MAX;
}

static bool has_strange_letters(const char *s)
{
	return !*s || s[strspn(s, "-abcdefghijklmnopqrstuvwxyz0123456789")];
}

static bool has_no_letter(const char *s)
{
	return !s[strcspn(s, "abcdefghijklmnopqrstuvwxyz")];
}

static bool has_two_hyphens(const char *s)
{
	return strstr(s, "--");
}

static bool has_outer_hyphen(const char *s)
{
	return *s && (s[0] == '-' || s[strlen(s) - 1] == '-');
}

/* RFC 6335, 5.1 */
const struct format_rule format_port_name_rules[] = {
	{ above_15, "must be no more than 15 bytes" },
	{ has_strange_letters, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens "
			       "(-)" },
	{ has_no_letter, "must contain at least one letter (a-z)" },
	{ has_two_hyphens, "must not contain consecutive hyphens" },
	{ has_outer_hyphen, "must not begin or end with a hyphen" },
	{ NULL, NULL },
};

const char *format_first(const struct format_rule *rules, const char *s)
{
	for (; rules->words; rules++)
		if (rules->broken(s))
			return rules->words;
	return NULL;
}

const char *format_dns1123_label(const char *s)
{
	return format_first(format_dns1123_label_rules, s);
}

const char *format_dns1123_subdomain(const char *s)
{
	return format_first(format_dns1123_subdomain_rules, s);
}

const char *format_qualified_name(const char *s)
{
	return format_first(format_qualified_name_rules, s);
}

const char *format_label_value(const char *s)
{
	return format_first(format_label_value_rules, s);
}

/* As Kubernetes has it since names of environment variables were relaxed. */
const char *format_env_name(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '=')
			return "a valid environment variable name must consist only of printable "
			       "ASCII characters other than '='";
	return NULL;
}

const char *format_port_name(const char *s)
{
	return format_first(format_port_name_rules, s);
}

const char *format_port(long long n)
{
	return n < 1 || n > 65535 ? "must be between 1 and 65535, inclusive" : NULL;
}
