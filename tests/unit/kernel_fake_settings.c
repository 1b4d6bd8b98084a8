// SPDX-License-Identifier: GPL-2.0
#include "kernel_fake_priv.h"

static struct kcidrs copy_cidrs(const struct kcidrs *l)
{
	struct kcidrs copy = { 0 };
	size_t i;

	for (i = 0; i < l->n; i++)
		kcidrs_add(&copy, &l->v[i]);
	return copy;
}

struct ksettings kernel_fake_copy_settings(const struct ksettings *s)
{
	struct ksettings copy = *s;

	copy.pod_cidrs = copy_cidrs(&s->pod_cidrs);
	copy.service_cidrs = copy_cidrs(&s->service_cidrs);
	copy.nodeport_cidrs = copy_cidrs(&s->nodeport_cidrs);
	copy.external_cidrs = copy_cidrs(&s->external_cidrs);
	return copy;
}

static void set_cidrs(struct kcidrs *mine, const struct kcidrs *l)
{
	kcidrs_clear(mine);
	*mine = copy_cidrs(l);
}

static void set_lists(struct ksettings *mine, const struct ksettings *s, unsigned int what)
{
	if (what & KSETTINGS_POD_CIDRS)
		set_cidrs(&mine->pod_cidrs, &s->pod_cidrs);
	if (what & KSETTINGS_SERVICE_CIDRS)
		set_cidrs(&mine->service_cidrs, &s->service_cidrs);
	if (what & KSETTINGS_NODEPORT_CIDRS)
		set_cidrs(&mine->nodeport_cidrs, &s->nodeport_cidrs);
	if (what & KSETTINGS_EXTERNAL_CIDRS)
		set_cidrs(&mine->external_cidrs, &s->external_cidrs);
}

static void set_values(struct ksettings *mine, const struct ksettings *s, unsigned int what)
{
	int i;

	if (what & KSETTINGS_LOOPBACK_NODEPORTS)
		mine->loopback_nodeports = s->loopback_nodeports;
	if (what & KSETTINGS_MASQUERADE_ALL)
		mine->masquerade_all = s->masquerade_all;
	if (what & KSETTINGS_ECHO)
		mine->echo = s->echo;
	if (what & KSETTINGS_ARMED)
		mine->armed = s->armed;
	for (i = 0; what & KSETTINGS_LIMITS && i < KLIMIT_N; i++)
		if (s->max[i])
			mine->max[i] = s->max[i];
}

int kernel_fake_settings_set(struct kernel *k, const struct ksettings *s, unsigned int what,
			     struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	int err = kernel_fake_call(k, KERNEL_FAKE_SETTINGS_SET, e);

	if (!err && what & KSETTINGS_EXTERNAL_CIDRS)
		err = kernel_fake_check_externals(f, &s->external_cidrs, e);
	if (err)
		return err;
	set_lists(&f->settings, s, what);
	set_values(&f->settings, s, what);
	f->settings.enabled = true;
	kernel_fake_note(f, "settings");
	kernel_fake_event_settings(f);
	return 0;
}

int kernel_fake_settings_get(struct kernel *k, struct ksettings *out, struct err *e)
{
	int err = kernel_fake_call(k, KERNEL_FAKE_SETTINGS_GET, e);

	if (!err)
		*out = kernel_fake_copy_settings(&kernel_fake_of(k)->settings);
	return err;
}
