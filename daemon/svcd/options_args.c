// SPDX-License-Identifier: GPL-2.0
/* The command line of svcd, over the file that it names. */
#include "options_priv.h"

#include "err.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const char options_usage[] =
	"usage: svcd [OPTION]...\n"
	"\n"
	"Keeps the services of this node in the kernel, as the authority for its\n"
	"objects, or as the follower of another svcd or a Kubernetes API server.\n"
	"\n"
	"  --node-name NAME          this node's name (default: the host name)\n"
	"  --socket PATH             where the API is served (default: /run/svcd/svcd.sock)\n"
	"  --data-dir PATH           where the objects are kept (default: /var/lib/svcd)\n"
	"  --manifests DIR           a folder of manifests to take objects from; \"\": none\n"
	"                            (default: /etc/svcd/manifests, if it is there)\n"
	"  --pod-cidr CIDR           a range of pod addresses; may be repeated\n"
	"  --service-cidr CIDR[,CIDR]\n"
	"                            where ClusterIPs come from, one for each family,\n"
	"                            the default family first (default: 10.96.0.0/12);\n"
	"                            what is nobody's there is dropped when it is given\n"
	"  --nodeport-cidr CIDR      a range of those addresses of this node that have\n"
	"                            node ports (default: all); may be repeated\n"
	"  --external-cidr CIDR      a range that externalIPs may be from (default: any);\n"
	"                            may be repeated\n"
	"  --masquerade-all[=BOOL]   pods, too, reach a ClusterIP by the node's address\n"
	"  --loopback-nodeports[=BOOL]\n"
	"                            the node reaches node ports on 127.0.0.0/8, too\n"
	"  --node-port-range A-B     where node ports come from (default: 30000-32767)\n"
	"  --follow WHERE            take Services and EndpointSlices from there:\n"
	"                            unix:///PATH of an svcd's socket, https://HOST:PORT,\n"
	"                            the path of a kubeconfig, or in-cluster\n"
	"  --config FILE             read options from there first (default:\n"
	"                            /etc/svcd/svcd.yaml, if it is there)\n"
	"  --healthz-bind-address [ADDRESS]:PORT\n"
	"                            where /healthz and /livez are served (default: :10256,\n"
	"                            on all addresses); '' for nowhere\n"
	"  --metrics-bind-address [ADDRESS]:PORT\n"
	"                            where /metrics is served (default: 127.0.0.1:10249)\n"
	"  --metrics-endpoints[=BOOL]\n"
	"                            with series for each endpoint (default: true)\n"
	"  --announce MODE           how LoadBalancer addresses are made known: layer2 (ARP and\n"
	"                            NDP), route (for a routing daemon), or none (default)\n"
	"  --announce-interface NAME an interface to announce on (default: where the address\n"
	"                            belongs); may be repeated\n"
	"  --announce-cidr CIDR      a range of addresses to announce (default: those of\n"
	"                            the pools, or all); may be repeated\n"
	"  --fast-path MODE          auto: established connections to services take a short way\n"
	"                            through the kernel (default: off); see svcd(8)\n"
	"  --fast-path-device PATTERN\n"
	"                            of which names its devices are, or with a ! in front are\n"
	"                            not (default: those of the usual networks of pods); may be\n"
	"                            repeated\n"
	"  --dns-listen ADDRESS[:PORT]\n"
	"                            answer names of Services there (default: nowhere; the\n"
	"                            port: 53); may be repeated\n"
	"  --dns-domain DOMAIN       what these names end with (default: cluster.local)\n"
	"  --dns-service NAMESPACE/NAME\n"
	"                            the Service whose port 53 leads to that of this node\n"
	"  --dns-upstream WHERE      who is asked for other names: ADDRESS[:PORT], may be\n"
	"                            repeated; the path of a resolv.conf (default:\n"
	"                            /etc/resolv.conf); or none\n"
	"  --dns-allow CIDR          who may ask, beside the node and its pods (default:\n"
	"                            those with private addresses); may be repeated\n"
	"  --dns-ttl SECONDS         how long answers may be kept (default: 5)\n"
	"  --log-level LEVEL         error, warning, info (default) or debug\n"
	"  --log-format FORMAT       text (default), or json: an object a line\n"
	"  --version, --help\n";

/* Past every character, so that a short option cannot be taken for one of ours. */
#define OPTION_FIRST	0x100
#define OPTION_CONFIG	(OPTION_FIRST + OPTION_ROWS_MAX)
#define OPTION_HELP	(OPTION_CONFIG + 1)
#define OPTION_VERSION	(OPTION_CONFIG + 2)

