/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SVCNAT_UTF8_H
#define SVCNAT_UTF8_H

/* In the place of each byte that is of no character, such as one that was cut, a '?'. */
void utf8_repair(char *text);

#endif
