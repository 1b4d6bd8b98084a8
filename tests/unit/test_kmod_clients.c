// SPDX-License-Identifier: GPL-2.0
/*
 * The table of affinity's clients: who is there is found, also while buckets move; of two
 * that put the same client in, one is first; a walk that is left and taken up again misses
 * nobody. The very file of the module, compiled for this process.
 */
#include <linux/types.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients.c"

#define FIRST_SIZE	(1u << SVCNAT_CLIENTS_LEAST)
#define GROWN_SIZE	(1u << SVCNAT_CLIENTS_GROWN)
#define NO_LIMIT	1000000000

/* Odd ones are of IPv6. */
static union nf_inet_addr addr_of(u32 i)
{
	union nf_inet_addr addr = { .all = { htonl(0x0a000000 + i) } };

	if (i & 1) {
		addr.ip6[0] = htonl(0xfd000000);
		addr.ip6[3] = htonl(i);
	}
	return addr;
}

static u32 service_of(u32 i)
{
	return 1 + i % 3;
}

static void start(struct svcnat_clients *cs)
{
	assert_int_equal(svcnat_clients_init(cs), 0);
}

static u32 freed;

static void free_client(struct svcnat_client *c)
{
	free(c);
	freed++;
}

/* How many there were. */
static u32 stop(struct svcnat_clients *cs)
{
	freed = 0;
	svcnat_clients_exit(cs, free_client);
	kshim_grace_period();
	return freed;
}

static u32 size_of(struct svcnat_clients *cs)
{
	return cs->table->size;
}

static struct svcnat_client *look(struct svcnat_clients *cs, u32 i,
				  struct svcnat_clients_place *place)
{
	union nf_inet_addr addr = addr_of(i);

	return svcnat_clients_find(cs, service_of(i), &addr, place);
}

static struct svcnat_client *find(struct svcnat_clients *cs, u32 i)
{
	struct svcnat_clients_place place;

	return look(cs, i, &place);
}

static struct svcnat_client *client(struct svcnat_clients *cs, u32 i)
{
	struct svcnat_client *c = malloc(sizeof(*c));
	union nf_inet_addr addr = addr_of(i);

	assert_non_null(c);
	svcnat_client_set(c, service_of(i), &addr, svcnat_clients_hash(cs, service_of(i), &addr));
	return c;
}

/* As a packet does; -EAGAIN also if nobody can say at the moment where it would be. */
static int add(struct svcnat_clients *cs, const struct svcnat_clients_place *place,
	       struct svcnat_client *c)
{
	int err = -EAGAIN;

	assert_true(svcnat_clients_reserve(cs, NO_LIMIT));
	if (place->bucket)
		err = svcnat_clients_add(place, c);
	if (err)
		svcnat_clients_unreserve(cs);
	return err;
}

static struct svcnat_client *put(struct svcnat_clients *cs, u32 i)
{
	struct svcnat_client *c = client(cs, i);
	struct svcnat_clients_place place;

	assert_null(look(cs, i, &place));
	assert_int_equal(add(cs, &place, c), 0);
	return c;
}

/* first and on, in a table that is resized when it wants to. */
static void fill(struct svcnat_clients *cs, u32 first, u32 n)
{
	u32 i;

	for (i = first; i < first + n; i++) {
		put(cs, i);
		if (svcnat_clients_crowded(cs))
			svcnat_clients_resize(cs);
		kshim_grace_period();
	}
}

static u32 found(struct svcnat_clients *cs, u32 first, u32 n)
{
	u32 i, sum = 0;

	for (i = first; i < first + n; i++)
		sum += !!find(cs, i);
	return sum;
}

static void drop(struct svcnat_clients *cs, u32 i)
{
	struct svcnat_client *c = find(cs, i);

	assert_non_null(c);
	assert_true(svcnat_clients_remove(cs, c));
	kshim_retire(c);
}

/* The next one after i that is in the bucket of that hash. */
static u32 neighbour(struct svcnat_clients *cs, u32 i, u32 hash)
{
	union nf_inet_addr addr;

	do
		addr = addr_of(++i);
	while (svcnat_clients_hash(cs, service_of(i), &addr) >> cs->table->shift !=
	       hash >> cs->table->shift);
	return i;
}

