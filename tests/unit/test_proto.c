// SPDX-License-Identifier: GPL-2.0
/* Objects in Kubernetes' protobuf, good, damaged and hostile. */
#include "err.h"
#include "http_fixture.h"
#include "jx.h"
#include "proto.h"
#include "proto_object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICES	"/api/v1/namespaces/default/services"
#define PROTOBUF	"Content-Type: application/vnd.kubernetes.protobuf\r\n"

/* A message while it is written, in others. */
struct message {
	FILE *f;
	char *data;
	size_t len;
};

static void begin(struct message *m)
{
	m->f = open_memstream(&m->data, &m->len);
	assert_non_null(m->f);
}

static void put_message(FILE *f, unsigned int number, struct message *m)
{
	assert_int_equal(fclose(m->f), 0);
	proto_put_bytes(f, number, m->data, m->len);
	free(m->data);
}

static void put_pair(FILE *f, unsigned int number, const char *key, const char *value)
{
	struct message m;

	begin(&m);
	proto_put_string(m.f, 1, key);
	proto_put_string(m.f, 2, value);
	put_message(f, number, &m);
}

static void put_meta(FILE *f)
{
	struct message meta, created;

	begin(&meta);
	proto_put_string(meta.f, 1, "web");
	proto_put_string(meta.f, 3, "");
	begin(&created);
	put_message(meta.f, 8, &created);
	put_pair(meta.f, 11, "tier", "front");
	put_pair(meta.f, 11, "empty", "");
	put_message(f, 1, &meta);
}

static void put_port(FILE *f, unsigned int port, const char *target)
{
	struct message p, t;

	begin(&p);
	proto_put_string(p.f, 1, target ? "named" : "numbered");
	proto_put_string(p.f, 2, "TCP");
	proto_put_int(p.f, 3, port);
	begin(&t);
	proto_put_int(t.f, 1, !!target);
	proto_put_int(t.f, 2, target ? 0 : 8080);
	proto_put_string(t.f, 3, target ? target : "");
	put_message(p.f, 4, &t);
	proto_put_int(p.f, 5, 0);
	put_message(f, 1, &p);
}

/* What kubectl sends, more or less. */
static void make_service(struct message *whole)
{
	struct message type, object, spec;

	begin(whole);
	fwrite("k8s", 1, 4, whole->f);
	begin(&type);
	proto_put_string(type.f, 1, "v1");
	proto_put_string(type.f, 2, "Service");
	put_message(whole->f, 1, &type);
	begin(&object);
	put_meta(object.f);
	begin(&spec);
	put_port(spec.f, 80, NULL);
	put_port(spec.f, 443, "https");
	put_pair(spec.f, 2, "app", "web");
	proto_put_string(spec.f, 4, "ClusterIP");
	proto_put_int(spec.f, 13, 1);
	put_message(object.f, 2, &spec);
	proto_put_bytes(object.f, 3, "\x0a\x00", 2);
	put_message(whole->f, 2, &object);
	proto_put_string(whole->f, 3, "");
	proto_put_string(whole->f, 4, "");
	assert_int_equal(fclose(whole->f), 0);
}

static void test_service(void **state)
{
	static const char want[] =
		"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\","
		"\"namespace\":\"\",\"creationTimestamp\":null,\"labels\":{\"tier\":\"front\","
		"\"empty\":\"\"}},\"spec\":{\"ports\":[{\"name\":\"numbered\",\"protocol\":\"TCP\","
		"\"port\":80,\"targetPort\":8080,\"nodePort\":0},{\"name\":\"named\",\"protocol\":"
		"\"TCP\",\"port\":443,\"targetPort\":\"https\",\"nodePort\":0}],\"selector\":{"
		"\"app\":\"web\"},\"type\":\"ClusterIP\",\"publishNotReadyAddresses\":true}}";
	struct message m;
	struct err e = { "" };
	json_t *o = NULL;
	char *text;

	(void)state;
	make_service(&m);
	assert_int_equal(proto_object_read("Service", m.data, m.len, &o, &e), 0);
	text = json_dumps(o, JSON_COMPACT);
	assert_string_equal(text, want);
	free(text);
	json_decref(o);
	assert_int_equal(proto_object_read("Pod", m.data, m.len, &o, &e), -EOPNOTSUPP);
	assert_string_equal(e.text, "Pod is not taken as protobuf: send JSON");
	free(m.data);
}

