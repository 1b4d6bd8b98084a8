/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_LIST_H
#define KSHIM_LIST_H

#include <linux/types.h>

#define list_first_entry_or_null(head, type, member) \
	((head)->next == (head) ? NULL : \
	 (type *)((char *)(head)->next - offsetof(type, member)))

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	entry->next = head->next;
	entry->prev = head;
	head->next->prev = entry;
	head->next = entry;
}

static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	entry->next = entry->prev = NULL;
}

#endif