static void test_found(void **state)
{
	struct svcnat_clients_place place;
	struct svcnat_clients cs;
	union nf_inet_addr addr = addr_of(7);
	struct svcnat_client *c;

	start(&cs);
	assert_null(find(&cs, 7));
	c = put(&cs, 7);
	assert_ptr_equal(find(&cs, 7), c);
	assert_null(svcnat_clients_find(&cs, service_of(7) + 1, &addr, &place));
	addr.ip6[2] ^= 1;
	assert_null(svcnat_clients_find(&cs, service_of(7), &addr, &place));
	assert_int_equal(atomic_read(&cs.n), 1);
	assert_int_equal(stop(&cs), 1);
	(void)state;
}

/* Two packets look, and then both add. */
static void test_race(void **state)
{
	struct svcnat_clients_place first, second, other;
	struct svcnat_client *a, *b, *c;
	struct svcnat_clients cs;
	u32 next;

	start(&cs);
	a = client(&cs, 1);
	b = client(&cs, 1);
	next = neighbour(&cs, 1, a->hash);
	c = client(&cs, next);
	assert_null(look(&cs, 1, &first));
	assert_null(look(&cs, 1, &second));
	assert_null(look(&cs, next, &other));
	assert_int_equal(add(&cs, &first, a), 0);
	assert_int_equal(add(&cs, &second, b), -EAGAIN);
	assert_ptr_equal(look(&cs, 1, &second), a);
	assert_int_equal(svcnat_clients_insert(&cs, b), -EAGAIN);

	/* Of another client in that bucket: it has to look again, and may. */
	assert_int_equal(add(&cs, &other, c), -EAGAIN);
	assert_null(look(&cs, next, &other));
	assert_int_equal(add(&cs, &other, c), 0);
	assert_ptr_equal(find(&cs, next), c);
	assert_ptr_equal(find(&cs, 1), a);

	free(b);
	assert_int_equal(stop(&cs), 2);
	(void)state;
}

/* What was removed meanwhile does not keep anybody out, and comes not twice. */
static void test_came_and_went(void **state)
{
	struct svcnat_clients_place place;
	struct svcnat_clients cs;
	struct svcnat_client *c;

	start(&cs);
	c = client(&cs, 1);
	assert_null(look(&cs, 1, &place));
	put(&cs, 1);
	drop(&cs, 1);
	assert_int_equal(add(&cs, &place, c), 0);
	assert_ptr_equal(find(&cs, 1), c);
	assert_int_equal(stop(&cs), 1);
	(void)state;
}

/* The last, a middle and the first one of a chain. */
static void test_chain(void **state)
{
	struct svcnat_client *c[5], *new;
	struct svcnat_clients cs;
	u32 name[5] = { 1 }, i, k;

	for (k = 0; k < 5; k++) {
		start(&cs);
		for (i = 0; i < 5; i++) {
			if (i)
				name[i] = neighbour(&cs, name[i - 1], c[0]->hash);
			c[i] = put(&cs, name[i]);
		}
		new = client(&cs, name[k]);
		assert_int_equal(svcnat_clients_replace(&cs, c[k], new), 0);
		assert_int_equal(svcnat_clients_replace(&cs, c[k], new), -EAGAIN);
		assert_false(svcnat_clients_remove(&cs, c[k]));
		free(c[k]);
		for (i = 0; i < 5; i++)
			assert_ptr_equal(find(&cs, name[i]), i == k ? new : c[i]);
		assert_int_equal(atomic_read(&cs.n), 5);

		assert_true(svcnat_clients_remove(&cs, new));
		assert_false(svcnat_clients_remove(&cs, new));
		free(new);
		for (i = 0; i < 5; i++)
			assert_ptr_equal(find(&cs, name[i]), i == k ? NULL : c[i]);
		assert_int_equal(atomic_read(&cs.n), 4);
		assert_int_equal(stop(&cs), 4);
	}
	(void)state;
}

static void test_bound(void **state)
{
	struct svcnat_clients cs;
	u32 i;

	start(&cs);
	assert_true(svcnat_clients_reserve(&cs, 2));
	assert_true(svcnat_clients_reserve(&cs, 2));
	assert_false(svcnat_clients_reserve(&cs, 2));
	assert_false(svcnat_clients_reserve(&cs, 2));
	svcnat_clients_unreserve(&cs);
	assert_true(svcnat_clients_reserve(&cs, 2));

	/* And as long as no worker comes. */
	for (i = 2; i < FIRST_SIZE * SVCNAT_CLIENTS_CROWD; i++)
		assert_true(svcnat_clients_reserve(&cs, NO_LIMIT));
	assert_false(svcnat_clients_reserve(&cs, NO_LIMIT));
	svcnat_clients_resize(&cs);
	assert_true(svcnat_clients_reserve(&cs, NO_LIMIT));
	stop(&cs);
	(void)state;
}

