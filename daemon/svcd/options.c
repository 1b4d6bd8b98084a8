// SPDX-License-Identifier: GPL-2.0
#include "options_priv.h"

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

int options_set_string(char **field, const char *value, struct err *e)
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
	return options_set_string(&o->node_name, value, e);
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

	return ret ? ret : options_set_string(&o->socket, value, e);
}

static int parse_data_dir(struct options *o, const char *value, struct err *e)
{
	int ret = check_path(value, PATH_MAX - 32, e);

	return ret ? ret : options_set_string(&o->data_dir, value, e);
}

static int parse_manifests(struct options *o, const char *value, struct err *e)
{
	int ret = *value ? check_path(value, PATH_MAX - NAME_MAX - 2, e) : 0;

	o->manifests_named = true;
	return ret ? ret : options_set_string(&o->manifests, value, e);
}

int options_add_cidr(struct kcidrs *list, const struct ip_cidr *cidr, struct err *e)
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
	return ret ? ret : options_add_cidr(list, &cidr, e);
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
	if (ip_addr_len(&cidr.addr) * 8 > cidr.prefix + 64u)
		return err_set(e, EINVAL, "%s is too large: at most a /64", value);
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

static int parse_healthz(struct options *o, const char *value, struct err *e)
{
	return listen_address_parse(value, &o->healthz, e);
}

static int parse_metrics(struct options *o, const char *value, struct err *e)
{
	return listen_address_parse(value, &o->metrics, e);
}

