// SPDX-License-Identifier: GPL-2.0
#include "manifests_priv.h"

#include "complaint.h"
#include "jx.h"
#include "manifest_unit.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of the loop's time: then whoever waits for the API has a turn. */
#define TURN_NSEC	5000000

static bool is_over(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000LL + now.tv_nsec - start->tv_nsec >=
	       TURN_NSEC;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct manifest_file *const *)a)->name,
		      (*(struct manifest_file *const *)b)->name);
}

struct manifest_file *manifests_find(const struct manifests *m, const char *name)
{
	const struct manifest_file key = { .name = (char *)name }, *k = &key;
	struct manifest_file **f = m->nfiles ? bsearch(&k, m->files, m->nfiles, sizeof(*m->files),
						       by_name) : NULL;

	return f ? *f : NULL;
}

void manifests_drop_file(struct manifests *m, size_t i)
{
	manifest_file_free(m->files[i]);
	m->nfiles--;
	memmove(&m->files[i], &m->files[i + 1], (m->nfiles - i) * sizeof(*m->files));
}

/* --- what there is --- */

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.' && manifest_is_name(d->d_name);
}

struct folder {
	struct dirent **v;
	int n;
};

static int read_folder(struct manifests *m, struct folder *d, struct err *e)
{
	d->n = scandir(m->folder, &d->v, is_visible, NULL);
	if (d->n >= 0)
		return 0;
	if (errno != ENOENT)
		return err_set(e, errno, "the folder of manifests %s cannot be read: %m; what "
			       "came from it stays as it is", m->folder);
	return err_set(e, ENOENT, "there is no folder of manifests %s; what came from it stays "
		       "as it is, until it is there again", m->folder);
}

static void add_file(struct manifest_file **v, size_t *n, struct manifests *m, const char *name,
		     bool gone)
{
	struct manifest_file *f = manifests_find(m, name);

	if (!f)
		f = manifest_file_alloc(name);
	f->gone = gone;
	v[(*n)++] = f;
	if (!gone)
		return;
	/* If it comes back, it does as a new one. */
	manifest_file_drop(f);
	f->again = true;
}

/* The marks cannot say such a name as it is. */
static bool is_nameable(const char *name)
{
	json_t *text = json_string(name);

	json_decref(text);
	return text;
}

/* All that was known, that is there, or that has something in the registry. */
static void list_files(struct manifests *m, struct folder *d)
{
	size_t room = m->nfiles + (size_t)d->n + m->look.owned.files.n, n = 0;
	struct manifest_file **v = jx_must(calloc(room + 1, sizeof(*v)));
	struct strmap there = { .n = 0 };

	for (int i = 0; i < d->n; i++) {
		if (!is_nameable(d->v[i]->d_name))
			continue;
		add_file(v, &n, m, d->v[i]->d_name, false);
		if (strmap_add(&there, d->v[i]->d_name, d))
			jx_must(NULL);
	}
	for (size_t i = 0; i < m->look.owned.files.size; i++) {
		const char *name = m->look.owned.files.slots[i].key;

		if (name && !strmap_find(&there, name))
			add_file(v, &n, m, name, true);
	}
	/* Those that had nothing and were refused: it is to be said that they are gone. */
	for (size_t i = 0; i < m->nfiles; i++) {
		const char *name = m->files[i]->name;

		if (!strmap_find(&there, name) && !manifest_owned_by(&m->look.owned, name))
			add_file(v, &n, m, name, true);
	}
	strmap_clear(&there);
	free(m->files);
	m->files = v;
	m->nfiles = n;
	qsort(v, n, sizeof(*v), by_name);
}

static void end_look(struct manifests *m)
{
	manifest_owned_clear(&m->look.owned);
	free(m->look.pending);
	m->look = (struct look){ .unsettled = m->look.unsettled };
}

void look_abort(struct manifests *m)
{
	if (m->look.phase != LOOK_NONE)
		end_look(m);
}

void look_begin(struct manifests *m)
{
	struct folder d = { .n = 0 };
	struct err e = { "" };
	int ret;

	m->look = (struct look){ .phase = LOOK_READ };
	if (m->watch)
		folder_watch_refresh(m->watch);
	manifest_owned_collect(&m->look.owned, m->c.registry);
	ret = read_folder(m, &d, &e);
	if (ret) {
		/* Nobody has to have one. */
		if (ret == -ENOENT && !m->c.expected && !m->look.owned.files.n)
			e = (struct err){ "" };
		complaint(&m->trouble, LOG_LEVEL_WARNING, &e);
		end_look(m);
		return;
	}
	complaint(&m->trouble, LOG_LEVEL_WARNING, &e);
	list_files(m, &d);
	for (int i = 0; i < d.n; i++)
		free(d.v[i]);
	free(d.v);
}

/* --- in which order they are tried --- */

