/* SPDX-License-Identifier: GPL-2.0 */
/* Policies: as much of them as a table of the module needs to be looked at. */
#ifndef KSHIM_NETLINK_H
#define KSHIM_NETLINK_H

#include <linux/types.h>

enum {
	NLA_UNSPEC,
	NLA_U8,
	NLA_U16,
	NLA_U32,
	NLA_U64,
	NLA_BE16,
	NLA_BE32,
	NLA_STRING,
	NLA_NUL_STRING,
	NLA_BINARY,
	NLA_FLAG,
	NLA_NESTED,
	NLA_REJECT,
};

enum nla_policy_validation {
	NLA_VALIDATE_NONE,
	NLA_VALIDATE_RANGE,
	NLA_VALIDATE_MIN,
	NLA_VALIDATE_MAX,
	NLA_VALIDATE_MASK,
	NLA_VALIDATE_RANGE_PTR,
	NLA_VALIDATE_FUNCTION,
};

struct netlink_range_validation {
	u64 min, max;
};

struct nlattr;
struct netlink_ext_ack;

struct nla_policy {
	u8 type;
	u8 validation_type;
	u16 len;
	union {
		u32 mask;
		const char *reject_message;
		const struct nla_policy *nested_policy;
		const struct netlink_range_validation *range;
		struct {
			/* as narrow as the kernel's: a wider limit must not be lost here unseen */
			int16_t min, max;
		};
		int (*validate)(const struct nlattr *attr, struct netlink_ext_ack *extack);
	};
};

#define NLA_POLICY_NESTED(table) {			\
	.type = NLA_NESTED,				\
	.nested_policy = (table),			\
	.len = ARRAY_SIZE(table) - 1			\
}
#define NLA_POLICY_RANGE(_type, _min, _max) {		\
	.type = (_type),				\
	.validation_type = NLA_VALIDATE_RANGE,		\
	.min = (_min),					\
	.max = (_max)					\
}
#define NLA_POLICY_FULL_RANGE(_type, _range) {		\
	.type = (_type),				\
	.validation_type = NLA_VALIDATE_RANGE_PTR,	\
	.range = (_range)				\
}
#define NLA_POLICY_MIN(_type, _min) {			\
	.type = (_type),				\
	.validation_type = NLA_VALIDATE_MIN,		\
	.min = (_min)					\
}
#define NLA_POLICY_MAX(_type, _max) {			\
	.type = (_type),				\
	.validation_type = NLA_VALIDATE_MAX,		\
	.max = (_max)					\
}
#define NLA_POLICY_MASK(_type, _mask) {			\
	.type = (_type),				\
	.validation_type = NLA_VALIDATE_MASK,		\
	.mask = (_mask)					\
}
#define NLA_POLICY_VALIDATE_FN(_type, _fn, ...) {	\
	.type = (_type),				\
	.validation_type = NLA_VALIDATE_FUNCTION,	\
	.validate = (_fn),				\
	.len = __VA_ARGS__ + 0				\
}
#define NLA_POLICY_EXACT_LEN(_len)	NLA_POLICY_RANGE(NLA_BINARY, _len, _len)
#define NLA_POLICY_MIN_LEN(_len)	NLA_POLICY_MIN(NLA_BINARY, _len)

#endif
