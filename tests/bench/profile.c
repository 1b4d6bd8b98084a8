// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU: how often each piece of the guest's kernel was executed between
 * two marks that the guest sets (mark.S). One CPU.
 *
 *	-plugin build/bench/profile.so,out=FILE
 *
 * For each pair of marks, counted from 1, FILE has lines
 *
 *	WINDOW ADDRESS INSTRUCTIONS TIMES
 *
 * for the translated blocks: ADDRESS is where the block begins, in hexadecimal.
 */
#include <errno.h>
#include <inttypes.h>
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

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*cb)(uint64_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *counter, uint64_t by);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int, void *), int flags,
					  void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

extern int qemu_plugin_version;
int qemu_plugin_version = PLUGIN_INTERFACE;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

/* ---- the blocks */

#define BUCKETS		65536
#define KERNEL		(UINT64_C(1) << 63)

struct block {
	struct block *next;
	uint64_t address;
	uint64_t instructions;
	uint64_t times;
};

/* One plugin, one emulated machine. */
static struct {
	struct block *buckets[BUCKETS];
	FILE *out;
	unsigned int window;
	int open;
} profile;

/* QEMU goes on translating a block anew; that is the same one. NULL: no memory. */
static struct block *block_get(uint64_t address, uint64_t instructions)
{
	struct block **bucket = &profile.buckets[address * 0x9e3779b97f4a7c15 >> 48];
	struct block *block;

	for (block = *bucket; block; block = block->next) {
		if (block->address == address && block->instructions == instructions)
			return block;
	}
	block = calloc(1, sizeof(*block));
	if (!block)
		return NULL;
	block->address = address;
	block->instructions = instructions;
	block->next = *bucket;
	*bucket = block;
	return block;
}

static void each_block(void (*what)(struct block *block))
{
	for (unsigned int i = 0; i < BUCKETS; i++) {
		for (struct block *block = profile.buckets[i]; block; block = block->next)
			what(block);
	}
}

static void block_clear(struct block *block)
{
	block->times = 0;
}

static void block_write(struct block *block)
{
	if (block->times)
		fprintf(profile.out, "%u %" PRIx64 " %" PRIu64 " %" PRIu64 "\n", profile.window,
			block->address, block->instructions, block->times);
}

/* ---- the marks */

static void window_begins(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	each_block(block_clear);
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
	each_block(block_write);
	if (fflush(profile.out)) {
		perror("profile: the figures cannot be written");
		exit(1);
	}
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	struct block *block;

	(void)id;
	if (address == MARK_BEGIN)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, window_begins, PLUGIN_NO_REGISTERS, NULL);
	if (address == MARK_END)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, window_ends, PLUGIN_NO_REGISTERS, NULL);
	if (!(address & KERNEL))
		return;
	block = block_get(address, qemu_plugin_tb_n_insns(tb));
	if (!block) {
		fprintf(stderr, "profile: no memory\n");
		exit(1);
	}
	qemu_plugin_register_vcpu_tb_exec_inline(tb, PLUGIN_INLINE_ADD, &block->times, 1);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "profile: wants out=FILE\n");
		return -1;
	}
	profile.out = fopen(argv[0] + 4, "w");
	if (!profile.out) {
		fprintf(stderr, "profile: %s: %s\n", argv[0] + 4, strerror(errno));
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
