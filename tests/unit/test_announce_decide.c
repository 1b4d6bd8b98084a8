// SPDX-License-Identifier: GPL-2.0
/* What a node announces, by what it knows of the others and of what was before it. */
#include "announce_priv.h"

#include "jx.h"
#include "kernel_fake.h"
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* Of the three nodes n1, n2 and n3, these are: */
#define OF_1	"10.0.0.5"
#define OF_2	"10.0.0.7"

struct fixture {
	struct announce a;
	struct event_base *base;
	struct kernel *kernel;
};

/* What the kernel does not hold. */
static const char *unserved;

static bool serves(const struct proxy *p, const char *service, const struct ip_addr *addr)
{
	(void)p;
	(void)addr;
	return !unserved || strcmp(service, unserved);
}

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

static void tell(struct fixture *f, enum proxy_kind kind, json_t *object)
{
	announce_set_object(&f->a.set, kind, object, false);
	json_decref(object);
}

static void tell_node(struct fixture *f, const char *name, const char *ip, bool excluded)
{
	json_t *o = json_pack("{s:{s:s}, s:{s:[{s:s, s:s}]}}", "metadata", "name", name, "status",
			      "addresses", "type", "InternalIP", "address", ip);

	if (excluded)
		json_object_set_new(json_object_get(o, "metadata"), "labels", json_pack(
			"{s:s}", "node.kubernetes.io/exclude-from-external-load-balancers", ""));
	tell(f, PROXY_NODE, o);
}

static void tell_service(struct fixture *f, const char *name, const char *ip)
{
	tell(f, PROXY_SERVICE, json_pack(
		"{s:{s:s, s:s}, s:{s:s, s:s}, s:{s:{s:[{s:s}]}}}", "metadata", "name", name,
		"namespace", "default", "spec", "type", "LoadBalancer", "clusterIP", "10.96.0.1",
		"status", "loadBalancer", "ingress", "ip", ip));
}

/* n1, with the Nodes n1, n2 and n3, of which nothing is known yet. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct node_config c = { .node_name = "n1", .open = open_fake, .open_ctx = f };

	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	c.base = f->base;
	assert_int_equal(node_alloc(&f->a.config.node, &c, NULL), 0);
	f->a.name = strdup("n1");
	f->a.options.mode = ANNOUNCE_LAYER2;
	f->a.serves = serves;
	unserved = NULL;
	f->a.ready = f->a.says = announce_now();
	announce_set_init(&f->a.set);
	announce_peers_init(&f->a.peers, f->base, 10256, announce_now);
	tell_service(f, "a", OF_1);
	tell_service(f, "b", OF_2);
	tell_node(f, "n1", "192.0.2.1", false);
	tell_node(f, "n2", "192.0.2.2", false);
	tell_node(f, "n3", "192.0.2.3", false);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	announce_set_clear(&f->a.set);
	announce_peers_clear(&f->a.peers);
	announce_claims_clear(&f->a.have);
	announce_routes_clear(&f->a.left);
	node_free(f->a.config.node);
	kernel_fake_free(f->kernel);
	event_base_free(f->base);
	free(f->a.name);
	free(f);
	return 0;
}

static struct announce_known *peer(struct fixture *f, const char *name)
{
	struct announce_known *k = strmap_find(&f->a.peers.by_name, name);

	assert_non_null(k);
	return k;
}

static void answers(struct fixture *f, const char *name, enum announce_grade grade)
{
	struct announce_known *k = peer(f, name);

	k->state.good = announce_now();
	k->grade = grade;
}

/* What is announced, each address with a space behind it; '!': it has to be said. */
static const char *decided(struct fixture *f)
{
	struct announce_claims c;
	static char text[256];
	char buf[INET6_ADDRSTRLEN];
	size_t i;

	announce_set_build(&f->a.set, &f->a.options);
	announce_peers_sync(&f->a.peers, &f->a.set, f->a.name);
	announce_decide(&f->a, &c);
	text[0] = '\0';
	for (i = 0; i < c.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s ",
			 ip_addr_print(&c.v[i].addr, buf), c.v[i].said ? "" : "!");
	announce_claims_clear(&c);
	return text;
}

static void settle(struct fixture *f)
{
	decided(f);
	f->a.settled = true;
	answers(f, "n2", ANNOUNCE_WELL);
	answers(f, "n3", ANNOUNCE_WELL);
}

