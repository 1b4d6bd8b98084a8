// SPDX-License-Identifier: GPL-2.0
/* Requests to services whose endpoints come and go; see usage(). */
#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figures.h"

static void usage(void)
{
	fputs("churn objects [--services N] [--endpoints N]\n"
	      "	prints N services, 4, with N endpoints each, 20, for \"svcctl create -f -\"\n"
	      "churn run --client NETNS --server NETNS --socket PATH [--services N]\n"
	      "	  [--endpoints N] [--stay N] [--seconds S] [--requests N] [--changes N]\n"
	      "	  [--grace S] [--patience S] [--least PART] [--seed N]\n"
	      "	begins N requests a second, 10, from the one namespace, for S seconds, 10, and\n"
	      "	answers them as endpoints in the other one. Meanwhile N endpoints a second, 1,\n"
	      "	are removed or added, by the API of the svcd at PATH, but for the first N of\n"
	      "	each service, 4. Exit code 1: a request failed, but for those whose endpoint\n"
	      "	was removed while they were on their way; or an endpoint was given new ones for\n"
	      "	more than S seconds, 5, after its removal was acknowledged; or they were fewer\n"
	      "	than this part, 0.98, of what was asked for. A request has S seconds of\n"
	      "	patience, 20.\n", stderr);
	exit(2);
}

static unsigned int number(const char *text, unsigned int least, unsigned int most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || !*text || n < least || n > most)
		errx(2, "'%s' is not a number from %u to %u", text, least, most);
	return n;
}

static double amount(const char *text)
{
	char *end;
	double d = strtod(text, &end);

	if (*end || !*text || !(d > 0 && d < 1e6))
		errx(2, "'%s' is not an amount above 0", text);
	return d;
}

static void parse_option(int o, struct plan *plan)
{
	switch (o) {
	case 'c': plan->client_ns = optarg; break;
	case 's': plan->server_ns = optarg; break;
	case 'k': plan->socket = optarg; break;
	case 'n': plan->services = number(optarg, 1, SERVICES_MAX); break;
	case 'e': plan->endpoints = number(optarg, 1, ENDPOINTS_MAX); break;
	case 'y': plan->stay = number(optarg, 1, ENDPOINTS_MAX); break;
	case 't': plan->seconds = amount(optarg); break;
	case 'r': plan->requests = amount(optarg); break;
	case 'h': plan->changes = amount(optarg); break;
	case 'g': plan->grace = amount(optarg); break;
	case 'p': plan->patience = amount(optarg); break;
	case 'l': plan->least = amount(optarg); break;
	case 'd': plan->seed = number(optarg, 0, UINT32_MAX); break;
	default: usage();
	}
}

static void parse(int argc, char **argv, struct plan *plan)
{
	static const struct option options[] = {
		{ "client", required_argument, NULL, 'c' },
		{ "server", required_argument, NULL, 's' },
		{ "socket", required_argument, NULL, 'k' },
		{ "services", required_argument, NULL, 'n' },
		{ "endpoints", required_argument, NULL, 'e' },
		{ "stay", required_argument, NULL, 'y' },
		{ "seconds", required_argument, NULL, 't' },
		{ "requests", required_argument, NULL, 'r' },
		{ "changes", required_argument, NULL, 'h' },
		{ "grace", required_argument, NULL, 'g' },
		{ "patience", required_argument, NULL, 'p' },
		{ "least", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		parse_option(o, plan);
	if (plan->stay >= plan->endpoints)
		errx(2, "of %u endpoints %u cannot stay while others go", plan->endpoints,
		     plan->stay);
	if (plan->seconds * plan->requests > (double)PORTS * CLIENTS_MAX)
		errx(2, "more requests than there are addresses and ports to send them from");
}

static int run(const struct plan *plan)
{
	struct figures figures = { .plan = plan };
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0, code;
	pid_t changer;

	if (shared == MAP_FAILED)
		err(1, "memory");
	changer = fork();
	if (changer < 0)
		err(1, "fork");
	if (!changer) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		changes_run(plan, shared, now_ns());
		exit(0);
	}
	requests_run(plan, shared, &figures);
	waitpid(changer, &status, 0);
	code = figures_print(&figures, shared);
	changes_print(plan, shared);
	free(figures.us);
	return code || status;
}

int main(int argc, char **argv)
{
	struct plan plan = {
		.services = 4, .endpoints = 20, .stay = 4, .seconds = 10, .requests = 10,
		.changes = 1, .grace = 5, .patience = 20, .least = 0.98, .seed = 1,
	};

	parse(argc, argv, &plan);
	if (optind + 1 != argc)
		usage();
	if (!strcmp(argv[optind], "objects")) {
		objects_print(&plan);
		return 0;
	}
	if (strcmp(argv[optind], "run") || !plan.client_ns || !plan.server_ns || !plan.socket)
		usage();
	return run(&plan);
}
