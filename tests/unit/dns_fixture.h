/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DNS as a whole: a node that is told of objects, one socket where names are asked for, an
 * upstream, and options.
 */
#ifndef SVCNAT_DNS_FIXTURE_H
#define SVCNAT_DNS_FIXTURE_H

#include "http_fixture.h"

#include "dns.h"
#include "dns_upstream.h"

#define DNS_FIXTURE_PORT	5500

struct fixture {
	struct event_base *base;
	struct kernel *kernel;
	struct node *node;
	struct dns *dns;
	struct options o;
	struct dns_upstream upstream;
	struct dns_peer where;
	char file[64];
	char said[4096];
	bool away;		/* the node has no address */
	int news[2];		/* of addresses; what is written to the second one */
};

/* Opened by --dns-listen=@l --dns-upstream=@u, with the lists not complete. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Anew, with these times, and with the same options. */
void fixture_reopen(struct fixture *f, const struct dns_config *like);

/* @l of a word is where svcd shall listen, @u the upstream. */
void fixture_set(struct fixture *f, const char *const *words);
#define WORDS(...)	((const char *const []){ __VA_ARGS__, NULL })

/* Objects, all of them in the namespace default. */
void fixture_tell(struct fixture *f, enum proxy_kind kind, const char *text, bool deleted);
void fixture_service(struct fixture *f, const char *name, const char *ip, bool deleted);
void fixture_alias(struct fixture *f, const char *name, const char *target);
/* A headless Service with so many endpoints. */
void fixture_headless(struct fixture *f, const char *name, int n);
void fixture_lists_done(struct fixture *f);

/* A socket that is connected, from an address of this node; -1. */
int fixture_connect(struct fixture *f, const char *source, int type);
/* The answer, as dns_help_say() has it, until the next one. */
const char *fixture_ask_raw(struct fixture *f, const struct dns_text *m, bool tcp);
const char *fixture_ask(struct fixture *f, const char *name, uint16_t type);
const char *fixture_ask_tcp(struct fixture *f, const char *name, uint16_t type);

/* Names that many tests ask for. */
#define WEB	"web.default.svc.cluster.local."
#define EXT	"ext.default.svc.cluster.local."
#define SOA	" | cluster.local. SOA"
#define A	LDNS_RR_TYPE_A

#endif
