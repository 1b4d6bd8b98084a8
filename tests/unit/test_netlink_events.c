// SPDX-License-Identifier: GPL-2.0
/* Events, from datagrams that a test writes. */
#include "err.h"
#include "netlink_events.h"
#include "netlink_fill.h"
#include "netlink_help.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FAMILY	0x1d

/* What the socket will say: datagrams, and errors. */
struct source {
	struct {
		unsigned char *bytes;	/* NULL: len is an error */
		int len;
		uint32_t port;
	} v[64];
	unsigned int n, at;
	struct netlink_events *ev;
};

static int give(void *ctx, unsigned char **buf, uint32_t *port)
{
	struct source *s = ctx;

	if (s->at == s->n)
		return 0;
	*buf = s->v[s->at].bytes;
	*port = s->v[s->at].port;
	return s->v[s->at++].len;
}

static int setup(void **state)
{
	struct source *s = calloc(1, sizeof(*s));

	s->ev = netlink_events_open_on(give, s, FAMILY);
	*state = s;
	return s->ev ? 0 : -1;
}

static int teardown(void **state)
{
	struct source *s = *state;
	const bool read = s->at == s->n;

	netlink_events_close(s->ev);
	free(s);
	return read ? 0 : -1;
}

static void push_bytes(struct source *s, const void *bytes, size_t len, uint32_t port)
{
	assert_true(s->n < sizeof(s->v) / sizeof(s->v[0]));
	s->v[s->n].bytes = malloc(len);
	memcpy(s->v[s->n].bytes, bytes, len);
	s->v[s->n].len = (int)len;
	s->v[s->n++].port = port;
}

/* A datagram with this message. Frees it. */
static void push(struct source *s, struct nl_msg *msg)
{
	push_bytes(s, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0);
	nlmsg_free(msg);
}

static void push_error(struct source *s, int err)
{
	s->v[s->n++].len = -err;
}

static struct nl_msg *event(uint8_t cmd)
{
	return netlink_help_genl(FAMILY, cmd, 0, 8192);
}

/* The beginning of an event of a service; name NULL: a further part of it. */
static struct nl_msg *of_service(uint8_t cmd, uint32_t id, const char *name)
{
	const struct kfilter key = {
		.name = name, .family = AF_INET, .proto = IPPROTO_TCP, .owner = "hand",
	};
	struct nl_msg *msg = event(cmd);

	nla_put_u32(msg, SVCNAT_A_SERVICE_ID, id);
	if (name)
		assert_int_equal(netlink_fill_filter(msg, &key), 0);
	return msg;
}

static void put_endpoint(struct nl_msg *msg, uint8_t last)
{
	const uint8_t addr[4] = { 10, 0, 0, last };
	struct nlattr *nest = nla_nest_start(msg, SVCNAT_A_SERVICE_ENDPOINT);

	nla_put(msg, SVCNAT_A_ENDPOINT_ADDR, 4, addr);
	netlink_help_port(msg, SVCNAT_A_ENDPOINT_PORT, 80);
	nla_put_u16(msg, SVCNAT_A_ENDPOINT_WEIGHT, last);
	nla_nest_end(msg, nest);
}

static void push_del(struct source *s, const char *name)
{
	push(s, of_service(SVCNAT_CMD_SERVICE_DEL, 9, name));
}

/* The next event is of this command and service, and is then forgotten. */
static void assert_event(struct source *s, enum svcnat_cmd cmd, const char *name)
{
	struct kevent ev;

	assert_int_equal(netlink_events_read(s->ev, &ev, NULL), 1);
	assert_int_equal(ev.cmd, cmd);
	assert_string_equal(ev.service.name, name);
	kevent_clear(&ev);
}

static void assert_none(struct source *s)
{
	struct kevent ev;

	assert_int_equal(netlink_events_read(s->ev, &ev, NULL), 0);
}

static void assert_refused(struct source *s, int err, const char *text)
{
	struct kevent ev;
	struct err e;

	assert_int_equal(netlink_events_read(s->ev, &ev, &e), -err);
	assert_non_null(strstr(e.text, text));
}

/* --- each event --- */

