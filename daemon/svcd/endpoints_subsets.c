// SPDX-License-Identifier: GPL-2.0
/*
 * From a Service and its pods to subsets. As a rule all pods have the very same
 * ports, and there is one subset; a named targetPort may be another number on
 * each of them, and then it is endpoints_repack() that says what the subsets are.
 */
#include "endpoints_controller.h"

#include "jx.h"
#include "podview.h"

#include <stdlib.h>
#include <string.h>

struct member {
	json_t *address, *ports;	/* ours */
	char *key;			/* ports, printed: what groups the members */
	bool ready;
};

static int port_cmp(const void *a, const void *b)
{
	return endpoints_port_cmp(*(json_t *const *)a, *(json_t *const *)b);
}

static json_t *make_port(const json_t *port, json_int_t number)
{
	json_t *p = jx_must(json_object());

	if (*jx_str(port, "name"))
		jx_set_str(p, "name", jx_str(port, "name"));
	jx_set_int(p, "port", number);
	jx_set_str(p, "protocol", jx_str(port, "protocol"));
	if (jx_get(port, "appProtocol"))
		jx_set_str(p, "appProtocol", jx_str(port, "appProtocol"));
	return p;
}

/* The ports of svc as they are on this pod, sorted; those that it does not have are left out. */
static json_t *ports_on(const json_t *svc, const json_t *pod)
{
	const json_t *ports = jx_get(svc, "spec.ports");
	size_t n = json_array_size(ports), k = 0;
	json_t *list = jx_must(json_array()), **v = jx_must(calloc(n + 1, sizeof(*v)));

	for (size_t i = 0; i < n; i++) {
		const json_t *port = json_array_get(ports, i);
		json_int_t number = podview_target_port(pod, port);

		if (number)
			v[k++] = make_port(port, number);
	}
	qsort(v, k, sizeof(*v), port_cmp);
	for (size_t i = 0; i < k; i++)
		jx_append(list, v[i]);
	free(v);
	return list;
}

static json_t *make_address(const json_t *svc, const json_t *pod, const struct ip_addr *ip)
{
	json_t *a = jx_must(json_object());
	char text[INET6_ADDRSTRLEN];

	jx_set_str(a, "ip", ip_addr_print(ip, text));
	if (*jx_str(pod, "spec.hostname") &&
	    jx_is(pod, "spec.subdomain", jx_str(svc, "metadata.name")))
		jx_set_str(a, "hostname", jx_str(pod, "spec.hostname"));
	if (*jx_str(pod, "spec.nodeName"))
		jx_set_str(a, "nodeName", jx_str(pod, "spec.nodeName"));
	jx_set_str(a, "targetRef.kind", "Pod");
	jx_set_str(a, "targetRef.namespace", jx_str(pod, "metadata.namespace"));
	jx_set_str(a, "targetRef.name", jx_str(pod, "metadata.name"));
	jx_set_str(a, "targetRef.uid", jx_str(pod, "metadata.uid"));
	return a;
}

static int family_of(const json_t *svc)
{
	const json_t *first = json_array_get(jx_get(svc, "spec.ipFamilies"), 0);

	if (!first)
		return 0;
	return strcmp(json_string_value(first), "IPv6") ? AF_INET : AF_INET6;
}

static bool make_member(struct member *m, const json_t *svc, const json_t *pod)
{
	bool all = jx_bool(svc, "spec.publishNotReadyAddresses");
	struct ip_addr ip;

	if (podview_terminal(pod) || (!all && *jx_str(pod, "metadata.deletionTimestamp")) ||
	    !podview_ip(pod, family_of(svc), &ip))
		return false;
	m->ports = ports_on(svc, pod);
	/* A Service with ports of which the pod has none; one without any is headless. */
	if (!json_array_size(m->ports) && json_array_size(jx_get(svc, "spec.ports"))) {
		json_decref(m->ports);
		return false;
	}
	m->key = jx_print(m->ports);
	m->address = make_address(svc, pod, &ip);
	m->ready = all || podview_ready(pod);
	return true;
}

/* As Kubernetes has it: by the text of the ip, not by its number. */
static int address_cmp(const json_t *a, const json_t *b)
{
	int d = strcmp(jx_str(a, "ip"), jx_str(b, "ip"));

	return d ? d : strcmp(jx_str(a, "targetRef.uid"), jx_str(b, "targetRef.uid"));
}

static int member_cmp(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int d = strcmp(x->key, y->key);

	return d ? d : address_cmp(x->address, y->address);
}