static void test_who_is_new_waits(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(decided(f), "");
	answers(f, "n2", ANNOUNCE_WELL);
	assert_string_equal(decided(f), "");
	answers(f, "n3", ANNOUNCE_WELL);
	/* They count this node only after a while, and keep its own until then. */
	assert_string_equal(decided(f), "");
	f->a.says -= ANNOUNCE_UP_MS;
	assert_string_equal(decided(f), "");
	f->a.says -= 3 * ANNOUNCE_ASK_EACH_MS;
	assert_string_equal(decided(f), OF_1 "! ");
}

/* Of very many each asks less often, and hears of this one later. */
static void test_among_many_it_waits_longer(void **state)
{
	struct fixture *f = *state;
	char name[16], ip[32];
	int i;

	for (i = 10; i < 210; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(ip, sizeof(ip), "198.51.100.%d", i);
		tell_node(f, name, ip, false);
	}
	decided(f);
	assert_int_equal(announce_heard_ms(&f->a), 3 * ANNOUNCE_ASK_MAX_MS);
	answers(f, "n2", ANNOUNCE_WELL);
	f->a.says -= ANNOUNCE_UP_MS + 5000;
	assert_true(announce_holds(&f->a));
	f->a.says -= 1000;
	assert_false(announce_holds(&f->a));
}

/* All start at once: none may take for gone who waits as itself does. */
static void test_all_are_new(void **state)
{
	struct fixture *f = *state;

	decided(f);
	announce_peer_heard(&peer(f, "n2")->state, ANNOUNCE_HOLDS_WELL, announce_now());
	announce_peer_heard(&peer(f, "n3")->state, ANNOUNCE_HOLDS_WELL, announce_now());
	assert_string_equal(decided(f), "");
}

/* What is said of it to others: who waits has nothing yet. */
static void test_header(void **state)
{
	struct fixture *f = *state;

	decided(f);
	f->a.wire = (struct announce_wire *)f;
	assert_string_equal(announce_header(&f->a, NULL), "Svcnat-Announce: layer2; holding\r\n");
	f->a.recent = true;
	assert_string_equal(announce_header(&f->a, NULL), "Svcnat-Announce: layer2\r\n");
	f->a.settled = true;
	f->a.recent = false;
	assert_string_equal(announce_header(&f->a, NULL), "Svcnat-Announce: layer2\r\n");
	/* Who asks hears whether he counts. */
	answers(f, "n2", ANNOUNCE_WELL);
	assert_string_equal(announce_header(&f->a, "n2"), "Svcnat-Announce: layer2\r\n");
	assert_string_equal(announce_header(&f->a, "n3"),
			    "Svcnat-Announce: layer2; without you\r\n");
	assert_string_equal(announce_header(&f->a, "n9"),
			    "Svcnat-Announce: layer2; without you\r\n");
	f->a.settled = false;
	f->a.recent = true;
	assert_string_equal(announce_header(&f->a, "n3"), "Svcnat-Announce: layer2\r\n");
	f->a.recent = false;
	assert_string_equal(announce_header(&f->a, "n3"), "Svcnat-Announce: layer2; holding\r\n");
	f->a.says = announce_now() + 60000;
	assert_string_equal(announce_header(&f->a, "n3"), "Svcnat-Announce: none; returning\r\n");
	f->a.ready = 0;
	assert_string_equal(announce_header(&f->a, "n3"), "");
	f->a.did = true;
	assert_string_equal(announce_header(&f->a, NULL), "Svcnat-Announce: none\r\n");
	f->a.wire = NULL;
}

/* That this node is not well any more is a reason to decide, as that of another one is. */
static void test_own_health_is_news(void **state)
{
	struct fixture *f = *state;

	settle(f);
	f->a.grade = announce_own_grade(&f->a);
	assert_false(announce_is_due(&f->a));
	f->a.grade = f->a.grade == ANNOUNCE_WELL ? ANNOUNCE_ILL : ANNOUNCE_WELL;
	assert_true(announce_is_due(&f->a));
}

static void test_not_when_nobody_is_there(void **state)
{
	struct fixture *f = *state;

	decided(f);
	peer(f, "n2")->state.asked = announce_now() - ANNOUNCE_DEAD_MS;
	assert_string_equal(decided(f), "");
	peer(f, "n3")->state.declined = true;
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
}