static void test_grows_and_shrinks(void **state)
{
	struct svcnat_clients cs;
	u32 i, n = 20000;

	start(&cs);
	fill(&cs, 0, FIRST_SIZE);
	assert_int_equal(size_of(&cs), FIRST_SIZE);
	fill(&cs, FIRST_SIZE, 1);
	assert_int_equal(size_of(&cs), GROWN_SIZE);
	fill(&cs, FIRST_SIZE + 1, n - FIRST_SIZE - 1);
	assert_in_range(size_of(&cs), n, 4 * n);
	assert_int_equal(found(&cs, 0, n), n);
	assert_int_equal(found(&cs, n, n), 0);

	for (i = 10; i < n; i++)
		drop(&cs, i);
	svcnat_clients_resize(&cs);
	assert_int_equal(size_of(&cs), FIRST_SIZE);
	assert_int_equal(found(&cs, 0, 10), 10);
	assert_int_equal(found(&cs, 10, n), 0);
	assert_int_equal(stop(&cs), 10);
	(void)state;
}

/* ---- while buckets move */

static struct svcnat_clients *moving;
static u32 pauses, settled, fresh;

/* In each pause: all are there; some come, some go, some are replaced. */
static void meanwhile(void)
{
	struct svcnat_clients_place place;
	struct svcnat_client *c, *old;

	pauses++;
	assert_int_equal(found(moving, 0, settled), settled);
	assert_int_equal(found(moving, 100000, fresh), fresh);
	c = client(moving, 100000 + fresh++);
	if (look(moving, 100000 + fresh - 1, &place) || add(moving, &place, c)) {
		assert_null(place.bucket);
		assert_true(svcnat_clients_reserve(moving, NO_LIMIT));
		assert_int_equal(svcnat_clients_insert(moving, c), 0);
	}
	assert_int_equal(svcnat_clients_insert(moving, c), -EAGAIN);

	old = find(moving, pauses % settled);
	c = client(moving, pauses % settled);
	assert_int_equal(svcnat_clients_replace(moving, old, c), 0);
	kshim_retire(old);
	drop(moving, --settled);
}

static void resize_to(struct svcnat_clients *cs, u32 order)
{
	struct svcnat_clients_table *to = svcnat_clients_table_alloc(order);

	assert_non_null(to);
	mutex_lock(&cs->lock);
	svcnat_clients_move(cs, svcnat_clients_present(cs), to);
	mutex_unlock(&cs->lock);
}

static void move(struct svcnat_clients *cs, u32 order)
{
	moving = cs;
	pauses = 0;
	kshim_resched = meanwhile;
	resize_to(cs, order);
	kshim_resched = NULL;
	assert_in_range(pauses, 32, settled);
	assert_int_equal(found(cs, 0, settled), settled);
	assert_int_equal(found(cs, 100000, fresh), fresh);
}

static void test_moving(void **state)
{
	struct svcnat_client *reader, *c;
	struct svcnat_clients_place late;
	struct svcnat_clients cs;
	u32 steps = 0;

	start(&cs);
	settled = 3000;
	fresh = 0;
	fill(&cs, 0, settled);

	/* One that has looked already, and one that is in the middle of a chain. */
	assert_null(look(&cs, neighbour(&cs, 300000, find(&cs, 5)->hash), &late));
	reader = svcnat_clients_first(*late.bucket);
	move(&cs, 13);
	c = client(&cs, 300000);
	assert_int_equal(add(&cs, &late, c), -EAGAIN);
	free(c);
	for (; reader; reader = reader->next)
		assert_in_range(++steps, 1, 1000);
	kshim_grace_period();

	move(&cs, 7);
	assert_int_equal(stop(&cs), settled + fresh);
	(void)state;
}

