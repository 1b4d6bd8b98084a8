// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "change.h"
#include "definition.h"
#include "kernel.h"
#include "verbs.h"

#include <string.h>

const char verb_add_usage[] =
	"usage: svcctl add service NAME PROTO [--frontend FRONTEND]... [--endpoint ENDPOINT]...\n"
	"                          [--scheduler SCHEDULER] [--affinity SECONDS]\n"
	"                          [--internal-local] [--external-local]\n"
	"                          [--source-range CIDR]... [--reset] [--account]\n"
	"                          [--replace] [--owner OWNER] [--family 4|6]\n"
	"       svcctl add endpoint NAME PROTO ENDPOINT... [--owner OWNER | --any-owner]\n"
	"                          [--family 4|6]\n"
	"\n"
	"Add a service to the kernel: connections to a frontend go to one of the endpoints. A\n"
	"service without endpoints refuses its connections. Or add endpoints to a service that\n"
	"there is, or change those that it has; its other endpoints stay as they are.\n"
	"\n"
	"  NAME                  1 to 255 bytes, such as web or default/web:http\n"
	"  PROTO                 TCP, UDP or SCTP\n"
	"  --frontend FRONTEND   [KIND:]ADDR:PORT, with KIND cluster (the default), external or\n"
	"                        loadbalancer; or nodeport:PORT. IPv6 as [ADDR]:PORT.\n"
	"  --endpoint ENDPOINT   ADDR:PORT[,OPTION]...; the options:\n"
	"                          local       on this node: also for policy Local\n"
	"                          local-only  for policy Local alone\n"
	"                          drain       no new connections; those it has go on\n"
	"                          weight=N    0 to 256, 1 if not said; 0: as drain\n"
	"  --scheduler SCHEDULER which endpoint: hash (the default), source, maglev, and\n"
	"                        but for UDP rr, leastconn\n"
	"  --affinity SECONDS    a client keeps its endpoint that long after its last new\n"
	"                        connection: 1 to 86400\n"
	"  --internal-local      policy Local for cluster frontends\n"
	"  --external-local      policy Local for the others, for who comes from outside\n"
	"  --source-range CIDR   loadbalancer frontends let in only these sources\n"
	"  --reset               end TCP connections to endpoints that leave\n"
	"  --account             count packets, bytes and active connections\n"
	"  --replace             if the service exists, make it what is said here\n"
	"  --owner OWNER         who it belongs to; the default is hand\n"
	"  --any-owner           add endpoints whoever it belongs to\n"
	"  --family 4|6          needed only when no address says it\n"
	"\n"
	"All addresses of a service are of one family.\n"
	"\n"
	"Example: svcctl add service default/web tcp --frontend cluster:10.96.0.10:80 \\\n"
	"             --endpoint 10.0.0.11:8080 --endpoint 10.0.0.12:8080\n";

static int add_service(struct ctx *ctx, const struct definition *d)
{
	const unsigned int mode = KERNEL_CREATE | (d->replace ? KERNEL_REPLACE : 0);
	struct kernel *k;
	struct err e;
	int code;

	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (k->ops->service_set(k, &d->s, mode, 0, &e)) {
		err_prefix(&e, "cannot add service '%s' (%s)", d->s.name,
			   ip_proto_name(d->s.proto));
		code = verbs_refused(ctx, &e);
	} else {
		verbs_hold(ctx, k);
	}
	kernel_close(k);
	return code;
}

int verb_add(struct ctx *ctx, int argc, char **argv)
{
	const char *object = args_first_word(definition_options, argc, argv);
	struct definition d;
	struct err e;
	int code;

	if (change_is_meant(object))
		return change_endpoints(ctx, CHANGE_ADD, argc, argv);
	if (definition_parse(&d, argc, argv, &e))
		code = verbs_usage(ctx, "%s", e.text);
	else
		code = add_service(ctx, &d);
	kservice_clear(&d.s);
	return code;
}
