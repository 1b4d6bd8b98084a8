/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic-netlink messages by hand, right or wrong, and checks of what comes
 * back, printed as KTAP. For nlcheck only: what fails unexpectedly ends it.
 */
#ifndef SVCNAT_SELFTESTS_NL_H
#define SVCNAT_SELFTESTS_NL_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msg {
	struct nlmsghdr *n;
	size_t room;
};

struct answer {
	int error;		/* positive errno, 0: fine */
	char text[256];
	uint32_t offset;	/* of the attribute at fault in the request; 0: none said */
	uint32_t value;		/* of the reply's last attribute, if it has 4 bytes */
	bool lost;		/* there was no memory for the answer: error is only that */
};

extern int nl_sock;		/* what is sent and read goes through it */
extern int nl_family;
extern int nl_group;		/* its multicast group's number */
extern int nl_tests, nl_failed;

/* A new nl_sock, nl_family and nl_group. */
void nl_open(void);

void nl_die(const char *what) __attribute__((noreturn));

/* buf of room bytes becomes a request with an empty body. */
void nl_begin(struct msg *m, void *buf, size_t room, int type, int cmd, int flags);
void *nl_put(struct msg *m, int type, const void *data, size_t len);
void nl_put_u8(struct msg *m, int type, uint8_t v);
void nl_put_u32(struct msg *m, int type, uint32_t v);
void nl_put_port(struct msg *m, int type, uint16_t v);	/* host byte order */
void nl_put_str(struct msg *m, int type, const char *s);
void nl_put_addr(struct msg *m, int type, const char *text);
struct nlattr *nl_nest(struct msg *m, int type);
void nl_nest_end(struct msg *m, struct nlattr *a);
void nl_send(const struct msg *m);

/* Read the answer to what was sent last, up to its end. */
void nl_receive(struct answer *out);

/* Send, and wait for the answer's end. */
void nl_ask(const struct msg *m, struct answer *got);

/* One KTAP line: was it this error, with this text in its words (NULL: whatever they are)? */
void nl_check(const char *name, const struct answer *got, int error, const char *text);

/* Was it no error, and this value? */
void nl_check_value(const char *name, const struct answer *got, uint32_t wanted);

#endif