static int parse_metrics_endpoints(struct options *o, const char *value, struct err *e)
{
	return parse_bool(value, &o->metrics_endpoints, e);
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

static int parse_log_format(struct options *o, const char *value, struct err *e)
{
	o->log_json = strcmp(value, "json") == 0;
	if (!o->log_json && strcmp(value, "text") != 0)
		return err_set(e, EINVAL, "\"%s\" is not a format: text or json", value);
	return 0;
}

static void forget_pod_cidrs(struct options *o)
{
	o->settings.pod_cidrs.n = 0;
}

static void forget_service_cidrs(struct options *o)
{
	o->nservice_cidrs = 0;
	o->settings.service_cidrs.n = 0;
}

static void forget_nodeport_cidrs(struct options *o)
{
	o->settings.nodeport_cidrs.n = 0;
}

static void forget_external_cidrs(struct options *o)
{
	o->settings.external_cidrs.n = 0;
}

static int parse_announce(struct options *o, const char *value, struct err *e)
{
	return announce_mode_parse(value, &o->announce.mode, e);
}

static int parse_announce_interface(struct options *o, const char *value, struct err *e)
{
	return announce_add_interface(&o->announce, value, e);
}

static int parse_announce_cidr(struct options *o, const char *value, struct err *e)
{
	return parse_cidr(o, value, &o->announce.cidrs, 0, e);
}

static void forget_announce_interfaces(struct options *o)
{
	o->announce.ninterfaces = 0;
}

static void forget_announce_cidrs(struct options *o)
{
	o->announce.cidrs.n = 0;
}

static int parse_fast_path(struct options *o, const char *value, struct err *e)
{
	/* YAML takes the word off for false. */
	bool off = strcmp(value, "off") == 0 || strcmp(value, "false") == 0;

	o->fastpath.on = !off;
	if (!off && strcmp(value, "auto") != 0)
		return err_set(e, EINVAL, "\"%s\" is neither off nor auto", value);
	return 0;
}

static int parse_fast_path_device(struct options *o, const char *value, struct err *e)
{
	return fastpath_pattern_add(&o->fastpath.devices, value, e);
}

static void forget_fast_path_devices(struct options *o)
{
	o->fastpath.devices.n = 0;
}

const struct option_row option_rows[] = {
	{ "node-name", "nodeName", required_argument, parse_node_name, NULL },
	{ "socket", "socket", required_argument, parse_socket, NULL },
	{ "data-dir", "dataDir", required_argument, parse_data_dir, NULL },
	{ "manifests", "manifests", required_argument, parse_manifests, NULL },
	{ "pod-cidr", "podCIDRs", required_argument, parse_pod_cidr, forget_pod_cidrs },
	{ "service-cidr", "serviceCIDRs", required_argument, parse_service_cidr,
	  forget_service_cidrs },
	{ "nodeport-cidr", "nodePortAddresses", required_argument, parse_nodeport_cidr,
	  forget_nodeport_cidrs },
	{ "external-cidr", "externalCIDRs", required_argument, parse_external_cidr,
	  forget_external_cidrs },
	{ "masquerade-all", "masqueradeAll", optional_argument, parse_masquerade_all, NULL },
	{ "loopback-nodeports", "loopbackNodePorts", optional_argument, parse_loopback_nodeports,
	  NULL },
	{ "node-port-range", "nodePortRange", required_argument, parse_node_port_range, NULL },
	{ "follow", "follow", required_argument, parse_follow, NULL },
	{ "healthz-bind-address", "healthzBindAddress", required_argument, parse_healthz, NULL },
	{ "metrics-bind-address", "metricsBindAddress", required_argument, parse_metrics, NULL },
	{ "metrics-endpoints", "metricsEndpoints", optional_argument, parse_metrics_endpoints,
	  NULL },
	{ "announce", "announce", required_argument, parse_announce, NULL },
	{ "announce-interface", "announceInterfaces", required_argument, parse_announce_interface,
	  forget_announce_interfaces },
	{ "announce-cidr", "announceCIDRs", required_argument, parse_announce_cidr,
	  forget_announce_cidrs },
	{ "fast-path", "fastPath", required_argument, parse_fast_path, NULL },
	{ "fast-path-device", "fastPathDevices", required_argument, parse_fast_path_device,
	  forget_fast_path_devices },
	{ "dns-listen", "dns.listen", required_argument, options_dns_listen,
	  options_dns_forget_listen },
	{ "dns-domain", "dns.domain", required_argument, options_dns_domain, NULL },
	{ "dns-service", "dns.service", required_argument, options_dns_service, NULL },
	{ "dns-upstream", "dns.upstreams", required_argument, options_dns_upstream,
	  options_dns_forget_upstreams },
	{ "dns-allow", "dns.allow", required_argument, options_dns_allow,
	  options_dns_forget_allow },
	{ "dns-ttl", "dns.ttl", required_argument, options_dns_ttl, NULL },
	{ "log-level", "logLevel", required_argument, parse_log_level, NULL },
	{ "log-format", "logFormat", required_argument, parse_log_format, NULL },
};

const size_t noption_rows = sizeof(option_rows) / sizeof(*option_rows);

_Static_assert(sizeof(option_rows) / sizeof(*option_rows) <= OPTION_ROWS_MAX, "too many options");

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

int options_defaults(struct options *o, struct err *e)
{
	int ret = 0;

	if (!o->socket)
		ret = options_set_string(&o->socket, "/run/svcd/svcd.sock", e);
	if (!ret && !o->data_dir)
		ret = options_set_string(&o->data_dir, "/var/lib/svcd", e);
	if (!ret && !o->manifests)
		ret = options_set_string(&o->manifests, "/etc/svcd/manifests", e);
	if (!ret && !o->nservice_cidrs)
		ret = add_service_cidr(o, "10.96.0.0/12", e);
	if (!ret && !o->follow.name)
		ret = options_check_pools(o, e);
	if (!ret && o->announce.mode == ANNOUNCE_LAYER2 && !o->healthz.n)
		ret = err_set(e, EINVAL, "announce: layer2 needs healthzBindAddress: there other "
			      "nodes learn that this one lives");
	if (!ret)
		ret = options_announce_pools(o, e);
	if (!ret)
		ret = options_dns_defaults(o, e);
	if (!ret && o->follow.socket && strcmp(o->follow.socket, o->socket) == 0)
		ret = err_set(e, EINVAL, "follow: %s is this svcd's own socket", o->socket);
	return ret ? ret : default_node_name(o, e);
}

void options_clear(struct options *o)
{
	free(o->config);
	free(o->node_name);
	free(o->socket);
	free(o->data_dir);
	free(o->manifests);
	upstream_clear(&o->follow);
	ksettings_clear(&o->settings);
	pools_clear(&o->pools);
	announce_options_clear(&o->announce);
	options_dns_clear(&o->dns);
	*o = (struct options){ 0 };
}
