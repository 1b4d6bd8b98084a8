// SPDX-License-Identifier: GPL-2.0
#include "options.h"

#include "addrport.h"
#include "cidr.h"
#include "err.h"
#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The server binds PATH.new and renames it: both names have to fit. */
#define SOCKET_PATH_MAX	(sizeof(((struct sockaddr_un *)0)->sun_path) - sizeof(".new"))

static const char options_usage[] =
	"usage: svcd [OPTION]...\n"
	"\n"
	"Keeps the services of this node in the kernel, as the authority for its\n"
	"objects, or as the follower of another svcd or a Kubernetes API server.\n"
	"\n"
	"  --node-name NAME          this node's name (default: the host name)\n"
	"  --socket PATH             where the API is served (default: /run/svcd/svcd.sock)\n"
	"  --data-dir PATH           where the objects are kept (default: /var/lib/svcd)\n"
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
	"  --log-level LEVEL         error, warning, info (default) or debug\n"
	"  --version, --help\n";

static int set_string(char **field, const char *value, struct err *e)
{
	char *copy = strdup(value);

	if (!copy)
		return err_set(e, ENOMEM, "out of memory");
	free(*field);
	*field = copy;
	return 0;
}

/* As Kubernetes names its nodes. */
static int parse_node_name(struct options *o, const char *value, struct err *e)
{
	if (format_dns1123_subdomain(value))
		return err_set(e, EINVAL, "\"%s\" is not a node name: lower case letters, digits, "
			       "'-' and '.', at most 253", value);
	return set_string(&o->node_name, value, e);
}

static int check_path(const char *path, size_t max, struct err *e)
{
	if (path[0] != '/')
		return err_set(e, EINVAL, "\"%s\" is not an absolute path", path);
	if (strlen(path) > max)
		return err_set(e, EINVAL, "\"%s\" is too long: at most %zu characters", path, max);
	return 0;
}

static int parse_socket(struct options *o, const char *value, struct err *e)
{
	int ret = check_path(value, SOCKET_PATH_MAX, e);

	return ret ? ret : set_string(&o->socket, value, e);
}

static int parse_data_dir(struct options *o, const char *value, struct err *e)
{
	int ret = check_path(value, PATH_MAX - 32, e);

	return ret ? ret : set_string(&o->data_dir, value, e);
}

static int add_cidr(struct kcidrs *list, const struct ip_cidr *cidr, struct err *e)
{
	size_t i;
	int ret;

	for (i = 0; i < list->n; i++)
		if (cidr_equal(&list->v[i], cidr))
			return 0;
	ret = kcidrs_add(list, cidr);
	if (ret == -ENOSPC)
		return err_set(e, EINVAL, "more than %d ranges", SVCNAT_CIDRS_MAX);
	return ret ? err_set(e, ENOMEM, "out of memory") : 0;
}

static int parse_cidr(struct options *o, const char *value, struct kcidrs *list,
		      unsigned int what, struct err *e)
{
	struct ip_cidr cidr;
	int ret;

	ret = ip_cidr_parse(value, &cidr, e);
	o->settings_what |= what;
	return ret ? ret : add_cidr(list, &cidr, e);
}

static int parse_pod_cidr(struct options *o, const char *value, struct err *e)
{
	return parse_cidr(o, value, &o->settings.pod_cidrs, KSETTINGS_POD_CIDRS, e);
}

static int parse_nodeport_cidr(struct options *o, const char *value, struct err *e)
{
	return parse_cidr(o, value, &o->settings.nodeport_cidrs, KSETTINGS_NODEPORT_CIDRS, e);
}

static int parse_external_cidr(struct options *o, const char *value, struct err *e)
{
	return parse_cidr(o, value, &o->settings.external_cidrs, KSETTINGS_EXTERNAL_CIDRS, e);
}

static int parse_bool(const char *value, bool *out, struct err *e)
{
	if (value && strcmp(value, "true") && strcmp(value, "false"))
		return err_set(e, EINVAL, "\"%s\" is neither true nor false", value);
	*out = !value || strcmp(value, "true") == 0;
	return 0;
}