/* Who still has the table that was moved from looks, adds and removes in the new one. */
static void test_behind(void **state)
{
	struct svcnat_clients_table *old, *present;
	struct svcnat_clients_place place;
	struct svcnat_clients cs;
	struct svcnat_client *c;
	u32 i;

	start(&cs);
	old = cs.table;
	for (i = 0; i <= FIRST_SIZE; i++)
		put(&cs, i);
	svcnat_clients_resize(&cs);
	present = cs.table;
	assert_ptr_not_equal(present, old);

	cs.table = old;
	assert_int_equal(found(&cs, 0, FIRST_SIZE + 1), FIRST_SIZE + 1);
	assert_null(look(&cs, 1000, &place));
	assert_null(place.bucket);
	c = client(&cs, 1000);
	assert_true(svcnat_clients_reserve(&cs, NO_LIMIT));
	assert_int_equal(svcnat_clients_insert(&cs, c), 0);
	assert_ptr_equal(find(&cs, 1000), c);
	drop(&cs, 0);
	cs.table = present;
	assert_null(find(&cs, 0));
	assert_ptr_equal(find(&cs, 1000), c);
	assert_int_equal(stop(&cs), FIRST_SIZE + 1);
	(void)state;
}

static void test_no_memory(void **state)
{
	struct svcnat_clients cs;
	u32 n = FIRST_SIZE + 1;

	kshim_fail = 1;
	assert_int_equal(svcnat_clients_init(&cs), -ENOMEM);
	start(&cs);
	for (u32 i = 0; i < n; i++)
		put(&cs, i);
	kshim_fail = 1;
	svcnat_clients_resize(&cs);
	assert_int_equal(kshim_fail, 0);
	assert_int_equal(size_of(&cs), FIRST_SIZE);
	assert_int_equal(found(&cs, 0, n), n);

	/* It is not for each packet to ask again. */
	assert_false(svcnat_clients_crowded(&cs));
	while (!svcnat_clients_crowded(&cs))
		put(&cs, n++);
	assert_int_equal(n, 2 * (FIRST_SIZE + 1) + 1);
	svcnat_clients_resize(&cs);
	assert_int_equal(size_of(&cs), GROWN_SIZE);
	assert_int_equal(found(&cs, 0, n), n);
	stop(&cs);
	(void)state;
}

/* ---- walks */

static u32 seen[4096];

static void see(struct svcnat_client *c, void *arg)
{
	struct svcnat_clients *cs = arg;
	u32 i = ntohl(c->addr.ip6[3]);

	if (!(c->addr.all[3]))
		i = ntohl(c->addr.ip) - 0x0a000000;
	assert_in_range(i, 0, ARRAY_SIZE(seen) - 1);
	seen[i]++;
	if (cs && i % 4 < 2) {
		assert_true(svcnat_clients_remove(cs, c));
		kshim_retire(c);
	}
}

static void test_walk(void **state)
{
	struct svcnat_clients cs;
	u32 i;

	start(&cs);
	memset(seen, 0, sizeof(seen));
	svcnat_clients_walk(&cs, see, NULL);
	fill(&cs, 0, 3000);
	svcnat_clients_walk(&cs, see, NULL);
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		assert_int_equal(seen[i], i < 3000);
	svcnat_clients_walk(&cs, see, NULL);
	for (i = 0; i < 3000; i++)
		assert_int_equal(seen[i], 2);
	assert_int_equal(stop(&cs), 3000);
	(void)state;
}

/* Who comes before it is removed stays readable for the walk: nothing is freed until then. */
static void test_walk_removes(void **state)
{
	struct svcnat_clients cs;
	u32 i;

	start(&cs);
	fill(&cs, 0, 50);
	memset(seen, 0, sizeof(seen));
	svcnat_clients_walk(&cs, see, &cs);
	for (i = 0; i < 50; i++) {
		assert_int_equal(seen[i], 1);
		assert_int_equal(!!find(&cs, i), i % 4 >= 2);
	}
	kshim_grace_period();
	assert_int_equal(stop(&cs), 24);
	(void)state;
}

/* Up to n more. false: that was the last one. */
static bool step(struct svcnat_clients *cs, struct svcnat_clients_cursor *cursor, u32 n)
{
	struct svcnat_client *c = NULL;

	mutex_lock(&cs->lock);
	rcu_read_lock();
	while (n-- && (c = svcnat_clients_after(cs, cursor))) {
		svcnat_clients_visited(cursor, c);
		see(c, NULL);
	}
	rcu_read_unlock();
	mutex_unlock(&cs->lock);
	return c;
}

