// SPDX-License-Identifier: GPL-2.0
/*
 * Random objects in a real registry, a real node, and a kernel that refuses,
 * fails, forgets all, is changed by others and loses its events. Now and then
 * the trouble ends: soon after, the kernel must hold exactly what a node that
 * has just started would write to an empty one.
 *
 *	SOAK_SECONDS	how long; without it so many steps:
 *	SOAK_STEPS	2,500, or the next multiple of 500
 *	SOAK_SERVICES	how many names of Services; 60
 *	SOAK_SEED	of everything that is random; 1
 */
#include "authority.h"
#include "err.h"
#include "kernel_fake.h"
#include "log.h"
#include "node.h"
#include "soak_objects.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define STEPS_TO_CHECK	500	/* between two comparisons */
/* Before one nothing makes the node write everything: it has to notice what is wrong. */
#define STEPS_WITHOUT_FAULTS	100
#define SETTLE_ROUNDS	12
#define EVENTS_SECONDS	90	/* until the node listens again: its pauses are of real time */

struct soak {
	struct event_base *base;
	FILE *log;		/* nobody reads it: it is full of what was asked for */
	struct soak_objects objects;
	struct kernel *kernel;
	struct node *node;
	bool missing;		/* the module is not loaded */
	int64_t now;		/* ms */
	unsigned long long steps, foreign, faults, reloads, losses, checks;
};

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

/* --- the node --- */

static int64_t tell_time(void *ctx)
{
	struct soak *s = ctx;

	return s->now;
}

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct soak *s = ctx;

	if (s->missing)
		return err_set(e, ENOENT, "the module is not loaded");
	*out = s->kernel;
	return 0;
}

static int no_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	(void)ctx;
	(void)e;
	*out = calloc(1, sizeof(**out));
	*n = 0;
	return 0;
}

static struct node *start_node(struct soak *s, struct registry *events)
{
	struct ksettings settings = { .masquerade_all = true };
	const struct node_config c = {
		.base = s->base, .node_name = "n1", .settings = &settings,
		.settings_what = KSETTINGS_MASQUERADE_ALL,
		.warn = events ? authority_warn : NULL,
		.warned = events ? authority_warned : NULL, .warn_ctx = events,
		.open = open_fake, .open_ctx = s, .addresses = no_addresses,
		.clock = tell_time, .clock_ctx = s,
	};
	struct node *n;

	assert_int_equal(node_alloc(&n, &c, NULL), 0);
	node_start(n);
	assert_int_equal(authority_start(s->objects.r, n, NULL), 0);
	node_run(n);
	return n;
}

/* --- trouble --- */

static const int codes[] = {
	EINVAL, ENOSPC, ENOMEM, EIO, ENODEV, ESTALE, EEXIST, EACCES, EBUSY, EAGAIN, EPERM, E2BIG,
};

static void step_fault(struct soak *s)
{
	static const enum kernel_fake_op ops[] = {
		KERNEL_FAKE_SET, KERNEL_FAKE_DEL, KERNEL_FAKE_ENDPOINT_SET,
		KERNEL_FAKE_ENDPOINT_DEL, KERNEL_FAKE_LIST, KERNEL_FAKE_SETTINGS_SET,
		KERNEL_FAKE_SYNC_BEGIN, KERNEL_FAKE_SYNC_END, KERNEL_FAKE_EVENTS_READ,
		KERNEL_FAKE_ANY,
	};

	s->faults++;
	kernel_fake_fail(s->kernel, ops[soak_below(10)], 1 + soak_below(5), codes[soak_below(12)]);
}

static void step_refuse(struct soak *s)
{
	struct ksettings limits = { .max[KLIMIT_SERVICES] = soak_below(s->objects.services * 4) };
	char name[64];

	s->faults++;
	snprintf(name, sizeof(name), "default/s%u:p0", soak_below(s->objects.services));
	if (soak_below(2))
		kernel_fake_refuse(s->kernel, soak_below(3) ? name : NULL, EINVAL);
	else
		s->kernel->ops->settings_set(s->kernel, &limits, KSETTINGS_LIMITS, NULL);
}

/* One that svcd has, borrowed; NULL: there is none at this place of the table. */
static const struct kservice *one_of_svcd(struct soak *s)
{
	const struct kservices *l = kernel_fake_services(s->kernel);
	const struct kservice *k = l->n ? &l->v[soak_below((unsigned int)l->n)] : NULL;

	return k && !strcmp(k->owner, "svcd") ? k : NULL;
}

