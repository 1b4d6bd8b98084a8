// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU: how often each piece of the guest's kernel was executed between
 * two marks that the guest sets (mark.S), and where its modules write to.
 *
 *	-plugin build/tests/profile.so,out=FILE[,stores]
 *
 * For each pair of marks, counted from 1, FILE has lines
 *
 *	WINDOW ADDRESS INSTRUCTIONS TIMES
 *
 * for the translated blocks: ADDRESS is where the block begins, in hexadecimal; and with
 * "stores" for each instruction of a module that writes
 *
 *	store WINDOW ADDRESS LINE CPU TIMES
 *
 * with the line of 64 bytes that it writes to, divided by 64, if it did so some times, and
 * if it is no stack: where something is pushed, it is one. All CPUs of the guest have to be
 * emulated in one thread, as "-icount" makes it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

/* ---- what QEMU has for plugins, interface version 1 (docs/devel/tcg-plugins.rst) */

struct qemu_plugin_tb;
struct qemu_plugin_insn;

#define PLUGIN_INTERFACE	1
#define PLUGIN_INLINE_ADD	0
#define PLUGIN_NO_REGISTERS	0
#define PLUGIN_WRITES		2

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*cb)(uint64_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *counter, uint64_t by);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int, void *), int flags,
					  void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*cb)(unsigned int, uint32_t, uint64_t, void *),
				      int flags, int rw, void *data);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
bool qemu_plugin_mem_is_store(uint32_t info);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

extern int qemu_plugin_version;
int qemu_plugin_version = PLUGIN_INTERFACE;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

/* ---- what is counted */

#define BUCKET_BITS	20
#define BUCKETS		(1u << BUCKET_BITS)
#define KERNEL		(UINT64_C(1) << 63)
/* Documentation/arch/x86/x86_64/mm.rst: "module mapping space" */
#define MODULES		UINT64_C(0xffffffffa0000000)
#define MODULES_END	UINT64_C(0xffffffffff000000)
#define LINE		64
#define PAGE		4096
#define SELDOM		16	/* each connection has lines of its own: millions */

/* A block: how many instructions; a store: the line, and which CPU. */
struct counter {
	struct counter *next;
	uint64_t address;
	uint64_t what;
	uint64_t cpu;
	uint64_t times;
};

enum { BLOCKS, STORES, STACKS, KINDS };

/* One plugin, one emulated machine. */
static struct {
	struct counter *buckets[KINDS][BUCKETS];
	FILE *out;
	unsigned int window;
	int open;
	int stores;
} profile;

static struct counter **counter_place(int kind, uint64_t address, uint64_t what, uint64_t cpu)
{
	uint64_t hash = (address ^ what << 32 ^ cpu << 20) * 0x9e3779b97f4a7c15;
	struct counter **at = &profile.buckets[kind][hash >> (64 - BUCKET_BITS)];

	while (*at && ((*at)->address != address || (*at)->what != what || (*at)->cpu != cpu))
		at = &(*at)->next;
	return at;
}

/* QEMU goes on translating a block anew; that is the same one. */
static struct counter *counter_get(int kind, uint64_t address, uint64_t what, uint64_t cpu)
{
	struct counter **at = counter_place(kind, address, what, cpu), *counter = *at;

	if (counter)
		return counter;
	counter = calloc(1, sizeof(*counter));
	if (!counter) {
		fprintf(stderr, "profile: no memory\n");
		exit(1);
	}
	counter->address = address;
	counter->what = what;
	counter->cpu = cpu;
	*at = counter;
	return counter;
}

static void each_counter(void (*what)(int kind, struct counter *counter))
{
	for (int kind = 0; kind < KINDS; kind++) {
		for (unsigned int i = 0; i < BUCKETS; i++) {
			for (struct counter *c = profile.buckets[kind][i]; c; c = c->next)
				what(kind, c);
		}
	}
}

static void counter_clear(int kind, struct counter *counter)
{
	(void)kind;
	counter->times = 0;
}

static void counter_write(int kind, struct counter *c)
{
	if (c->times < (kind == STORES ? SELDOM : 1) || kind == STACKS)
		return;
	if (kind == STORES && !*counter_place(STACKS, c->what * LINE / PAGE, 0, 0))
		fprintf(profile.out, "store %u %" PRIx64 " %" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
			profile.window, c->address, c->what, c->cpu, c->times);
	if (kind == BLOCKS)
		fprintf(profile.out, "%u %" PRIx64 " %" PRIu64 " %" PRIu64 "\n", profile.window,
			c->address, c->what, c->times);
}

static void stores(unsigned int cpu, uint32_t info, uint64_t address, void *data)
{
	/* QEMU 7.2 calls for reads as well. */
	if (profile.open && qemu_plugin_mem_is_store(info))
		counter_get(STORES, (uintptr_t)data, address / LINE, cpu)->times++;
}

/* ---- the marks */

static void window_begins(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	each_counter(counter_clear);
	profile.open = 1;
}

static void window_ends(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (!profile.open)
		return;
	profile.open = 0;
	profile.window++;
	each_counter(counter_write);
	if (fflush(profile.out)) {
		perror("profile: the figures cannot be written");
		exit(1);
	}
}

static void pushes(unsigned int cpu, uint32_t info, uint64_t address, void *data)
{
	(void)cpu;
	(void)info;
	(void)data;
	counter_get(STACKS, address / PAGE, 0, 0);
}

/* Of a register, or of where a call returns to (Intel SDM, volume 2: PUSH, CALL). */
static int is_push(const struct qemu_plugin_insn *insn)
{
	const unsigned char *code = qemu_plugin_insn_data(insn);
	size_t n = qemu_plugin_insn_size(insn);

	if (n == 2 && code[0] == 0x41)	/* the prefix of the higher registers */
		code++;
	else if (n != 1)
		return n == 5 && code[0] == 0xe8;
	return code[0] >= 0x50 && code[0] <= 0x57;
}

static void watch_stores(struct qemu_plugin_tb *tb)
{
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uintptr_t address = qemu_plugin_insn_vaddr(insn);

		if (address >= MODULES && address < MODULES_END)
			qemu_plugin_register_vcpu_mem_cb(insn, is_push(insn) ? pushes : stores,
							 PLUGIN_NO_REGISTERS, PLUGIN_WRITES,
							 (void *)address);
	}
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	struct counter *block;

	(void)id;
	if (address == MARK_BEGIN)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, window_begins, PLUGIN_NO_REGISTERS, NULL);
	if (address == MARK_END)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, window_ends, PLUGIN_NO_REGISTERS, NULL);
	if (!(address & KERNEL))
		return;
	block = counter_get(BLOCKS, address, qemu_plugin_tb_n_insns(tb), 0);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, PLUGIN_INLINE_ADD, &block->times, 1);
	if (profile.stores)
		watch_stores(tb);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	const char *out = NULL;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4)) {
			out = argv[i] + 4;
		} else if (!strcmp(argv[i], "stores") || !strcmp(argv[i], "stores=on")) {
			profile.stores = 1;
		} else {
			fprintf(stderr, "profile: %s: out=FILE and stores are known\n", argv[i]);
			return -1;
		}
	}
	profile.out = out ? fopen(out, "w") : NULL;
	if (!profile.out) {
		fprintf(stderr, "profile: out=%s: %s\n", out ? out : "",
			out ? strerror(errno) : "where to?");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