/* It is left and taken up again, while others come and go, and the table grows and shrinks. */
static void test_cursor(void **state)
{
	struct svcnat_clients_cursor cursor = { 0 };
	struct svcnat_client *old, *c;
	struct svcnat_clients cs;
	u32 i, sizes = 0, had, round = 0;

	start(&cs);
	memset(seen, 0, sizeof(seen));
	fill(&cs, 0, 1000);		/* they stay */
	had = size_of(&cs);
	while (step(&cs, &cursor, 7)) {
		if (round % 50 == 10)
			fill(&cs, 1000, 3000);
		if (round % 50 == 35)
			for (i = 1000; i < 4000; i++)
				drop(&cs, i);
		if (round % 50 == 40 || round % 50 == 45) {
			resize_to(&cs, round % 50 == 40 ? 7 : 13);
			kshim_grace_period();
		}
		old = find(&cs, round % 1000);
		c = client(&cs, round % 1000);
		assert_int_equal(svcnat_clients_replace(&cs, old, c), 0);
		free(old);
		sizes += size_of(&cs) != had;
		had = size_of(&cs);
		round++;
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(seen[i], 1);
	for (i = 1000; i < 4000; i++)
		assert_in_range(seen[i], 0, round / 50 + 1);
	assert_in_range(sizes, 4, UINT32_MAX);
	assert_false(step(&cs, &cursor, 1));
	stop(&cs);
	(void)state;
}

/* All of one hash, by their services and addresses. */
static void test_cursor_ties(void **state)
{
	struct svcnat_clients_cursor cursor = { 0 };
	struct svcnat_clients cs;
	u32 i;

	start(&cs);
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < 20; i++) {
		struct svcnat_client *c = client(&cs, i);

		c->hash = 0xffffffff;
		assert_int_equal(svcnat_clients_insert(&cs, c), 0);
	}
	while (step(&cs, &cursor, 1))
		;
	for (i = 0; i < 20; i++)
		assert_int_equal(seen[i], 1);
	stop(&cs);
	(void)state;
}

/* ---- at the same time */

#define RACERS		3
#define RACED		3000

static struct svcnat_clients raced;
static struct svcnat_client *winner[RACERS][RACED];
static bool over;

/* As affinity does: who is first has it, and the others take that. */
static struct svcnat_client *settle(u32 i)
{
	struct svcnat_client *c = client(&raced, i), *there;
	struct svcnat_clients_place place;

	there = look(&raced, i, &place);
	if (!there && !add(&raced, &place, c))
		return c;
	while (!there) {
		assert_true(svcnat_clients_reserve(&raced, NO_LIMIT));
		if (!svcnat_clients_insert(&raced, c))
			return c;
		svcnat_clients_unreserve(&raced);
		there = find(&raced, i);
	}
	free(c);
	return there;
}

static void *racer(void *arg)
{
	struct svcnat_client **mine = arg;
	u32 i;

	for (i = 0; i < RACED; i++) {
		rcu_read_lock();
		mine[i] = settle(i);
		/* Each one before it is where it was. */
		assert_ptr_equal(find(&raced, i / 2), mine[i / 2]);
		rcu_read_unlock();
	}
	return NULL;
}

/* Larger and smaller, as fast as it can. */
static void *resizer(void *arg)
{
	u32 *times = arg;

	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		++*times;
		resize_to(&raced, *times % 3 ? 6 + *times % 5 : 11);
		kshim_grace_period();
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t thread[RACERS + 1];
	u32 i, k, times = 0;

	start(&raced);
	over = false;
	assert_int_equal(pthread_create(&thread[RACERS], NULL, resizer, &times), 0);
	for (k = 0; k < RACERS; k++)
		assert_int_equal(pthread_create(&thread[k], NULL, racer, winner[k]), 0);
	for (k = 0; k < RACERS; k++)
		pthread_join(thread[k], NULL);
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	pthread_join(thread[RACERS], NULL);

	assert_in_range(times, 3, UINT32_MAX);
	assert_int_equal(atomic_read(&raced.n), RACED);
	for (i = 0; i < RACED; i++) {
		for (k = 0; k < RACERS; k++)
			assert_ptr_equal(winner[k][i], winner[0][i]);
		assert_ptr_equal(find(&raced, i), winner[0][i]);
	}
	assert_int_equal(stop(&raced), RACED);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_came_and_went),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_grows_and_shrinks),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_walk_removes),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_cursor_ties),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
