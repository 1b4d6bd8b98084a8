// SPDX-License-Identifier: GPL-2.0
/* Commands of the module that svcctl has no word for; see usage(). */
#include "nl_msg.c"

static const char owner[] = "svcnl";

static void usage(void)
{
	fputs("svcnl many N ENDPOINT\n"
	      "	N services of UDP, many/0 to many/N-1, of the endpoint's family, each with an\n"
	      "	address, 10.97.0.0 + I or fd97::I in hexadecimal, port 53, and the one endpoint,\n"
	      "	port 53\n"
	      "svcnl large N\n"
	      "	a service of UDP without frontends, but with 2,500 endpoints, set N times, each\n"
	      "	time with another weight of one of them\n"
	      "svcnl resync\n"
	      "	what svcnl made is loaded anew, with nothing: deletes it by SYNC_END\n"
	      "svcnl begin | end TOKEN\n"
	      "	one of the two halves of that\n"
	      "svcnl defer NAME FAMILY\n"
	      "	deletes a service of UDP; what it leaves behind is left to the worker\n",
	      stderr);
	exit(2);
}

static uint32_t ask(const struct msg *m)
{
	struct answer got;

	nl_ask(m, &got);
	if (got.error) {
		fprintf(stderr, "%s: %s\n", strerror(got.error), got.text);
		exit(1);
	}
	return got.value;
}

static void many_address(unsigned int i, int family, char text[INET6_ADDRSTRLEN])
{
	const uint32_t addr = htonl(0x0a610000 + i);

	if (family == AF_INET)
		inet_ntop(AF_INET, &addr, text, INET6_ADDRSTRLEN);
	else
		snprintf(text, INET6_ADDRSTRLEN, "fd97::%x", i);
}

static void put_key(struct msg *m, const char *name, int family)
{
	nl_put_str(m, SVCNAT_A_SERVICE_NAME, name);
	nl_put_u8(m, SVCNAT_A_SERVICE_FAMILY, family);
	nl_put_u8(m, SVCNAT_A_SERVICE_PROTO, IPPROTO_UDP);
}

static void set(unsigned int i, const char *endpoint)
{
	const int family = strchr(endpoint, ':') ? AF_INET6 : AF_INET;
	char buf[512], name[32], addr[INET6_ADDRSTRLEN];
	struct nlattr *a;
	struct msg m;

	snprintf(name, sizeof(name), "many/%u", i);
	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_SET, NLM_F_CREATE);
	put_key(&m, name, family);
	nl_put_str(&m, SVCNAT_A_SERVICE_OWNER, owner);
	nl_put(&m, SVCNAT_A_SERVICE_DEFER, NULL, 0);
	a = nl_nest(&m, SVCNAT_A_SERVICE_FRONTEND);
	nl_put_u8(&m, SVCNAT_A_FRONTEND_KIND, SVCNAT_KIND_CLUSTER);
	many_address(i, family, addr);
	nl_put_addr(&m, SVCNAT_A_FRONTEND_ADDR, addr);
	nl_put_port(&m, SVCNAT_A_FRONTEND_PORT, 53);
	nl_nest_end(&m, a);
	a = nl_nest(&m, SVCNAT_A_SERVICE_ENDPOINT);
	nl_put_addr(&m, SVCNAT_A_ENDPOINT_ADDR, endpoint);
	nl_put_port(&m, SVCNAT_A_ENDPOINT_PORT, 53);
	nl_nest_end(&m, a);
	ask(&m);
}

static void large(unsigned int n)
{
	static char buf[1 << 18];
	struct nlattr *a;
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_SET,
		 NLM_F_CREATE | NLM_F_REPLACE);
	put_key(&m, "large", AF_INET);
	nl_put_str(&m, SVCNAT_A_SERVICE_OWNER, owner);
	for (unsigned int i = 0; i < 2500; i++) {
		const uint32_t addr = htonl(0x0a620000 + i);
		const uint16_t weight = 1 + n % 256;

		a = nl_nest(&m, SVCNAT_A_SERVICE_ENDPOINT);
		nl_put(&m, SVCNAT_A_ENDPOINT_ADDR, &addr, sizeof(addr));
		nl_put_port(&m, SVCNAT_A_ENDPOINT_PORT, 80);
		if (i == 0)
			nl_put(&m, SVCNAT_A_ENDPOINT_WEIGHT, &weight, sizeof(weight));
		nl_nest_end(&m, a);
	}
	ask(&m);
}

static uint32_t sync_command(int cmd, uint32_t token)
{
	char buf[256];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, cmd, 0);
	nl_put_str(&m, SVCNAT_A_SYNC_OWNER, owner);
	if (token)
		nl_put_u32(&m, SVCNAT_A_SYNC_TOKEN, token);
	return ask(&m);
}

static void defer(const char *name, int family)
{
	char buf[512];
	struct msg m;

	nl_begin(&m, buf, sizeof(buf), nl_family, SVCNAT_CMD_SERVICE_DEL, 0);
	put_key(&m, name, family);
	nl_put(&m, SVCNAT_A_SERVICE_DEFER, NULL, 0);
	ask(&m);
}

int main(int argc, char **argv)
{
	nl_open();
	if (argc == 4 && !strcmp(argv[1], "many")) {
		for (unsigned int i = 0; i < (unsigned int)atoi(argv[2]); i++)
			set(i, argv[3]);
	} else if (argc == 3 && !strcmp(argv[1], "large")) {
		for (unsigned int i = 0; i < (unsigned int)atoi(argv[2]); i++)
			large(i);
	} else if (argc == 2 && !strcmp(argv[1], "resync")) {
		sync_command(SVCNAT_CMD_SYNC_END, sync_command(SVCNAT_CMD_SYNC_BEGIN, 0));
	} else if (argc == 2 && !strcmp(argv[1], "begin")) {
		printf("%u\n", sync_command(SVCNAT_CMD_SYNC_BEGIN, 0));
	} else if (argc == 3 && !strcmp(argv[1], "end")) {
		sync_command(SVCNAT_CMD_SYNC_END, atoi(argv[2]));
	} else if (argc == 4 && !strcmp(argv[1], "defer")) {
		defer(argv[2], atoi(argv[3]) == 6 ? AF_INET6 : AF_INET);
	} else {
		usage();
	}
	return 0;
}
