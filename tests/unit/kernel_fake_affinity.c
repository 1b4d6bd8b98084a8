// SPDX-License-Identifier: GPL-2.0
#include "kernel_fake_priv.h"

#include "err.h"

#include <errno.h>
#include <string.h>

void kernel_fake_add_affinity(struct kernel *k, const struct kaffinity *a)
{
	struct kernel_fake *f = kernel_fake_of(k);

	kaffinities_add(&f->affinities, a);
	kernel_fake_count(f);
}

static bool of_service(const struct kaffinity *a, const struct kservice *s)
{
	return a->family == s->family && a->proto == s->proto && !strcmp(a->name, s->name);
}

const struct kaffinity *kernel_fake_affinity_find(const struct kernel_fake *f,
						  const struct kservice *s,
						  const struct ip_addr *client)
{
	size_t i;

	for (i = 0; i < f->affinities.n; i++)
		if (of_service(&f->affinities.v[i], s) &&
		    ip_addr_equal(&f->affinities.v[i].client, client))
			return &f->affinities.v[i];
	return NULL;
}

static void delete_at(struct kernel_fake *f, size_t i)
{
	struct kaffinities *l = &f->affinities;

	memmove(&l->v[i], &l->v[i + 1], (l->n - i - 1) * sizeof(l->v[0]));
	l->n--;
}

static bool has_endpoint(const struct kservice *s, const struct kaffinity *a)
{
	const struct kendpoint p = { .addr = a->endpoint, .port = a->port };
	size_t i;

	for (i = 0; i < s->nendpoints; i++)
		if (kernel_fake_same_endpoint(&s->endpoints[i], &p))
			return true;
	return false;
}

void kernel_fake_affinity_forget(struct kernel_fake *f, const struct kservice *old,
				 const struct kservice *now)
{
	size_t i;

	for (i = f->affinities.n; i-- > 0; )
		if (of_service(&f->affinities.v[i], old) &&
		    (!now || (has_endpoint(old, &f->affinities.v[i]) &&
			      !has_endpoint(now, &f->affinities.v[i]))))
			delete_at(f, i);
}

static int check_filter(const struct kaffinity_filter *f, struct err *e)
{
	if (!f || !f->client)
		return 0;
	if (!f->family)
		return err_set(e, EINVAL, "the family of the client's address is missing");
	if (f->client->family != f->family)
		return err_set(e, EINVAL, "the client's address has %zu bytes, the family's "
			       "have %d", ip_addr_len(f->client), f->family == AF_INET ? 4 : 16);
	return 0;
}

static bool matches(const struct kaffinity_filter *f, const struct kaffinity *a)
{
	return !f || ((!f->name || !strcmp(f->name, a->name)) &&
		      (!f->family || f->family == a->family) &&
		      (!f->proto || f->proto == a->proto) &&
		      (!f->client || ip_addr_equal(f->client, &a->client)));
}

int kernel_fake_affinity_list(struct kernel *k, const struct kaffinity_filter *filter,
			      struct kaffinities *out, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_AFFINITY_LIST, e);
	size_t i;

	if (!err)
		err = check_filter(filter, e);
	for (i = 0; !err && i < f->affinities.n; i++)
		if (matches(filter, &f->affinities.v[i]))
			err = kaffinities_add(out, &f->affinities.v[i]);
	return err;
}

int kernel_fake_affinity_flush(struct kernel *k, const struct kaffinity_filter *filter,
			       uint32_t *deleted, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_AFFINITY_FLUSH, e);
	size_t i, before = f->affinities.n;

	if (!err)
		err = check_filter(filter, e);
	if (err)
		return err;
	for (i = before; i-- > 0; )
		if (matches(filter, &f->affinities.v[i]))
			delete_at(f, i);
	*deleted = (uint32_t)(before - f->affinities.n);
	kernel_fake_count(f);
	kernel_fake_note(f, "affinity_flush");
	return 0;
}
