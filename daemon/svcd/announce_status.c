// SPDX-License-Identifier: GPL-2.0
/* What there is to say of announcing: to other nodes, to people, and to Prometheus. */
#include "announce_priv.h"

#include "jx.h"
#include "metrics_text.h"

/* What it decides by is settled, and the node is not in it: this one announces as if alone. */
static bool is_without(const struct announce *a, const char *node)
{
	return node && a->settled && announce_peers_grade(&a->peers, node) == ANNOUNCE_GONE;
}

const char *announce_header(const struct announce *a, const char *asker)
{
	/* One that has just started says nothing: it may be the one that was there a moment ago. */
	if (a->options.mode == ANNOUNCE_LAYER2 && !a->ready && !a->did)
		return a->carries ? ANNOUNCE_HEADER ": " ANNOUNCE_SAYS_LAYER2 "\r\n" : "";
	if (a->options.mode != ANNOUNCE_LAYER2 || !a->ready || !a->wire)
		return a->did || a->ready ? ANNOUNCE_HEADER ": " ANNOUNCE_SAYS_NONE "\r\n" : "";
	if (announce_now() < a->says)
		return ANNOUNCE_HEADER ": " ANNOUNCE_SAYS_RETURNS "\r\n";
	/* Who goes on with what it had holds nothing back of that. */
	if (announce_holds(a) && !a->recent)
		return ANNOUNCE_HEADER ": " ANNOUNCE_SAYS_HOLDS "\r\n";
	return is_without(a, asker) ? ANNOUNCE_HEADER ": " ANNOUNCE_SAYS_WITHOUT "\r\n" :
				      ANNOUNCE_HEADER ": " ANNOUNCE_SAYS_LAYER2 "\r\n";
}

bool announce_knows(const struct announce *a, const struct ip_addr *addr)
{
	return announce_set_is_node(&a->set, addr);
}

static const char *trouble(const struct announce *a)
{
	size_t i;

	for (i = 0; i < sizeof(a->trouble) / sizeof(*a->trouble); i++)
		if (a->trouble[i].text[0])
			return a->trouble[i].text;
	return NULL;
}

bool announce_status(const struct announce *a, json_t *status)
{
	const char *text = trouble(a);
	json_t *o;

	if (a->options.mode == ANNOUNCE_NONE)
		return true;
	o = json_pack("{s:s, s:I, s:I}", "mode", announce_mode_name(a->options.mode),
		      "addresses", (json_int_t)a->set.naddrs, "announced", (json_int_t)a->have.n);
	if (a->options.mode == ANNOUNCE_LAYER2) {
		json_object_set_new(o, "otherNodes", json_integer((json_int_t)a->peers.n));
		json_object_set_new(o, "otherNodesUp",
				    json_integer((json_int_t)announce_peers_up(&a->peers)));
		json_object_set_new(o, "waiting", json_boolean(!a->ready || announce_holds(a)));
	}
	if (text)
		json_object_set_new(o, "message", jx_string(text));
	json_object_set_new(status, "announce", o);
	return !text;
}

static void print(struct evbuffer *out, const char *name, const char *label, const char *value,
		  uint64_t n)
{
	struct metrics_labels labels;

	labels.len = 0;
	metrics_labels_add(&labels, label, value);
	metrics_text_count(out, name, &labels, n);
}

static void print_wire(const struct announce *a, struct evbuffer *out)
{
	static const char frames[] = "svcnat_announce_frames_total";
	const struct announce_wire_counts *c = announce_wire_counts(a->wire);

	metrics_text_family(out, frames, METRICS_COUNTER,
			    "What was sent on the LAN to make addresses known: ARP announcements, "
			    "unsolicited neighbour advertisements, answers to neighbour "
			    "solicitations, and what could not be sent.");
	print(out, frames, "type", "arp", c->arp);
	print(out, frames, "type", "na", c->na);
	print(out, frames, "type", "answer", c->answers);
	print(out, frames, "type", "failed", c->failed);
}

void announce_print(const struct announce *a, struct evbuffer *out)
{
	static const char announced[] = "svcnat_announced";
	static const char nodes[] = "svcnat_announce_nodes";
	static const char moved[] = "svcnat_announce_takeovers_total";
	enum announce_mode mode = a->options.mode;
	size_t up = announce_peers_up(&a->peers);

	metrics_text_family(out, announced, METRICS_GAUGE,
			    "Addresses of load balancers that this node announces.");
	print(out, announced, "mode", "layer2", mode == ANNOUNCE_LAYER2 ? a->have.n : 0);
	print(out, announced, "mode", "route", mode == ANNOUNCE_ROUTE ? a->have.n : 0);
	if (mode != ANNOUNCE_LAYER2)
		return;
	metrics_text_family(out, moved, METRICS_COUNTER,
			    "Addresses that came to this node because other nodes went or came.");
	metrics_text_count(out, moved, NULL, a->takeovers);
	metrics_text_family(out, nodes, METRICS_GAUGE,
			    "Other nodes that may announce, by whether they answer.");
	print(out, nodes, "state", "up", up);
	print(out, nodes, "state", "down", a->peers.n - up);
	if (a->wire)
		print_wire(a, out);
}
