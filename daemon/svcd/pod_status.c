// SPDX-License-Identifier: GPL-2.0
/* The rules of what is known of a Pod: who runs it says it. */
#include "pod.h"

#include "format.h"
#include "jx.h"

#include <string.h>

static const char *const phases[] = { "Failed", "Pending", "Running", "Succeeded", "Unknown",
				      NULL };

/* podIP is the first of podIPs; a client that knows only podIP wins. */
void pod_prepare_status(struct write *w)
{
	const char *ip = jx_str(w->obj, "status.podIP");
	json_t *first = json_array_get(jx_get(w->obj, "status.podIPs"), 0);

	if (*ip && !jx_is(first, "ip", ip))
		jx_set(w->obj, "status.podIPs", json_pack("[{s:s}]", "ip", ip));
	else if (!*ip && first)
		jx_set_str(w->obj, "status.podIP", jx_str(first, "ip"));
	if (!jx_get(w->obj, "status.phase") && jx_get(w->old, "status.phase"))
		jx_set_str(w->obj, "status.phase", jx_str(w->old, "status.phase"));
}

void pod_validate_status(struct write *w)
{
	const json_t *phase = jx_get(w->obj, "status.phase");
	const json_t *host = jx_get(w->obj, "status.hostIP");
	const json_t *ips = jx_get(w->obj, "status.podIPs");
	size_t n = json_array_size(ips), v6 = 0;
	const char *bad;

	for (size_t i = 0; i < n; i++) {
		const json_t *ip = jx_get(json_array_get(ips, i), "ip");

		bad = format_endpoint_ip(ip ? json_string_value(ip) : "");
		if (bad)
			field_invalid(&w->errs, ip ? ip : json_null(), bad, "status.podIPs[%zu].ip",
				      i);
		else
			v6 += !!strchr(json_string_value(ip), ':');
	}
	if (n > 2 || (n == 2 && v6 != 1 && !field_errors_any(&w->errs)))
		field_invalid(&w->errs, ips, "may specify no more than one IP for each IP family",
			      "status.podIPs");
	bad = host ? format_ip(json_string_value(host)) : NULL;
	if (bad)
		field_invalid(&w->errs, host, bad, "status.hostIP");
	if (phase && !format_one_of(phases, json_string_value(phase)))
		field_unsupported(&w->errs, phase, phases, "status.phase");
}
