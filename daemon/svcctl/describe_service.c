// SPDX-License-Identifier: GPL-2.0
#include "describe.h"
#include "epformat.h"
#include "field.h"

#include <stdbool.h>
#include <stdlib.h>

static void print_list(FILE *f, const char *title, const json_t *list, bool optional)
{
	if (optional && !json_array_size(list))
		return;
	fprintf(f, "%s:\t", title);
	if (!field_print_list(f, list, ","))
		fputs("<none>", f);
	fputc('\n', f);
}

static void print_ingress(FILE *f, const json_t *service)
{
	const json_t *list = field_get(service, "status.loadBalancer.ingress");
	const char *ip, *mode;
	json_t *item;
	size_t i;

	if (!json_array_size(list))
		return;
	fputs("LoadBalancer Ingress:\t", f);
	json_array_foreach(list, i, item) {
		ip = field_string(item, "ip");
		mode = field_string(item, "ipMode");
		fprintf(f, "%s%s", i ? ", " : "", *ip ? ip : field_string(item, "hostname"));
		if (*ip && *mode)
			fprintf(f, " (%s)", mode);
	}
	fputc('\n', f);
}

static void print_addresses(FILE *f, const json_t *service)
{
	describe_optional(f, "IP Family Policy", service, "spec.ipFamilyPolicy");
	print_list(f, "IP Families", field_get(service, "spec.ipFamilies"), false);
	fprintf(f, "IP:\t%s\n", field_string(service, "spec.clusterIP"));
	print_list(f, "IPs", field_get(service, "spec.clusterIPs"), false);
	print_list(f, "External IPs", field_get(service, "spec.externalIPs"), true);
	describe_optional(f, "Desired LoadBalancer IP", service, "spec.loadBalancerIP");
	describe_optional(f, "External Name", service, "spec.externalName");
	print_ingress(f, service);
}

static void print_endpoints(FILE *f, const struct describe_about *a, const char *name)
{
	char *list = json_array_size(a->slices) ? epformat_slices(a->slices, name) :
						  epformat(a->endpoints, name);

	fprintf(f, "Endpoints:\t%s\n", list ? list : "");
	free(list);
}

static void print_port(FILE *f, const struct describe_about *a, const json_t *port)
{
	const char *protocol = field_string(port, "protocol");
	const char *name = field_string(port, "name");
	const char *shown = *name ? name : "<unset>";
	json_int_t number = field_int(port, "port", 0);

	fprintf(f, "Port:\t%s  %lld/%s\nTargetPort:\t", shown, (long long)number, protocol);
	field_print(f, json_object_get(port, "targetPort"));
	fprintf(f, "/%s\n", protocol);
	number = field_int(port, "nodePort", 0);
	if (number)
		fprintf(f, "NodePort:\t%s  %lld/%s\n", shown, (long long)number, protocol);
	describe_optional(f, "AppProtocol", port, "appProtocol");
	print_endpoints(f, a, name);
}

static void print_selector(FILE *f, const json_t *service)
{
	fputs("Selector:\t", f);
	if (!field_print_map(f, field_get(service, "spec.selector"), ","))
		fputs("<none>", f);
	fputc('\n', f);
}

static void print(FILE *f, const struct describe_about *a)
{
	const json_t *service = a->object;
	json_t *port;
	size_t i;

	describe_identity(f, service);
	describe_labels(f, service);
	print_selector(f, service);
	fprintf(f, "Type:\t%s\n", field_string(service, "spec.type"));
	print_addresses(f, service);
	json_array_foreach(field_get(service, "spec.ports"), i, port)
		print_port(f, a, port);
	fprintf(f, "Session Affinity:\t%s\n", field_string(service, "spec.sessionAffinity"));
	describe_optional(f, "External Traffic Policy", service, "spec.externalTrafficPolicy");
	describe_optional(f, "Internal Traffic Policy", service, "spec.internalTrafficPolicy");
	describe_optional(f, "Traffic Distribution", service, "spec.trafficDistribution");
	describe_optional(f, "HealthCheck NodePort", service, "spec.healthCheckNodePort");
	print_list(f, "LoadBalancer Source Ranges",
		   field_get(service, "spec.loadBalancerSourceRanges"), true);
}

const struct describe_type describe_service = { "services", print };
