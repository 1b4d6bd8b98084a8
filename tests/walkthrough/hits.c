// SPDX-License-Identifier: GPL-2.0
/*
 * Many requests, one after another, each on a connection of its own. Prints a
 * line for each: "BEGIN END HOSTNAME ADDRESS" from the pod's JSON, or "BEGIN END
 * FAILED REASON"; times in microseconds, CLOCK_REALTIME. Exit code 1 if one failed.
 *
 *	hits COUNT SECONDS URL		COUNT 0: until SIGTERM; SECONDS: limit for each
 */
#include <curl/curl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct body {
	char text[8192];
	size_t n;
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static size_t store(char *data, size_t size, size_t count, void *arg)
{
	struct body *body = arg;
	size_t n = size * count;

	if (n > sizeof(body->text) - body->n)
		return 0;
	memcpy(body->text + body->n, data, n);
	body->n += n;
	return n;
}

/* Whether it is the JSON that a pod sends. */
static int print_answer(const struct body *body)
{
	const char *result, *hostname, *address;
	json_t *root;
	int bad;

	root = json_loadb(body->text, body->n, 0, NULL);
	bad = json_unpack(root, "{s:s,s:{s:s},s:s,s:s}", "result", &result, "headers", "host",
			  &(const char *){ NULL }, "hostname", &hostname, "address", &address);
	if (bad || strcmp(result, "first")) {
		bad = 1;
		printf("FAILED not the pod's JSON\n");
	} else {
		printf("%s %s\n", hostname, address);
	}
	json_decref(root);
	return bad;
}

static int hit(CURL *curl, struct body *body)
{
	long long begin = now();
	CURLcode code;

	body->n = 0;
	code = curl_easy_perform(curl);
	printf("%lld %lld ", begin, now());
	if (code == CURLE_OK)
		return print_answer(body);
	printf("FAILED %s\n", curl_easy_strerror(code));
	return 1;
}

static CURL *open_curl(const char *url, const char *seconds, struct body *body)
{
	CURL *curl = curl_easy_init();

	if (!curl)
		return NULL;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, atol(seconds));
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, store);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	return curl;
}

int main(int argc, char **argv)
{
	struct body body;
	int failed = 0;
	CURL *curl;
	long count;

	if (argc != 4) {
		fprintf(stderr, "usage: hits COUNT SECONDS URL\n");
		return 2;
	}
	curl = open_curl(argv[3], argv[2], &body);
	if (!curl)
		return 1;
	signal(SIGTERM, stop);
	count = atol(argv[1]);
	for (long i = 0; !stopped && (count == 0 || i < count); i++) {
		failed |= hit(curl, &body);
		fflush(stdout);
	}
	curl_easy_cleanup(curl);
	return failed;
}