static void test_service_set(void **state)
{
	struct source *s = *state;
	struct nl_msg *msg = of_service(SVCNAT_CMD_SERVICE_SET, 7, "web");
	struct kevent ev;

	nla_put_u32(msg, SVCNAT_A_SERVICE_FLAGS, SVCNAT_F_RESET);
	nla_put_u8(msg, SVCNAT_A_SERVICE_SCHEDULER, SVCNAT_SCHEDULER_RR);
	nla_put_u32(msg, SVCNAT_A_SERVICE_AFFINITY, 60);
	netlink_help_cidr(msg, SVCNAT_A_SERVICE_RANGE, "10.0.0.0/8");
	put_endpoint(msg, 1);
	push(s, msg);
	assert_int_equal(netlink_events_read(s->ev, &ev, NULL), 1);
	assert_int_equal(ev.cmd, SVCNAT_CMD_SERVICE_SET);
	assert_false(ev.more);
	assert_int_equal(ev.service.id, 7);
	assert_string_equal(ev.service.owner, "hand");
	assert_int_equal(ev.service.scheduler, SVCNAT_SCHEDULER_RR);
	assert_int_equal(ev.service.nranges, 1);
	assert_int_equal(ev.service.nendpoints, 1);
	assert_int_equal(ev.service.endpoints[0].weight, 1);
	kevent_clear(&ev);
	assert_null(ev.service.endpoints);
	assert_none(s);
	assert_none(s);
}

static void test_others(void **state)
{
	struct source *s = *state;
	const struct ksettings settings = { .echo = true, .max = { 1, 2, 3, 4, 5, 6 } };
	struct nl_msg *msg = event(SVCNAT_CMD_SETTINGS_SET);
	struct kevent ev;
	int i;

	assert_int_equal(netlink_fill_settings(msg, &settings, KSETTINGS_ALL), 0);
	nla_put_string(msg, SVCNAT_A_SETTINGS_VERSION, "2.0");
	nla_put_u8(msg, SVCNAT_A_SETTINGS_ENABLED, 1);
	for (i = 0; i < KLIMIT_N; i++)
		nla_put_u32(msg, SVCNAT_A_SETTINGS_SERVICES + i, 0);
	push(s, msg);
	msg = event(SVCNAT_CMD_SYNC_END);
	nla_put_string(msg, SVCNAT_A_SYNC_OWNER, "svcd");
	nla_put_u32(msg, SVCNAT_A_SYNC_DELETED, 12);
	push(s, msg);
	push_del(s, "web");
	msg = of_service(SVCNAT_CMD_ENDPOINT_DEL, 9, "dns");
	put_endpoint(msg, 3);
	push(s, msg);

	assert_int_equal(netlink_events_read(s->ev, &ev, NULL), 1);
	assert_int_equal(ev.cmd, SVCNAT_CMD_SETTINGS_SET);
	assert_true(ev.settings.echo && ev.settings.enabled);
	assert_int_equal(ev.settings.max[KLIMIT_CONNECTIONS], 6);
	kevent_clear(&ev);
	assert_int_equal(netlink_events_read(s->ev, &ev, NULL), 1);
	assert_int_equal(ev.cmd, SVCNAT_CMD_SYNC_END);
	assert_string_equal(ev.owner, "svcd");
	assert_int_equal(ev.deleted, 12);
	kevent_clear(&ev);
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "web");
	assert_int_equal(netlink_events_read(s->ev, &ev, NULL), 1);
	assert_int_equal(ev.cmd, SVCNAT_CMD_ENDPOINT_DEL);
	assert_string_equal(ev.service.name, "dns");
	assert_int_equal(ev.service.nendpoints, 1);
	assert_int_equal(ev.service.nfrontends, 0);
	kevent_clear(&ev);
	assert_none(s);
}

/* --- one event in several messages --- */

static void push_part(struct source *s, uint8_t cmd, uint32_t id, const char *name, uint8_t last,
		      bool more)
{
	struct nl_msg *msg = of_service(cmd, id, name);

	if (name) {
		nla_put_u32(msg, SVCNAT_A_SERVICE_FLAGS, SVCNAT_F_RESET);
		nla_put_u8(msg, SVCNAT_A_SERVICE_SCHEDULER, SVCNAT_SCHEDULER_MAGLEV);
		nla_put_u32(msg, SVCNAT_A_SERVICE_AFFINITY, 60);
	}
	put_endpoint(msg, last);
	if (more)
		nla_put_flag(msg, SVCNAT_A_SERVICE_MORE);
	push(s, msg);
}

