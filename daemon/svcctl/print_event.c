// SPDX-License-Identifier: GPL-2.0
/* Events, with the printers of "show" and "settings". */
#include "color.h"
#include "print_json.h"

#include <inttypes.h>
#include <string.h>

static const char *const names[SVCNAT_CMD_MAX + 1] = {
	[SVCNAT_CMD_SERVICE_SET] = "service-set",
	[SVCNAT_CMD_SERVICE_DEL] = "service-del",
	[SVCNAT_CMD_ENDPOINT_SET] = "endpoint-set",
	[SVCNAT_CMD_ENDPOINT_DEL] = "endpoint-del",
	[SVCNAT_CMD_SETTINGS_SET] = "settings-set",
	[SVCNAT_CMD_SYNC_END] = "sync-end",
};

/* What comes, what goes. */
static enum color color_of(enum svcnat_cmd cmd)
{
	if (cmd == SVCNAT_CMD_SERVICE_DEL || cmd == SVCNAT_CMD_ENDPOINT_DEL)
		return COLOR_WARN;
	return cmd == SVCNAT_CMD_SYNC_END ? COLOR_NONE : COLOR_GOOD;
}

static json_t *json_event(const struct kevent *ev)
{
	json_t *o = json_pack("{s:s}", "event", names[ev->cmd]);

	switch (ev->cmd) {
	case SVCNAT_CMD_SERVICE_SET:
		return print_json_set(o, "service", print_json_service(&ev->service));
	case SVCNAT_CMD_SERVICE_DEL:
		return print_json_set(o, "service", print_json_key(&ev->service));
	case SVCNAT_CMD_SETTINGS_SET:
		return print_json_set(o, "settings", print_json_settings(&ev->settings));
	case SVCNAT_CMD_SYNC_END:
		o = print_json_set(o, "owner", json_string(ev->owner));
		return print_json_set(o, "deleted", json_integer(ev->deleted));
	default:
		return print_json_set(o, "service",
				      print_json_set(print_json_key(&ev->service), "endpoints",
						     print_json_endpoints(&ev->service)));
	}
}

static void print_text(const struct print *p, const struct kevent *ev)
{
	fprintf(p->out, "%s%s%s", color_on(p->color, color_of(ev->cmd)), names[ev->cmd],
		color_off(p->color, color_of(ev->cmd)));
	if (ev->cmd == SVCNAT_CMD_SETTINGS_SET) {
		fputc('\n', p->out);
		print_settings_text(p, "  ", &ev->settings);
		return;
	}
	fputc(' ', p->out);
	if (ev->cmd == SVCNAT_CMD_SYNC_END) {
		fprintf(p->out, "owner %s, %" PRIu32 " service%s deleted\n", ev->owner, ev->deleted,
			ev->deleted == 1 ? "" : "s");
		return;
	}
	print_key(p, &ev->service);
	if (ev->cmd == SVCNAT_CMD_SERVICE_SET)
		print_members(p, &ev->service);
	else if (ev->cmd != SVCNAT_CMD_SERVICE_DEL)
		print_endpoints(p, &ev->service);
}

int print_event(const struct print *p, const struct kevent *ev)
{
	/* Of a newer module than this tool. */
	if ((unsigned int)ev->cmd > SVCNAT_CMD_MAX || !names[ev->cmd])
		return 0;
	if (p->json)
		return print_json(p, json_event(ev));
	print_text(p, ev);
	return 0;
}

int print_events_lost(const struct print *p)
{
	if (p->json)
		return print_json(p, json_pack("{s:s}", "event", "lost"));
	fprintf(p->out, "%sevents were lost%s: they came faster than they were read\n",
		color_on(p->color, COLOR_BAD), color_off(p->color, COLOR_BAD));
	return 0;
}
