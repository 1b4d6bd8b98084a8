// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"
#include "load.h"

#include <errno.h>
#include <string.h>

static uint32_t add(uint32_t a, size_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + (uint32_t)b;
}

/* While the old services are still there, there are more than before and after. */
static void raise_limits(struct load *l, uint32_t max[KLIMIT_N], unsigned int *what)
{
	size_t brought[KLIMIT_N] = { [KLIMIT_SERVICES] = l->p->n };
	uint32_t need;
	size_t i;
	int n;

	for (i = 0; i < l->p->n; i++) {
		brought[KLIMIT_FRONTENDS] += l->p->entries[i].s.nfrontends;
		brought[KLIMIT_ENDPOINTS] += l->p->entries[i].s.nendpoints;
		brought[KLIMIT_RANGES] += l->p->entries[i].s.nranges;
	}
	for (n = 0; n < KLIMIT_N; n++) {
		need = brought[n] ? add(l->now.now[n], brought[n]) : 0;
		if (need <= (max[n] ? max[n] : l->now.max[n]))
			continue;
		max[n] = need;
		l->limits_raised = true;
		*what |= KSETTINGS_LIMITS;
	}
}

static int append(struct kcidrs *to, const struct kcidrs *from)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < from->n; i++)
		err = kcidrs_add(to, &from->v[i]);
	return err;
}

/* Where either allows them: a list that is empty allows all. */
static int set_both_externals(struct load *l, struct ksettings *s, unsigned int what,
			      struct err *e)
{
	struct kcidrs both = { 0 };
	int err;

	if (l->now.external_cidrs.n && s->external_cidrs.n &&
	    (append(&both, &l->now.external_cidrs) || append(&both, &s->external_cidrs)))
		kcidrs_clear(&both);
	s->external_cidrs = both;
	err = l->k->ops->settings_set(l->k, s, what, e);
	kcidrs_clear(&both);
	l->external_waits = !err;
	return err;
}

/* Those that somebody has set to something since the module came. Limits nobody has. */
static unsigned int already_set(const struct ksettings *now)
{
	const struct setting *setting;
	unsigned int set = 0;

	for (setting = settings_list; setting->name; setting++) {
		if (setting->type == SETTING_CIDRS && setting_cidrs(setting, now)->n)
			set |= setting->what;
		/* Echo is on from the beginning, and armed is the module's own. */
		if (setting->type == SETTING_SWITCH && setting->what != KSETTINGS_ARMED &&
		    setting_switch(setting, now) != (setting->what == KSETTINGS_ECHO))
			set |= setting->what;
	}
	return set;
}

int load_settings_begin(struct load *l, struct err *e)
{
	const struct setting_changes *c = &l->p->settings;
	unsigned int what = l->only_add ? c->what & ~already_set(&l->now) : c->what;
	struct ksettings s = c->s;	/* its lists stay c's */
	int err;

	/* The loads disarm; to do it before them would let first packets slip by. */
	if (!s.armed)
		what &= ~KSETTINGS_ARMED;
	raise_limits(l, s.max, &what);
	if (!what)
		return 0;
	err = l->k->ops->settings_set(l->k, &s, what, e);
	/* A service that is still there has an external address that the list has not. */
	if (err == -EBUSY && (what & KSETTINGS_EXTERNAL_CIDRS))
		err = set_both_externals(l, &s, what, e);
	if (err)
		err_prefix(e, "%s: cannot change the settings", l->p->file);
	return err;
}

static void set(struct load *l, unsigned int what, const char *problem)
{
	struct ksettings s = l->p->settings.s;
	struct err e;
	int err, n;

	for (n = 0; n < KLIMIT_N; n++)
		if (!s.max[n])
			s.max[n] = l->now.max[n];
	err = l->k->ops->settings_set(l->k, &s, what, &e);
	if (!err)
		return;
	err_prefix(&e, "%s", problem);
	load_refused(l, 0, err, &e);
}

void load_settings_end(struct load *l)
{
	const unsigned int what = l->p->settings.what;

	if (l->limits_raised)
		set(l, KSETTINGS_LIMITS, "cannot lower the limits after the load");
	if (l->external_waits)
		set(l, KSETTINGS_EXTERNAL_CIDRS, "cannot set external-cidrs after the load");
	/* The end of a load has disarmed; a load that was refused has not ended. */
	if ((what & KSETTINGS_ARMED) && !l->refused)
		set(l, KSETTINGS_ARMED, "cannot set armed after the load");
}
