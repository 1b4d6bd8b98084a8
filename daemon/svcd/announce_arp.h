/* SPDX-License-Identifier: GPL-2.0 */
/* Does the kernel answer ARP for what is on no interface? Its sysctl arp_ignore says no. */
#ifndef SVCNAT_ANNOUNCE_ARP_H
#define SVCNAT_ANNOUNCE_ARP_H

#include <stdbool.h>

#define ANNOUNCE_ARP_SYSCTLS	"/proc/sys/net/ipv4/conf"

/* root: where the interfaces' folders are. What cannot be read is taken for 0. */
bool announce_arp_ignored(const char *root, const char *interface);

#endif