static void foreign_set(struct soak *s, const char *owner)
{
	struct kservice k = { .family = AF_INET, .proto = IPPROTO_TCP };
	struct kfrontend f = { .kind = SVCNAT_KIND_EXTERNAL, .port = 80 };
	char ip[32];

	snprintf(k.name, sizeof(k.name), "%s/%u", owner, soak_below(10));
	strcpy(k.owner, owner);
	snprintf(ip, sizeof(ip), "192.0.2.%u", 1 + soak_below(60));
	assert_int_equal(ip_addr_parse(ip, &f.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(&k, &f), 0);
	s->kernel->ops->service_set(s->kernel, &k, KERNEL_CREATE | KERNEL_REPLACE, 0, NULL);
	kservice_clear(&k);
}

static void foreign_change(struct soak *s, const struct kservice *k)
{
	struct kservice copy;
	size_t i;

	assert_int_equal(kservice_copy(&copy, k), 0);
	copy.flags ^= SVCNAT_F_RESET * soak_below(2);
	for (i = 0; i < copy.nendpoints; i++)
		copy.endpoints[i].weight = (uint16_t)soak_below(3);
	copy.nendpoints -= copy.nendpoints && soak_below(2);
	copy.nfrontends -= copy.nfrontends && soak_below(2);
	s->kernel->ops->service_set(s->kernel, &copy, KERNEL_REPLACE, 0, NULL);
	if (copy.nendpoints > 1) {
		copy.nendpoints = 1;
		s->kernel->ops->endpoint_del(s->kernel, &copy, 0, NULL);
	}
	kservice_clear(&copy);
}

static void step_foreign(struct soak *s)
{
	const struct kservice *k = one_of_svcd(s);
	struct ksettings settings = { .masquerade_all = false };
	unsigned int n = soak_below(100);
	uint32_t deleted;

	s->foreign++;
	if (n < 30 && k)
		s->kernel->ops->service_del(s->kernel, k->name, k->family, k->proto, NULL, 0, NULL);
	else if (n < 60 && k)
		foreign_change(s, k);
	else if (n < 75)
		foreign_set(s, "svcd");
	else if (n < 95)
		foreign_set(s, "hand");
	else if (n < 98)
		s->kernel->ops->settings_set(s->kernel, &settings, KSETTINGS_MASQUERADE_ALL, NULL);
	else
		s->kernel->ops->flush(s->kernel, soak_below(2) ? "svcd" : "hand", &deleted, NULL);
}

static void step_reload(struct soak *s)
{
	s->reloads++;
	kernel_fake_reset(s->kernel);
	s->missing = soak_below(2);
	node_kernel_changed(s->node);
}

static void step_loss(struct soak *s)
{
	s->losses++;
	step_foreign(s);
	kernel_fake_lose_events(s->kernel);
}

static void step_trouble(struct soak *s)
{
	const bool calm = s->steps % STEPS_TO_CHECK >= STEPS_TO_CHECK - STEPS_WITHOUT_FAULTS;
	unsigned int n = soak_below(calm ? 55 : 100);

	if (n < 50)
		step_foreign(s);
	else if (n < 55)
		step_loss(s);
	else if (n < 80)
		step_fault(s);
	else if (n < 97)
		step_refuse(s);
	else
		step_reload(s);
}

/* --- peace --- */

static void end_faults(struct soak *s)
{
	int op;

	for (op = 0; op <= KERNEL_FAKE_ANY; op++)
		kernel_fake_fail(s->kernel, (enum kernel_fake_op)op, 0, 0);
}

/* Until then what others change is not heard of, and nobody promises to put it right. */
static void wait_for_events(struct soak *s)
{
	const time_t end = time(NULL) + EVENTS_SECONDS;

	while (s->kernel->ops->events_fd(s->kernel) < 0) {
		if (time(NULL) >= end)
			fail_msg("the events of the kernel are not listened to again");
		event_base_loop(s->base, EVLOOP_ONCE);
	}
}

static void end_trouble(struct soak *s)
{
	struct ksettings limits = { .max[KLIMIT_SERVICES] = 65536 };
	uint32_t deleted;

	end_faults(s);
	kernel_fake_refuse(s->kernel, NULL, 0);
	s->kernel->ops->settings_set(s->kernel, &limits, KSETTINGS_LIMITS, NULL);
	s->kernel->ops->flush(s->kernel, "hand", &deleted, NULL);
	if (s->missing) {
		s->missing = false;
		node_kernel_changed(s->node);
	} else if (!node_ready(s->node, NULL)) {
		/* It found the module gone, and would look for it within a second. */
		node_kernel_changed(s->node);
	}
	wait_for_events(s);
}

static void settle(struct soak *s)
{
	int i;

	for (i = 0; i < SETTLE_ROUNDS; i++) {
		event_base_loop(s->base, EVLOOP_NONBLOCK);
		s->now += 120000;
		node_run(s->node);
	}
}

static void compare(const struct kernel *real, const struct kernel *fresh)
{
	const struct kservices *have = kernel_fake_services(real);
	const struct kservices *want = kernel_fake_services(fresh);
	const struct kservice *k;
	size_t i;

	for (i = 0; i < want->n; i++) {
		k = kernel_fake_find(real, want->v[i].name, want->v[i].family, want->v[i].proto);
		if (!k || !kservice_equal(k, &want->v[i]))
			fail_msg("%s (%s, family %d) %s", want->v[i].name,
				 ip_proto_name(want->v[i].proto), want->v[i].family,
				 k ? "is not as a fresh compile has it" : "is missing");
	}
	for (i = 0; i < have->n; i++)
		if (!kernel_fake_find(fresh, have->v[i].name, have->v[i].family, have->v[i].proto))
			fail_msg("%s is too much", have->v[i].name);
	assert_int_equal(kernel_fake_settings(real)->masquerade_all, true);
}

static void check(struct soak *s)
{
	struct soak other;
	unsigned int writes;

	end_trouble(s);
	settle(s);
	s->checks++;
	other = *s;
	other.kernel = kernel_fake_open();
	other.node = start_node(&other, NULL);
	compare(s->kernel, other.kernel);
	authority_stop(s->objects.r, other.node);
	node_free(other.node);
	kernel_fake_free(other.kernel);
	/* Equal, and so there is nothing more to do, whatever time it is. */
	writes = kernel_fake_calls(s->kernel, KERNEL_FAKE_ANY);
	settle(s);
	assert_int_equal(kernel_fake_calls(s->kernel, KERNEL_FAKE_ANY), writes);
	assert_true(node_ready(s->node, NULL));
}

/* --- all of it --- */

static void step(struct soak *s)
{
	if (++s->steps % STEPS_TO_CHECK == STEPS_TO_CHECK - STEPS_WITHOUT_FAULTS)
		end_faults(s);
	if (soak_below(4))
		soak_objects_step(&s->objects);
	else
		step_trouble(s);
	s->now += soak_below(100);
	/* Both its timers and what is to be read come late at times, and gathered. */
	if (!soak_below(3))
		event_base_loop(s->base, EVLOOP_NONBLOCK);
	if (!soak_below(8))
		node_run(s->node);
}

static int setup(void **state)
{
	struct registry_config c = {
		.nservice_cidrs = 2, .node_port_min = 30000, .node_port_max = 32767,
		.seed = number("SOAK_SEED", 1),
	};
	struct soak *s = calloc(1, sizeof(*s));

	assert_int_equal(ip_cidr_parse("10.96.0.0/12", &c.service_cidrs[0], NULL), 0);
	assert_int_equal(ip_cidr_parse("fd00:96::/108", &c.service_cidrs[1], NULL), 0);
	srand((unsigned int)number("SOAK_SEED", 1));
	s->log = fopen("/dev/null", "w");
	log_init(LOG_LEVEL_DEBUG, s->log, LOG_FORMAT_TEXT);
	s->base = event_base_new();
	s->objects.services = (unsigned int)number("SOAK_SERVICES", 60);
	assert_int_equal(registry_open(&s->objects.r, "svcd.db", &c, NULL), 0);
	s->kernel = kernel_fake_open();
	s->now = 1000000;
	s->node = start_node(s, s->objects.r);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct soak *s = *state;

	authority_stop(s->objects.r, s->node);
	node_free(s->node);
	kernel_fake_free(s->kernel);
	registry_close(s->objects.r);
	event_base_free(s->base);
	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	fclose(s->log);
	free(s);
	return 0;
}

static void test_soak(void **state)
{
	const unsigned long seconds = number("SOAK_SECONDS", 0), steps = number("SOAK_STEPS", 2500);
	const time_t end = time(NULL) + (time_t)seconds;
	struct soak *s = *state;

	/* The last comparison, too, has its steps without faults ahead of it. */
	do {
		step(s);
		if (s->steps % STEPS_TO_CHECK == 0)
			check(s);
	} while (s->steps % STEPS_TO_CHECK || (seconds ? time(NULL) < end : s->steps < steps));
	print_message("# %llu steps: %llu writes of objects (%llu refused), %llu changes by "
		      "others, %llu faults, %llu reloads, %llu losses of events; %u calls; "
		      "equal %llu times, at last with %zu services in the kernel\n", s->steps,
		      s->objects.written, s->objects.refused, s->foreign, s->faults, s->reloads,
		      s->losses, kernel_fake_calls(s->kernel, KERNEL_FAKE_ANY), s->checks,
		      kernel_fake_services(s->kernel)->n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_soak, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