/* All were away, and none knows what the others had: that one declines is not its last word. */
static void test_all_return(void **state)
{
	struct fixture *f = *state;

	f->a.says = announce_now() + 60000;
	decided(f);
	announce_peer_heard(&peer(f, "n2")->state, ANNOUNCE_RETURNS, announce_now());
	announce_peer_heard(&peer(f, "n3")->state, ANNOUNCE_RETURNS, announce_now());
	assert_string_equal(decided(f), "");
	announce_peer_heard(&peer(f, "n3")->state, ANNOUNCE_DECLINED, announce_now());
	assert_string_equal(decided(f), "");
	announce_peer_heard(&peer(f, "n2")->state, ANNOUNCE_DECLINED, announce_now());
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
}

static void leave(struct fixture *f, const char *text)
{
	const struct announce_route r = { .addr = addr(text) };

	announce_routes_add(&f->a.left, &r);
}

static void test_who_was_away_for_a_moment_goes_on(void **state)
{
	struct fixture *f = *state;

	leave(f, OF_2);
	f->a.recent = true;
	/* Whatever it should be: it was so a moment ago, and nobody knows better yet. */
	assert_string_equal(decided(f), OF_2 " ");
	answers(f, "n2", ANNOUNCE_WELL);
	answers(f, "n3", ANNOUNCE_GONE);
	assert_string_equal(decided(f), OF_1 "! ");
}

static void test_who_was_away_for_long_does_not(void **state)
{
	struct fixture *f = *state;

	leave(f, OF_1);
	assert_string_equal(decided(f), "");
}

static void test_others_come_and_go(void **state)
{
	struct fixture *f = *state;

	settle(f);
	assert_string_equal(decided(f), OF_1 "! ");
	answers(f, "n2", ANNOUNCE_GONE);
	answers(f, "n3", ANNOUNCE_GONE);
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
	answers(f, "n2", ANNOUNCE_WELL);
	assert_string_equal(decided(f), OF_1 "! ");
	/* Another one is new: of it nothing is known, and nobody waits for it. */
	tell_node(f, "n4", "192.0.2.4", false);
	assert_string_equal(decided(f), OF_1 "! ");
}

static void test_what_is_had_is_not_said_again(void **state)
{
	struct fixture *f = *state;

	settle(f);
	announce_decide(&f->a, &f->a.have);
	assert_string_equal(decided(f), OF_1 " ");
}

static size_t taken(struct fixture *f, const char *without)
{
	peer(f, "n2")->without = peer(f, "n3")->without = ANNOUNCE_WITH;
	peer(f, without)->without = ANNOUNCE_WITHOUT;
	return strlen(decided(f));
}

/* One that does not know this Node goes on with what it has: two would announce it. */
static void test_what_others_do_without_this_node(void **state)
{
	struct fixture *f = *state;

	settle(f);
	peer(f, "n2")->without = peer(f, "n3")->without = ANNOUNCE_WITHOUT;
	assert_string_equal(decided(f), "");
	/* It has but one: of the other one nothing is to be feared. */
	assert_int_equal(!taken(f, "n2") + !taken(f, "n3"), 1);
	peer(f, "n2")->without = peer(f, "n3")->without = ANNOUNCE_WITHOUT;
	answers(f, "n2", ANNOUNCE_GONE);
	assert_string_equal(decided(f), "");
	answers(f, "n3", ANNOUNCE_GONE);
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
}

static void test_what_is_had_goes_when_others_insist(void **state)
{
	struct fixture *f = *state;

	settle(f);
	announce_decide(&f->a, &f->a.have);
	peer(f, "n2")->without = peer(f, "n3")->without = ANNOUNCE_WITHOUT;
	assert_string_equal(decided(f), OF_1 " ");
	peer(f, "n2")->without = peer(f, "n3")->without = ANNOUNCE_INSISTS;
	assert_string_equal(decided(f), "");
	/* Where nobody chooses, nobody is asked. */
	f->a.options.mode = ANNOUNCE_ROUTE;
	assert_string_equal(decided(f), OF_1 " " OF_2 "! ");
}

static void test_excluded(void **state)
{
	struct fixture *f = *state;

	settle(f);
	tell_node(f, "n1", "192.0.2.1", true);
	assert_string_equal(decided(f), "");
	tell_node(f, "n1", "192.0.2.1", false);
	tell_node(f, "n2", "192.0.2.2", true);
	tell_node(f, "n3", "192.0.2.3", true);
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
}

