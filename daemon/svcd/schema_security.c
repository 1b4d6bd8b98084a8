// SPDX-License-Identifier: GPL-2.0
/* The fields of what a Pod and its containers may do. */
#include "schema_pod.h"
#include "schema_table.h"

static const struct schema capabilities[] = { STRINGS("add"), STRINGS("drop"), END };
static const struct schema selinux[] = {
	STRING("user", 0), STRING("role", 0), STRING("type", 0), STRING("level", 0), END
};
static const struct schema windows[] = {
	STRING("gmsaCredentialSpecName", KEEP), STRING("gmsaCredentialSpec", KEEP),
	STRING("runAsUserName", KEEP), BOOL("hostProcess", KEEP), END
};
static const struct schema profile[] = {
	STRING("type", KEEP), STRING("localhostProfile", KEEP), END
};
static const struct schema group = LONG(NULL, KEEP);
static const struct schema sysctl[] = { STRING("name", KEEP), STRING("value", KEEP), END };

const struct schema schema_pod_security[] = {
	OBJECT("seLinuxOptions", selinux, "SELinuxOptions"),
	OBJECT("windowsOptions", windows, "WindowsSecurityContextOptions"),
	LONG("runAsUser", KEEP), LONG("runAsGroup", KEEP), BOOL("runAsNonRoot", KEEP),
	LIST("supplementalGroups", &group), STRING("supplementalGroupsPolicy", KEEP),
	LONG("fsGroup", KEEP), LIST_OF("sysctls", sysctl, "Sysctl"),
	STRING("fsGroupChangePolicy", KEEP), OBJECT("seccompProfile", profile, "SeccompProfile"),
	OBJECT("appArmorProfile", profile, "AppArmorProfile"), STRING("seLinuxChangePolicy", KEEP),
	END
};

const struct schema schema_security[] = {
	OBJECT("capabilities", capabilities, "Capabilities"), BOOL("privileged", KEEP),
	OBJECT("seLinuxOptions", selinux, "SELinuxOptions"),
	OBJECT("windowsOptions", windows, "WindowsSecurityContextOptions"),
	LONG("runAsUser", KEEP), LONG("runAsGroup", KEEP), BOOL("runAsNonRoot", KEEP),
	BOOL("readOnlyRootFilesystem", KEEP), BOOL("allowPrivilegeEscalation", KEEP),
	STRING("procMount", KEEP), OBJECT("seccompProfile", profile, "SeccompProfile"),
	OBJECT("appArmorProfile", profile, "AppArmorProfile"), END
};