static bool is_pending(const struct manifest_file *f)
{
	return f->gone || f->set;
}

/* Is something that it gives up wanted by another? Then that one should get it first. */
static bool loses(const struct manifests *m, const struct manifest_file *f,
		  const struct strmap *wanted)
{
	const struct owned_file *owned = manifest_owned_by(&m->look.owned, f->name);

	for (size_t i = 0; owned && i < owned->n; i++)
		if (strmap_find(wanted, owned->v[i].key) &&
		    !(f->set && strmap_find(&f->set->names, owned->v[i].key)))
			return true;
	return false;
}

static void want_all(struct strmap *wanted, const struct manifest_file *f)
{
	for (size_t i = 0; f->set && i < f->set->m.n; i++)
		if (!strmap_find(wanted, f->set->keys[i]) &&
		    strmap_add(wanted, f->set->keys[i], f->set))
			jx_must(NULL);
}

/* Those that others wait for come last, and what is gone behind them. */
static void order(struct manifests *m)
{
	struct look *l = &m->look;
	struct strmap wanted = { .n = 0 };
	int *rank = jx_must(calloc(m->nfiles + 1, sizeof(*rank)));

	l->pending = jx_must(calloc(m->nfiles + 1, sizeof(*l->pending)));
	for (size_t i = 0; i < m->nfiles; i++)
		want_all(&wanted, m->files[i]);
	for (size_t i = 0; i < m->nfiles; i++)
		rank[i] = m->files[i]->gone ? 2 : loses(m, m->files[i], &wanted);
	for (int r = 0; r <= 2; r++)
		for (size_t i = 0; i < m->nfiles; i++)
			if (is_pending(m->files[i]) && rank[i] == r)
				l->pending[l->npending++] = m->files[i];
	strmap_clear(&wanted);
	free(rank);
}

/* --- the turns --- */

static void read_next(struct manifests *m)
{
	struct look *l = &m->look;
	struct manifest_file *f;

	if (l->next < m->nfiles) {
		f = m->files[l->next++];
		if (!f->gone)
			l->unsettled |= manifest_file_look(f, m->folder);
		return;
	}
	if (l->unsettled && m->moving && --m->moving) {
		end_look(m);
		return;
	}
	order(m);
	l->phase = LOOK_APPLY;
	l->next = 0;
	l->progress = false;
}

/* As long as its new text is not taken, or is no good, what it has may be what it needs. */
static bool gives(void *ctx, const char *from, const char *key)
{
	const struct manifests *m = ctx;
	const struct manifest_file *f = manifests_find(m, from);

	return !f || f->gone || (f->set && !strmap_find(&f->set->names, key));
}

/* true: it is taken. */
static bool try_one(struct manifests *m, struct manifest_file *f)
{
	const struct manifest_unit u = {
		.registry = m->c.registry,
		.file = f->name,
		.set = f->gone ? NULL : f->set,
		.owned = manifest_owned_by(&m->look.owned, f->name),
		.gives = gives,
		.ctx = m,
	};
	struct err e = { "" };
	size_t changes = 0;
	int ret;

	m->applying = true;
	ret = manifest_unit_apply(&u, &changes, &e);
	m->applying = false;
	manifest_file_judge(f, ret ? e.text : NULL);
	if (ret)
		return false;
	report_taken(m, f, changes);
	manifest_file_drop(f);
	return true;
}

static void finish(struct manifests *m)
{
	bool told = false;

	m->moving = 0;

	for (size_t i = m->nfiles; i-- > 0;) {
		struct manifest_file *f = m->files[i];

		told |= report_file(m, f);
		if (f->gone && !f->verdict)
			manifests_drop_file(m, i);
	}
	/* Nothing depends on an Event. The registry's tick tries again, and says why it fails. */
	if (told)
		registry_write_events(m->c.registry, NULL);
	end_look(m);
}

/* A round is over: those that were refused are tried once more if anything has changed. */
static void next_round(struct manifests *m)
{
	struct look *l = &m->look;
	size_t n = 0;

	for (size_t i = 0; i < l->npending; i++)
		if (l->pending[i]->verdict)
			l->pending[n++] = l->pending[i];
	l->npending = n;
	if (!n || !l->progress) {
		finish(m);
		return;
	}
	l->next = 0;
	l->progress = false;
}

static void try_next(struct manifests *m)
{
	struct look *l = &m->look;

	if (l->next == l->npending)
		next_round(m);
	else if (try_one(m, l->pending[l->next++]))
		l->progress = true;
}

bool look_go_on(struct manifests *m)
{
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (m->look.phase != LOOK_NONE) {
		if (m->look.phase == LOOK_READ)
			read_next(m);
		else
			try_next(m);
		if (is_over(&start))
			break;
	}
	return m->look.phase != LOOK_NONE;
}
