/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_MUTEX_H
#define KSHIM_MUTEX_H

#include <pthread.h>
#include <stdbool.h>

struct mutex {
	pthread_mutex_t lock;
	bool held;
};

static inline void mutex_init(struct mutex *m)
{
	pthread_mutex_init(&m->lock, NULL);
	m->held = false;
}

static inline void mutex_destroy(struct mutex *m)
{
	pthread_mutex_destroy(&m->lock);
}

static inline void mutex_lock(struct mutex *m)
{
	pthread_mutex_lock(&m->lock);
	m->held = true;
}

static inline void mutex_unlock(struct mutex *m)
{
	m->held = false;
	pthread_mutex_unlock(&m->lock);
}

#define lockdep_is_held(m)	((m)->held)
#define lockdep_assert_held(m)	assert_true((m)->held)

#endif