static int parse_masquerade_all(struct options *o, const char *value, struct err *e)
{
	o->settings_what |= KSETTINGS_MASQUERADE_ALL;
	return parse_bool(value, &o->settings.masquerade_all, e);
}

static int parse_loopback_nodeports(struct options *o, const char *value, struct err *e)
{
	o->settings_what |= KSETTINGS_LOOPBACK_NODEPORTS;
	return parse_bool(value, &o->settings.loopback_nodeports, e);
}

static int add_service_cidr(struct options *o, const char *value, struct err *e)
{
	struct ip_cidr cidr;
	size_t i;
	int ret;

	ret = ip_cidr_parse(value, &cidr, e);
	if (ret)
		return ret;
	/* As in Kubernetes: less than eight leave nothing to give out. */
	if (ip_addr_len(&cidr.addr) * 8 < cidr.prefix + 3u)
		return err_set(e, EINVAL, "%s is too small: at least 8 addresses are needed",
			       value);
	for (i = 0; i < o->nservice_cidrs; i++)
		if (o->service_cidrs[i].addr.family == cidr.addr.family)
			return err_set(e, EINVAL, "%s is the second range of its family: "
				       "give one for IPv4 and one for IPv6", value);
	o->service_cidrs[o->nservice_cidrs++] = cidr;
	return 0;
}

/* The default is for allocation only: somebody may use a part of so large a range. */
static int parse_one_service_cidr(struct options *o, const char *value, struct err *e)
{
	int ret = add_service_cidr(o, value, e);

	return ret ? ret : parse_cidr(o, value, &o->settings.service_cidrs,
				      KSETTINGS_SERVICE_CIDRS, e);
}

/* Two with a comma between, as kube-apiserver's --service-cluster-ip-range takes them. */
static int parse_service_cidr(struct options *o, const char *value, struct err *e)
{
	size_t n = strcspn(value, ",");
	char *first;
	int ret;

	if (!value[n])
		return parse_one_service_cidr(o, value, e);
	first = strndup(value, n);
	ret = first ? parse_one_service_cidr(o, first, e) : err_set(e, ENOMEM, "out of memory");
	free(first);
	return ret ? ret : parse_one_service_cidr(o, value + n + 1, e);
}

static int parse_node_port_range(struct options *o, const char *value, struct err *e)
{
	size_t n = strcspn(value, "-");
	uint16_t min = 0, max = 0;
	char first[8] = "";

	/* What is longer is no port, and neither is "". */
	if (n < sizeof(first))
		memcpy(first, value, n);
	if (!value[n] || addrport_parse_port(first, &min, NULL) ||
	    addrport_parse_port(value + n + 1, &max, NULL) || max < min)
		return err_set(e, EINVAL, "\"%s\" is not a range of ports: write two ports between "
			       "1 and 65535, such as 30000-32767", value);
	o->node_port_min = min;
	o->node_port_max = max;
	return 0;
}

static int parse_follow(struct options *o, const char *value, struct err *e)
{
	upstream_clear(&o->follow);
	return upstream_parse(&o->follow, value, e) ? -EINVAL : 0;
}

static int parse_log_level(struct options *o, const char *value, struct err *e)
{
	int level = log_level_parse(value);

	if (level < 0)
		return err_set(e, EINVAL, "\"%s\" is not a level: error, warning, info or debug",
			       value);
	o->log_level = level;
	return 0;
}

static const struct {
	const char *name;
	int argument;
	int (*parse)(struct options *o, const char *value, struct err *e);
} options_table[] = {
	{ "node-name", required_argument, parse_node_name },
	{ "socket", required_argument, parse_socket },
	{ "data-dir", required_argument, parse_data_dir },
	{ "pod-cidr", required_argument, parse_pod_cidr },
	{ "service-cidr", required_argument, parse_service_cidr },
	{ "nodeport-cidr", required_argument, parse_nodeport_cidr },
	{ "external-cidr", required_argument, parse_external_cidr },
	{ "masquerade-all", optional_argument, parse_masquerade_all },
	{ "loopback-nodeports", optional_argument, parse_loopback_nodeports },
	{ "node-port-range", required_argument, parse_node_port_range },
	{ "follow", required_argument, parse_follow },
	{ "log-level", required_argument, parse_log_level },
};

