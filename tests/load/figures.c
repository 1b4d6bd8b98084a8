// SPDX-License-Identifier: GPL-2.0
/* What became of the requests. */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>

#include "figures.h"

enum {
	TOLD = 20,		/* failures that are told one by one */
	FOR_ALL = 25,		/* requests for each endpoint, at which none may have had none */
};

void figures_answer(struct figures *f, int64_t ns, unsigned int service, unsigned int endpoint,
		    bool outlived)
{
	if (f->answered == f->room) {
		f->room = f->room ? 2 * f->room : 1024;
		f->us = reallocarray(f->us, f->room, sizeof(*f->us));
		if (!f->us)
			err(1, "memory");
	}
	f->us[f->answered++] = ns / 1000;
	f->served[service][endpoint]++;
	f->outlived += outlived;
}

void figures_fail(struct figures *f, uint64_t request, int64_t at, unsigned int service,
		  int endpoint, const char *why)
{
	char text[INET6_ADDRSTRLEN];
	place_t p;

	if (f->failed++ >= TOLD)
		return;
	printf("request %" PRIu64 " to s%u, after %.3f s: %s; ", request, service, at / 1e9, why);
	if (endpoint < 0) {
		puts("no endpoint has accepted it");
		return;
	}
	p = place_endpoint(service, endpoint);
	printf("%s has accepted it, and stayed\n", place_text(&p, text, sizeof(text)));
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Milliseconds; permille 1000: the slowest. */
static double percentile(const struct figures *f, unsigned int permille)
{
	return f->answered ? f->us[(f->answered - 1) * permille / 1000] / 1e3 : 0;
}

/* Of those that stayed. Of few requests one may get none. */
static unsigned int idle_endpoints(const struct figures *f)
{
	unsigned int idle = 0;

	if (f->answered < (size_t)FOR_ALL * f->plan->services * f->plan->endpoints)
		return 0;
	for (unsigned int i = 0; i < f->plan->services; i++)
		for (unsigned int j = 0; j < f->plan->stay; j++)
			idle += !f->served[i][j];
	return idle;
}

static int judge(bool good, const char *fault)
{
	if (good)
		return 0;
	printf("fault: %s\n", fault);
	return 1;
}

int figures_print(struct figures *f, const struct shared *shared)
{
	double requests = f->took ? f->begun / (f->took / 1e9) : 0;
	double changes = shared->took ? shared->changes / (shared->took / 1e9) : 0;
	int code = 0;

	if (f->answered)
		qsort(f->us, f->answered, sizeof(*f->us), compare);
	printf("requests: %" PRIu64 ", %.1f a second\n", f->begun, requests);
	printf("answered: %zu, of them %" PRIu64 " by an endpoint that was removed meanwhile\n",
	       f->answered, f->outlived);
	printf("apart: %" PRIu64 " failed at an endpoint that was removed meanwhile\n", f->apart);
	printf("failed: %" PRIu64 "\n", f->failed);
	printf("milliseconds: %.1f half of them, %.1f 99 of 100, %.1f 999 of 1000, %.1f the "
	       "slowest\n", percentile(f, 500), percentile(f, 990), percentile(f, 999),
	       percentile(f, 1000));
	printf("changes: %lu, %.1f a second; sent once more %lu times\n", shared->changes, changes,
	       shared->again);
	printf("latest: %.3f s after its removal was acknowledged an endpoint was given its last "
	       "request\n", f->latest / 1e9);
	code |= judge(f->begun == f->answered + f->apart + f->failed, "not each has its end");
	code |= judge(!f->failed, "requests failed");
	code |= judge(!f->strangers, "requests came from somebody else, or to somebody else");
	code |= judge(!f->astray, "removed endpoints were given requests for too long");
	code |= judge(!idle_endpoints(f), "endpoints that stayed were given no request");
	code |= judge(requests >= f->plan->least * f->plan->requests,
		      "fewer requests a second than asked for");
	code |= judge(changes >= f->plan->least * f->plan->changes,
		      "fewer changes a second than asked for");
	return code;
}