/* Cut anywhere, or with any byte changed, it is read or refused: nothing else. */
static void test_damaged(void **state)
{
	struct message m;
	struct err e = { "" };
	size_t i, cut = 0;

	(void)state;
	make_service(&m);
	for (i = 0; i < m.len; i++) {
		/* Memory of just that size, so that a byte too many is noticed. */
		char *copy = malloc(i + 1);
		json_t *o = NULL;

		memcpy(copy, m.data, i);
		cut += proto_object_read("Service", copy, i, &o, &e) == -EINVAL;
		json_decref(o);
		free(copy);
	}
	assert_true(cut > m.len * 9 / 10);
	for (i = 0; i < 8 * m.len; i++) {
		json_t *o = NULL;

		m.data[i / 8] ^= (char)(1 << i % 8);
		proto_object_read("Service", m.data, m.len, &o, &e);
		json_decref(o);
		m.data[i / 8] ^= (char)(1 << i % 8);
	}
	free(m.data);
}

#define BYTES(s)	s, sizeof(s) - 1

static const struct {
	const char *name, *data;
	size_t len;
	const char *says;
} hostile[] = {
	{ "nothing", BYTES(""), "not Kubernetes' protobuf" },
	{ "JSON", BYTES("{\"kind\":\"Service\"}"), "not Kubernetes' protobuf" },
	{ "an envelope without a message", BYTES("k8s\0"), "envelope is empty" },
	{ "a length that is all there is",
	  BYTES("k8s\0\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	  "cut off or damaged" },
	{ "a number without an end", BYTES("k8s\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"),
	  "cut off or damaged" },
	{ "a group", BYTES("k8s\0\x13"), "cut off or damaged" },
	{ "a number where a message is", BYTES("k8s\0\x10\x01"), "cut off or damaged" },
	{ "a name that is no text", BYTES("k8s\0\x12\x05\x0a\x03\x0a\x01\xff"), "not UTF-8" },
	/* Never a \u0000 in the database: it would not be read back. */
	{ "a name with a NUL", BYTES("k8s\0\x12\x07\x0a\x05\x0a\x03" "a\0b"), "has a NUL in it" },
	{ "a label that is a NUL", BYTES("k8s\0\x12\x07\x0a\x05\x5a\x03\x0a\x01\0"),
	  "has a NUL in it" },
	{ "a time that is in no year", BYTES("k8s\0\x12\x0e\x0a\x0c\x42\x0a\x08\xff\xff\xff\xff"
					    "\xff\xff\xff\xff\x7f"), "out of range" },
	{ "an unknown field", BYTES("k8s\0\x12\x02\x50\x01"), "a field 10 behind \"metadata\"" },
};

static void test_hostile(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		struct err e = { "" };
		json_t *o = NULL;

		if (proto_object_read("Service", hostile[i].data, hostile[i].len, &o, &e) !=
		    -EINVAL || !strstr(e.text, hostile[i].says))
			fail_msg("%s: %s", hostile[i].name, e.text);
		assert_null(o);
	}
}

static int setup(void **state)
{
	*state = http_fixture_open(NULL);
	return 0;
}

static int teardown(void **state)
{
	http_fixture_close(*state);
	return 0;
}

static void post(struct http_fixture *f, const char *path, const void *data, size_t len,
		 struct http_answer *a)
{
	struct http_peer p;

	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "POST %s HTTP/1.1\r\nHost: x\r\n" PROTOBUF "Accept: application/"
			"vnd.kubernetes.protobuf,application/json\r\nContent-Length: %zu\r\n\r\n",
			path, len);
	http_peer_send(&p, data, len);
	http_peer_answer(f, &p, a);
	http_peer_close(&p);
}

static void test_http(void **state)
{
	struct http_answer a;
	struct message m;

	make_service(&m);
	post(*state, SERVICES "?fieldValidation=Strict", m.data, m.len, &a);
	assert_int_equal(a.status, 201);
	assert_string_equal(jx_str(a.json, "metadata.labels.tier"), "front");
	assert_string_equal(jx_str(a.json, "spec.selector.app"), "web");
	http_answer_clear(&a);
	post(*state, SERVICES, m.data, m.len - 1, &a);
	assert_int_equal(a.status, 400);
	assert_non_null(strstr(a.body, "(must be of type Service): the protobuf message is cut"));
	http_answer_clear(&a);
	post(*state, "/api/v1/namespaces/default/pods", m.data, m.len, &a);
	assert_int_equal(a.status, 415);
	http_answer_clear(&a);
	post(*state, "/api/v1/namespaces", m.data, m.len, &a);
	assert_int_equal(a.status, 400);
	http_answer_clear(&a);
	free(m.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test_setup_teardown(test_http, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