#define NOPTIONS	(sizeof(options_table) / sizeof(*options_table))
/* Past every character, so that a short option cannot be taken for one of ours. */
#define OPTION_FIRST	0x100
#define OPTION_HELP	(OPTION_FIRST + (int)NOPTIONS)
#define OPTION_VERSION	(OPTION_HELP + 1)

static void long_options(struct option *lo)
{
	size_t i;

	for (i = 0; i < NOPTIONS; i++)
		lo[i] = (struct option){ options_table[i].name, options_table[i].argument, NULL,
					 OPTION_FIRST + (int)i };
	lo[i++] = (struct option){ "help", no_argument, NULL, OPTION_HELP };
	lo[i++] = (struct option){ "version", no_argument, NULL, OPTION_VERSION };
	lo[i] = (struct option){ 0 };
}

/* getopt stands past a long option, but still on the word of a short one that has more letters. */
static const char *bad_option(char **argv)
{
	const char *word = argv[optind];

	if (optopt && word && word[0] == '-' && word[1] != '-' && strchr(word + 1, optopt))
		return word;
	return argv[optind - 1];
}

static int parse_one(struct options *o, int opt, char **argv, FILE *out, struct err *e)
{
	int ret;

	if (opt == OPTION_HELP) {
		fputs(options_usage, out);
		return OPTIONS_DONE;
	}
	if (opt == OPTION_VERSION) {
		fprintf(out, "svcd %s\n", SVCNAT_VERSION);
		return OPTIONS_DONE;
	}
	if (opt == ':')
		return err_set(e, EINVAL, "%s needs a value: see svcd --help", argv[optind - 1]);
	if (opt < OPTION_FIRST)
		return err_set(e, EINVAL, "%s is not an option: see svcd --help", bad_option(argv));
	ret = options_table[opt - OPTION_FIRST].parse(o, optarg, e);
	if (ret)
		err_prefix(e, "--%s", options_table[opt - OPTION_FIRST].name);
	return ret;
}

static int default_node_name(struct options *o, struct err *e)
{
	char host[HOST_NAME_MAX + 1] = "";
	char *p;

	if (o->node_name)
		return 0;
	if (gethostname(host, sizeof(host) - 1) < 0)
		return err_set(e, errno, "--node-name: the host name cannot be read: %m");
	for (p = host; *p; p++)
		*p = tolower((unsigned char)*p);
	if (parse_node_name(o, host, e) == 0)
		return 0;
	err_prefix(e, "--node-name: the host name does not do");
	return -EINVAL;
}

static int defaults(struct options *o, struct err *e)
{
	int ret = 0;

	if (!o->socket)
		ret = set_string(&o->socket, "/run/svcd/svcd.sock", e);
	if (!ret && !o->data_dir)
		ret = set_string(&o->data_dir, "/var/lib/svcd", e);
	if (!ret && !o->nservice_cidrs)
		ret = add_service_cidr(o, "10.96.0.0/12", e);
	if (!ret && o->follow.socket && strcmp(o->follow.socket, o->socket) == 0)
		ret = err_set(e, EINVAL, "--follow: %s is this svcd's own socket", o->socket);
	return ret ? ret : default_node_name(o, e);
}

int options_parse(struct options *o, int argc, char **argv, FILE *out, struct err *e)
{
	struct option lo[NOPTIONS + 3];
	int opt, ret;

	*o = (struct options){
		.node_port_min = 30000,
		.node_port_max = 32767,
		.log_level = LOG_LEVEL_INFO,
	};
	long_options(lo);
	opterr = 0;
	optind = 0;	/* glibc: start over, also for a second call */
	while ((opt = getopt_long(argc, argv, "+:", lo, NULL)) != -1) {
		ret = parse_one(o, opt, argv, out, e);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return err_set(e, EINVAL, "unexpected argument \"%s\": see svcd --help",
			       argv[optind]);
	return defaults(o, e);
}

void options_clear(struct options *o)
{
	free(o->node_name);
	free(o->socket);
	free(o->data_dir);
	upstream_clear(&o->follow);
	ksettings_clear(&o->settings);
	*o = (struct options){ 0 };
}