static void test_parts(void **state)
{
	struct source *s = *state;
	struct kevent ev;
	uint8_t i;

	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, "web", 1, true);
	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, NULL, 2, true);
	push(s, event(SVCNAT_CMD_MAX + 1));	/* a newer module's: no matter where */
	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, NULL, 3, false);
	push_del(s, "dns");
	for (i = 1; i <= 3; i++) {
		assert_int_equal(netlink_events_read(s->ev, &ev, NULL), 1);
		assert_int_equal(ev.cmd, SVCNAT_CMD_SERVICE_SET);
		assert_int_equal(ev.more, i < 3);
		/* the key and the options in each of them, the members once */
		assert_int_equal(ev.service.id, 7);
		assert_string_equal(ev.service.name, "web");
		assert_string_equal(ev.service.owner, "hand");
		assert_int_equal(ev.service.proto, IPPROTO_TCP);
		assert_int_equal(ev.service.family, AF_INET);
		assert_int_equal(ev.service.flags, SVCNAT_F_RESET);
		assert_int_equal(ev.service.scheduler, SVCNAT_SCHEDULER_MAGLEV);
		assert_int_equal(ev.service.affinity, 60);
		assert_int_equal(ev.service.nendpoints, 1);
		assert_int_equal(ev.service.endpoints[0].weight, i);
		kevent_clear(&ev);
	}
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "dns");
	assert_none(s);
}

/* Who begins to listen may hear the end of an event first. */
static void test_no_beginning(void **state)
{
	struct source *s = *state;

	push_part(s, SVCNAT_CMD_ENDPOINT_SET, 7, NULL, 2, true);
	push_part(s, SVCNAT_CMD_ENDPOINT_SET, 7, NULL, 3, false);
	push_del(s, "dns");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "dns");
	assert_none(s);
}

static void test_parts_do_not_fit(void **state)
{
	struct source *s = *state;

	/* a part of another service */
	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, "web", 1, true);
	push_part(s, SVCNAT_CMD_SERVICE_SET, 8, NULL, 2, false);
	assert_event(s, SVCNAT_CMD_SERVICE_SET, "web");
	assert_refused(s, EPROTO, "continued service");
	/* another event in between; the rest of the first one has no beginning then */
	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, "web", 1, true);
	push_del(s, "dns");
	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, NULL, 2, false);
	push_del(s, "late");
	assert_event(s, SVCNAT_CMD_SERVICE_SET, "web");
	assert_refused(s, EPROTO, "malformed (event");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "late");
	/* another service where a part is due */
	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, "web", 1, true);
	push_part(s, SVCNAT_CMD_SERVICE_SET, 8, "dns", 1, false);
	assert_event(s, SVCNAT_CMD_SERVICE_SET, "web");
	assert_refused(s, EPROTO, "continued service");
	assert_none(s);
}

/* --- what is no event, and what is none that can be read --- */

static void test_skipped(void **state)
{
	struct source *s = *state;
	struct nl_msg *msg;

	/* another process */
	msg = of_service(SVCNAT_CMD_SERVICE_DEL, 1, "forged");
	push_bytes(s, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 4711);
	nlmsg_free(msg);
	/* another family */
	msg = of_service(SVCNAT_CMD_SERVICE_DEL, 1, "foreign");
	nlmsg_hdr(msg)->nlmsg_type = FAMILY + 1;
	push(s, msg);
	/* commands that nobody knows, or that are no events */
	push(s, of_service(SVCNAT_CMD_MAX + 1, 1, "newer"));
	push(s, of_service(255, 1, "newest"));
	push(s, of_service(SVCNAT_CMD_UNSPEC, 1, "none"));
	push(s, of_service(SVCNAT_CMD_SERVICE_GET, 1, "reply"));
	push(s, of_service(SVCNAT_CMD_RESOLVE, 1, "reply"));
	assert_none(s);
	push_del(s, "true");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "true");
}

static void test_malformed(void **state)
{
	struct source *s = *state;
	struct nl_msg *msg;
	struct nlmsghdr bare = { .nlmsg_len = sizeof(bare), .nlmsg_type = FAMILY };

	push_bytes(s, &bare, sizeof(bare), 0);
	assert_refused(s, EPROTO, "malformed (event");
	push(s, event(SVCNAT_CMD_SERVICE_DEL));
	assert_refused(s, EPROTO, "malformed (service");
	push(s, of_service(SVCNAT_CMD_SERVICE_DEL, 0, "web"));
	assert_refused(s, EPROTO, "malformed (service");
	push(s, event(SVCNAT_CMD_SETTINGS_SET));
	assert_refused(s, EPROTO, "malformed (settings");
	msg = event(SVCNAT_CMD_SYNC_END);
	nla_put_string(msg, SVCNAT_A_SYNC_OWNER, "svcd");
	push(s, msg);
	assert_refused(s, EPROTO, "malformed (event");
	msg = event(SVCNAT_CMD_SYNC_END);
	nla_put_string(msg, SVCNAT_A_SYNC_OWNER, "an owner whose name is much too long");
	nla_put_u32(msg, SVCNAT_A_SYNC_DELETED, 12);
	push(s, msg);
	assert_refused(s, EPROTO, "malformed (event");
	/* None of them is in the way of the next. */
	push_del(s, "web");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "web");
}