/* Without a Node of its own the others do not know of it. */
static void test_no_node(void **state)
{
	struct fixture *f = *state;

	settle(f);
	free(f->a.name);
	f->a.name = strdup("n9");
	assert_string_equal(decided(f), "");
}

/* Its Node has nothing to ask it by: others do not count it, and announce what would be its. */
static void test_node_without_address(void **state)
{
	struct fixture *f = *state;

	settle(f);
	tell(f, PROXY_NODE, json_pack("{s:{s:s}, s:{s:[{s:s, s:s}]}}", "metadata", "name", "n1",
				      "status", "addresses", "type", "ExternalIP", "address",
				      "192.0.2.1"));
	assert_string_equal(decided(f), "");
	/* Routes are each node's own matter. */
	f->a.options.mode = ANNOUNCE_ROUTE;
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
}

static void forget_node(struct fixture *f, const char *name)
{
	json_t *o = json_pack("{s:{s:s}}", "metadata", "name", name);

	announce_set_object(&f->a.set, PROXY_NODE, o, true);
	json_decref(o);
}

/* Who follows another knows that there is one, Nodes or not. */
static void test_no_nodes_at_all(void **state)
{
	struct fixture *f = *state;

	forget_node(f, "n1");
	forget_node(f, "n2");
	forget_node(f, "n3");
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
	f->a.follows = true;
	assert_string_equal(decided(f), "");
	f->a.options.mode = ANNOUNCE_ROUTE;
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
}

static void test_own_address(void **state)
{
	struct announce_prefix p = { .index = 2, .addr = addr(OF_1), .len = 24 };
	struct fixture *f = *state;

	settle(f);
	f->a.links = (struct announce_links){ .prefixes = &p, .nprefixes = 1 };
	assert_string_equal(decided(f), "");
}

/* Nobody announces it, and it is said why. */
static void test_router(void **state)
{
	struct ip_addr gateway = addr(OF_1);
	struct announce_claims c;
	struct fixture *f = *state;

	settle(f);
	announce_decide(&f->a, &c);
	assert_string_equal(c.taken.text, "");
	announce_claims_clear(&c);
	f->a.links = (struct announce_links){ .gateways = &gateway, .ngateways = 1 };
	assert_string_equal(decided(f), "");
	announce_decide(&f->a, &c);
	assert_string_equal(c.taken.text, "announce: " OF_1 " of Service default/a is the gateway "
			    "of a route: it is not announced; give the Service another one, and "
			    "take this one out of the pools");
	announce_claims_clear(&c);
}

/* The kernel refused it, or does not hold it yet: the node's own servers would be reached. */
static void test_what_the_kernel_does_not_hold(void **state)
{
	struct announce_claims c;
	struct fixture *f = *state;

	settle(f);
	unserved = "default/a";
	assert_string_equal(decided(f), "");
	announce_decide(&f->a, &c);
	assert_true(c.waits);
	announce_claims_clear(&c);
	unserved = "default/b";	/* which is not this node's */
	assert_string_equal(decided(f), OF_1 "! ");
	announce_decide(&f->a, &c);
	assert_false(c.waits);
	announce_claims_clear(&c);
}

/* Nobody chooses among nodes. */
static void test_routes(void **state)
{
	struct fixture *f = *state;

	f->a.options.mode = ANNOUNCE_ROUTE;
	assert_string_equal(decided(f), OF_1 "! " OF_2 "! ");
	f->a.options.mode = ANNOUNCE_NONE;
	assert_string_equal(decided(f), "");
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_who_is_new_waits),
		CASE(test_among_many_it_waits_longer),
		CASE(test_all_are_new),
		CASE(test_header),
		CASE(test_own_health_is_news),
		CASE(test_not_when_nobody_is_there),
		CASE(test_all_return),
		CASE(test_who_was_away_for_a_moment_goes_on),
		CASE(test_who_was_away_for_long_does_not),
		CASE(test_others_come_and_go),
		CASE(test_what_is_had_is_not_said_again),
		CASE(test_what_others_do_without_this_node),
		CASE(test_what_is_had_goes_when_others_insist),
		CASE(test_excluded),
		CASE(test_no_node),
		CASE(test_node_without_address),
		CASE(test_no_nodes_at_all),
		CASE(test_own_address),
		CASE(test_router),
		CASE(test_what_the_kernel_does_not_hold),
		CASE(test_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