static json_t *addresses(const struct member *m, size_t n, bool ready)
{
	json_t *list = NULL;

	for (size_t i = 0; i < n; i++) {
		if (m[i].ready != ready)
			continue;
		if (!list)
			list = jx_must(json_array());
		jx_append(list, json_incref(m[i].address));
	}
	return list;
}

/* The n members of one group. */
static json_t *make_subset(const struct member *m, size_t n)
{
	json_t *subset = jx_must(json_object()), *list;

	list = addresses(m, n, true);
	if (list)
		jx_set(subset, "addresses", list);
	list = addresses(m, n, false);
	if (list)
		jx_set(subset, "notReadyAddresses", list);
	if (json_array_size(m->ports))
		jx_set(subset, "ports", json_incref(m->ports));
	return subset;
}

static void member_clear(struct member *m)
{
	json_decref(m->address);
	json_decref(m->ports);
	free(m->key);
}

json_t *endpoints_subsets(const json_t *svc, json_t *const *pods, size_t n)
{
	struct member *m = jx_must(calloc(n + 1, sizeof(*m)));
	json_t *subsets = jx_must(json_array()), *packed;
	size_t k = 0, first = 0;

	for (size_t i = 0; i < n; i++)
		k += make_member(&m[k], svc, pods[i]);
	qsort(m, k, sizeof(*m), member_cmp);
	for (size_t i = 1; i <= k; i++) {
		if (i < k && !strcmp(m[i].key, m[first].key))
			continue;
		jx_append(subsets, make_subset(&m[first], i - first));
		first = i;
	}
	for (size_t i = 0; i < k; i++)
		member_clear(&m[i]);
	free(m);
	if (json_array_size(subsets) < 2)
		return subsets;
	packed = endpoints_repack(subsets);
	json_decref(subsets);
	return packed;
}

/* A new list of the same addresses but those of the pod; NULL: none is left. */
static json_t *without(const json_t *list, const char *uid)
{
	json_t *left = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *a = json_array_get(list, i);
		const json_t *ref = json_object_get(a, "targetRef");
		const char *of = json_string_value(json_object_get(ref, "uid"));

		if (of && !strcmp(of, uid))
			continue;
		if (!left)
			left = jx_must(json_array());
		jx_append(left, json_incref(a));
	}
	return left;
}

static json_t *subset_without(const json_t *subset, const char *uid)
{
	json_t *ready = without(json_object_get(subset, "addresses"), uid);
	json_t *others = without(json_object_get(subset, "notReadyAddresses"), uid);
	json_t *ports = json_object_get(subset, "ports"), *left;

	if (!ready && !others)
		return NULL;
	left = jx_must(json_object());
	if (ready)
		jx_set(left, "addresses", ready);
	if (others)
		jx_set(left, "notReadyAddresses", others);
	if (ports)
		jx_set(left, "ports", json_incref(ports));
	return left;
}

static void insert_address(json_t *subset, const struct member *m)
{
	const char *key = m->ready ? "addresses" : "notReadyAddresses";
	json_t *list = json_object_get(subset, key);
	size_t lo = 0, hi = json_array_size(list);

	if (!list) {
		list = jx_must(json_array());
		jx_set(subset, key, list);
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (address_cmp(json_array_get(list, mid), m->address) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (json_array_insert(list, lo, m->address))
		jx_must(NULL);
}

static bool has_ports_of(const json_t *subset, const struct member *m)
{
	const json_t *ports = json_object_get(subset, "ports");

	return ports ? json_equal(ports, m->ports) : !json_array_size(m->ports);
}

/* subset is taken over; NULL: there was none. Answers NULL if the pod makes another one. */
static json_t *with_pod(json_t *subset, const struct member *m)
{
	if (!subset)
		return make_subset(m, 1);
	if (!has_ports_of(subset, m)) {
		json_decref(subset);
		return NULL;
	}
	insert_address(subset, m);
	return subset;
}

json_t *endpoints_subsets_change(const json_t *subsets, const json_t *svc, const char *uid,
				 const json_t *pod)
{
	json_t *subset = json_array_get(subsets, 0), *changed;
	struct member m;

	if (json_array_size(subsets) > 1)
		return NULL;
	if (subset)
		subset = subset_without(subset, uid);
	if (pod && make_member(&m, svc, pod)) {
		subset = with_pod(subset, &m);
		member_clear(&m);
		if (!subset)
			return NULL;
	}
	changed = jx_must(json_array());
	if (subset)
		jx_append(changed, subset);
	return changed;
}