static void test_datagram(void **state)
{
	struct source *s = *state;
	struct nl_msg *msg = of_service(SVCNAT_CMD_SERVICE_DEL, 1, "web");
	uint32_t len = nlmsg_hdr(msg)->nlmsg_len;
	char three[4096];
	int i;

	for (i = 0; i < 3; i++)
		memcpy(three + i * len, nlmsg_hdr(msg), len);
	nlmsg_free(msg);
	push_bytes(s, three, 3 * len, 0);
	push_bytes(s, three, 2 * len - 1, 0);
	for (i = 0; i < 4; i++)
		assert_event(s, SVCNAT_CMD_SERVICE_DEL, "web");
	assert_none(s);
	push_bytes(s, three, 3, 0);
	push_bytes(s, three, len, 0);
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "web");
}

/* Cut and spoilt: refused, skipped or read as something else, but never out of bounds. */
static void test_spoilt(void **state)
{
	struct source *s = *state;
	struct nl_msg *msg = of_service(SVCNAT_CMD_ENDPOINT_SET, 7, "web");
	unsigned char bytes[512];
	struct kevent ev;
	uint32_t len, i;
	int got;

	put_endpoint(msg, 1);
	len = nlmsg_hdr(msg)->nlmsg_len;
	memcpy(bytes, nlmsg_hdr(msg), len);
	nlmsg_free(msg);
	for (i = 0; i < len * 8; i++) {
		s->n = s->at = 0;
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		push_bytes(s, bytes, len, 0);
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		push_bytes(s, bytes, 1 + i / 8, 0);
		while ((got = netlink_events_read(s->ev, &ev, NULL)) || s->at < s->n) {
			assert_in_range(got + EPROTO, 0, EPROTO + 1);
			if (got == 1)
				kevent_clear(&ev);
		}
	}
}

/* --- losses --- */

/* What was in the socket when some were lost is older than what is read anew. */
static void test_lost(void **state)
{
	struct source *s = *state;

	push_del(s, "read");
	push_error(s, ENOBUFS);
	push_del(s, "old");
	push_del(s, "older");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "read");
	assert_refused(s, ENOBUFS, "lost");
	assert_none(s);
	push_del(s, "new");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "new");
	/* once more while the socket is emptied: it is told once */
	push_error(s, ENOBUFS);
	push_del(s, "old");
	push_error(s, ENOBUFS);
	push_del(s, "older");
	assert_refused(s, ENOBUFS, "lost");
	assert_none(s);
}

/* The rest of an event whose beginning was before the loss. */
static void test_lost_in_event(void **state)
{
	struct source *s = *state;

	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, "web", 1, true);
	assert_event(s, SVCNAT_CMD_SERVICE_SET, "web");
	push_error(s, ENOBUFS);
	assert_refused(s, ENOBUFS, "lost");
	push_part(s, SVCNAT_CMD_SERVICE_SET, 7, NULL, 9, false);
	push_del(s, "dns");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "dns");
}

static void test_errors(void **state)
{
	struct source *s = *state;
	int i;

	push_error(s, EIO);
	push_del(s, "web");
	assert_refused(s, EIO, "cannot read the events");
	assert_event(s, SVCNAT_CMD_SERVICE_DEL, "web");
	/* Memory that does not come back must not keep the caller for ever. */
	for (i = 0; i < 40; i++)
		push_error(s, ENOBUFS);
	for (i = 0; s->at < s->n; i++)
		assert_refused(s, ENOBUFS, "lost");
	assert_true(i > 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_service_set), T(test_others),
		T(test_parts), T(test_no_beginning), T(test_parts_do_not_fit),
		T(test_skipped), T(test_malformed), T(test_datagram), T(test_spoilt),
		T(test_lost), T(test_lost_in_event), T(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
