// SPDX-License-Identifier: GPL-2.0
#include "announce_guard.h"

#include "err.h"
#include "jx.h"
#include "nft.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE	"arp " ANNOUNCE_TABLE
#define WHAT	"the nft table arp " ANNOUNCE_TABLE

/* Adding what exists is no error; the flushes make it what it should be, as one change. */
static const char things[] =
	"add table " TABLE "\n"
	"add set " TABLE " announced { type ipv4_addr; }\n"
	"add set " TABLE " on { type ifname . ipv4_addr; }\n"
	"add set " TABLE " alive { type arp_op; flags timeout; }\n"
	"add set " TABLE " recent { type arp_op; flags timeout; }\n"
	"add chain " TABLE " in { type filter hook input priority 0; policy accept; "
	"comment \"who answers for addresses of load balancers; see svcd(8)\"; }\n";

static const char frame[] =
	"flush chain " TABLE " in\n"
	"flush set " TABLE " announced\n"
	"flush set " TABLE " on\n"
	"add rule " TABLE " in arp operation request arp daddr ip @announced "
	"iifname . arp daddr ip != @on drop\n";

/* The request is in the set for as long as svcd lives. */
static const char lease[] =
	"add rule " TABLE " in arp operation request arp daddr ip @announced "
	"arp operation != @alive drop\n";

static void print_beat(FILE *out)
{
	fprintf(out, "flush set " TABLE " alive\nflush set " TABLE " recent\n"
		"add element " TABLE " alive { request timeout %dms }\n"
		"add element " TABLE " recent { request timeout %dms }\n",
		ANNOUNCE_SILENT_MS, ANNOUNCE_RECENT_MS);
}

static void print_elements(FILE *out, const struct announce_guarded *v, size_t n)
{
	char buf[INET_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < n; i++) {
		inet_ntop(AF_INET, &v[i].addr, buf, sizeof(buf));
		fprintf(out, "add element " TABLE " announced { %s }\n", buf);
		/* What nft could not read back would spoil all of it: there it is silent. */
		if (*v[i].interface && !strpbrk(v[i].interface, "\"\\*"))
			fprintf(out, "add element " TABLE " on { \"%s\" . %s }\n",
				v[i].interface, buf);
	}
}

char *announce_guard_text(const struct announce_guarded *v, size_t n, bool shared)
{
	char *text = NULL;
	size_t size;
	FILE *out = jx_must(open_memstream(&text, &size));

	fputs(things, out);
	fputs(frame, out);
	if (shared) {
		fputs(lease, out);
		print_beat(out);
	}
	print_elements(out, v, n);
	fclose(out);
	return jx_must(text);
}

int announce_guard_set(const struct announce_guarded *v, size_t n, bool shared, struct err *e)
{
	char *text = announce_guard_text(v, n, shared);
	int ret = nft_run(text, WHAT " cannot be made", e);

	free(text);
	return ret;
}

int announce_guard_beat(struct err *e)
{
	char *text = NULL;
	size_t size;
	FILE *out = jx_must(open_memstream(&text, &size));
	int ret;

	print_beat(out);
	fclose(out);
	ret = nft_run(jx_must(text), WHAT " cannot be kept alive", e);
	free(text);
	return ret;
}

bool announce_guard_recent(void)
{
	char *text = NULL;
	bool recent;

	if (nft_ask("list set " TABLE " recent\n", "", &text, NULL))
		return false;
	recent = strstr(text, "elements") != NULL;
	free(text);
	return recent;
}

bool announce_guard_lasting(void)
{
	char *text = NULL;
	bool lasting;

	if (nft_ask("list chain " TABLE " in\n", "", &text, NULL))
		return false;
	lasting = strstr(text, "@announced") && !strstr(text, "@alive");
	free(text);
	return lasting;
}

int announce_guard_clear(struct err *e)
{
	return nft_run("add table " TABLE "\ndelete table " TABLE "\n",
		       WHAT " cannot be deleted", e);
}

bool announce_guard_there(void)
{
	char *text = NULL;

	if (nft_ask("list chain " TABLE " in\n", "", &text, NULL))
		return false;
	free(text);
	return true;
}

/* Somebody may have flushed the chain alone. */
bool announce_guard_whole(bool shared)
{
	char *text = NULL, *p;
	int rules = 0;

	if (nft_ask("list chain " TABLE " in\n", "", &text, NULL))
		return false;
	for (p = text; (p = strstr(p, " drop\n")); p++)
		rules++;
	free(text);
	return rules == 1 + shared;
}

int announce_guard_prepare(struct err *e)
{
	return nft_run(things, WHAT " cannot be made", e);
}

const struct announce_guard_ops announce_guard_nft = {
	.set = announce_guard_set,
	.beat = announce_guard_beat,
	.recent = announce_guard_recent,
	.lasting = announce_guard_lasting,
	.clear = announce_guard_clear,
	.there = announce_guard_there,
	.whole = announce_guard_whole,
	.prepare = announce_guard_prepare,
};