struct args {
	int argc;
	char **argv;
	struct option options[OPTION_ROWS_MAX + 4];
	bool given[OPTION_ROWS_MAX];
};

static void args_init(struct args *a, int argc, char **argv)
{
	size_t i;

	*a = (struct args){ .argc = argc, .argv = argv };
	for (i = 0; i < noption_rows; i++)
		a->options[i] = (struct option){ option_rows[i].name, option_rows[i].argument, NULL,
						 OPTION_FIRST + (int)i };
	a->options[i++] = (struct option){ "config", required_argument, NULL, OPTION_CONFIG };
	a->options[i++] = (struct option){ "help", no_argument, NULL, OPTION_HELP };
	a->options[i++] = (struct option){ "version", no_argument, NULL, OPTION_VERSION };
}

static void args_begin(void)
{
	opterr = 0;
	optind = 0;	/* glibc: start over, also for a second call */
}

static int args_next(struct args *a)
{
	return getopt_long(a->argc, a->argv, "+:", a->options, NULL);
}

/* getopt stands past a long option, but still on the word of a short one that has more letters. */
static const char *bad_option(char **argv)
{
	const char *word = argv[optind];

	if (optopt && word && word[0] == '-' && word[1] != '-' && strchr(word + 1, optopt))
		return word;
	return argv[optind - 1];
}

/* What is needed ahead of the file: which one it is, and whether any is. */
static int look_at_one(const struct args *a, int opt, const char **file, FILE *out, struct err *e)
{
	switch (opt) {
	case OPTION_HELP:
		fputs(options_usage, out);
		return OPTIONS_DONE;
	case OPTION_VERSION:
		fprintf(out, "svcd %s\n", SVCNAT_VERSION);
		return OPTIONS_DONE;
	case OPTION_CONFIG:
		*file = optarg;
		return 0;
	case ':':
		return err_set(e, EINVAL, "%s needs a value: see svcd --help",
			       a->argv[optind - 1]);
	default:
		if (opt >= OPTION_FIRST)
			return 0;
		return err_set(e, EINVAL, "%s is not an option: see svcd --help",
			       bad_option(a->argv));
	}
}

static int look(struct args *a, const char **file, FILE *out, struct err *e)
{
	int opt, ret = 0;

	args_begin();
	while (!ret && (opt = args_next(a)) != -1)
		ret = look_at_one(a, opt, file, out, e);
	if (!ret && optind < a->argc)
		ret = err_set(e, EINVAL, "unexpected argument \"%s\": see svcd --help",
			      a->argv[optind]);
	return ret;
}

static int take_one(struct args *a, struct options *o, size_t i, struct err *e)
{
	const struct option_row *row = &option_rows[i];
	int ret;

	/* The command line's list takes the place of the file's. */
	if (row->forget && !a->given[i])
		row->forget(o);
	a->given[i] = true;
	ret = row->parse(o, optarg, e);
	if (ret)
		err_prefix(e, "--%s", row->name);
	return ret;
}

static int take(struct args *a, struct options *o, struct err *e)
{
	int opt, ret = 0;

	args_begin();
	while (!ret && (opt = args_next(a)) != -1)
		if (opt != OPTION_CONFIG)
			ret = take_one(a, o, opt - OPTION_FIRST, e);
	return ret;
}

static int read_file(struct options *o, const char *file, const char *usual, struct err *e)
{
	int ret;

	if (!file && (!usual || access(usual, F_OK) < 0))
		return 0;
	o->config = strdup(file ? file : usual);
	if (!o->config)
		return err_set(e, ENOMEM, "out of memory");
	ret = options_read_file(o, o->config, e);
	return ret ? -EINVAL : 0;
}

int options_parse(struct options *o, int argc, char **argv, const char *usual, FILE *out,
		  struct err *e)
{
	const char *file = NULL;
	struct args a;
	int ret;

	*o = (struct options){
		.node_port_min = 30000,
		.node_port_max = 32767,
		.metrics_endpoints = true,
		.dns = { .ttl = 5 },
		.log_level = LOG_LEVEL_INFO,
	};
	/* kube-proxy's ports: what asks it today finds them. */
	listen_address_parse(":10256", &o->healthz, NULL);
	listen_address_parse("127.0.0.1:10249", &o->metrics, NULL);
	args_init(&a, argc, argv);
	ret = look(&a, &file, out, e);
	if (!ret)
		ret = read_file(o, file, usual, e);
	if (!ret)
		ret = take(&a, o, e);
	return ret ? ret : options_defaults(o, e);
}
