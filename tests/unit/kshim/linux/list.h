/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_LIST_H
#define KSHIM_LIST_H

#include <linux/types.h>

#define LIST_HEAD(name)	struct list_head name = { &name, &name }

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	node->next = head->next;
	node->prev = head;
	head->next->prev = node;
	head->next = node;
}

static inline void list_del(struct list_head *node)
{
	node->next->prev = node->prev;
	node->prev->next = node->next;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

#define list_first_entry_or_null(head, type, member)				\
	(list_empty(head) ? NULL :						\
	 (type *)((char *)(head)->next - offsetof(type, member)))

#endif
