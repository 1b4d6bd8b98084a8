/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's parameter service_cidrs: from the moment that the module comes,
 * until the first SYNC_END, nothing gets through to these addresses of the
 * host's namespace that is not a service's by then. Without it the first
 * packets after a boot slip by untranslated.
 */
#ifndef SVCNAT_ARM_H
#define SVCNAT_ARM_H

/* -EINVAL: the parameter is malformed, and the log says so. */
int svcnat_arm_init(void);

#endif /* SVCNAT_ARM_H */
