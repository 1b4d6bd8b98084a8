/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readers are who has a lock for reading; a grace period is to have it for writing. What
 * is freed after one waits until a test says that it is over.
 */
#ifndef KSHIM_RCUPDATE_H
#define KSHIM_RCUPDATE_H

#include <pthread.h>
#include <stdlib.h>

#include <linux/types.h>

#define rcu_dereference(p)		__atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#define rcu_dereference_protected(p, c)	((void)(c), READ_ONCE(p))
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

static pthread_rwlock_t kshim_rcu __attribute__((unused)) =
	PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static void **kshim_retired __attribute__((unused));
static unsigned int kshim_nretired __attribute__((unused));

static inline void rcu_read_lock(void)
{
	pthread_rwlock_rdlock(&kshim_rcu);
}

static inline void rcu_read_unlock(void)
{
	pthread_rwlock_unlock(&kshim_rcu);
}

/* One thread at a time. */
static inline void kshim_retire(void *p)
{
	void **more = realloc(kshim_retired, (kshim_nretired + 1) * sizeof(*more));

	if (!more)
		abort();
	kshim_retired = more;
	kshim_retired[kshim_nretired++] = p;
}

static inline void kshim_grace_period(void)
{
	pthread_rwlock_wrlock(&kshim_rcu);
	pthread_rwlock_unlock(&kshim_rcu);
	while (kshim_nretired)
		free(kshim_retired[--kshim_nretired]);
	free(kshim_retired);
	kshim_retired = NULL;
}

#define kvfree_rcu(p, member)	kshim_retire(p)

#endif
