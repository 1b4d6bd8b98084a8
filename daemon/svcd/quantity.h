/* SPDX-License-Identifier: GPL-2.0 */
/* Amounts of resources: "500m", "1.5Gi", "2e3". */
#ifndef SVCNAT_QUANTITY_H
#define SVCNAT_QUANTITY_H

#define QUANTITY_MAX	64	/* bytes of a text that is brought into its form */

/*
 * The form that the API shows: no fraction, the greatest suffix, of the same
 * sort as in s; rounded up to thousandths. What is too large or too long to be
 * calculated with stays as it is. NULL, or what is wrong with s: static text.
 */
const char *quantity_canonical(const char *s, char buf[QUANTITY_MAX]);

#endif
