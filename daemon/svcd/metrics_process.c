// SPDX-License-Identifier: GPL-2.0
/* The names and meanings are those of Prometheus' own client libraries. */
#include "metrics.h"

#include "metrics_text.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void print(struct evbuffer *out, const char *name, enum metrics_type type,
		  const char *help, double value)
{
	metrics_text_family(out, name, type, help);
	metrics_text_value(out, name, NULL, value);
}

static void print_cpu(struct evbuffer *out)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) == 0)
		print(out, "process_cpu_seconds_total", METRICS_COUNTER,
		      "CPU time of svcd, in user space and in the kernel.",
		      (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
		      (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

static void print_memory(struct evbuffer *out)
{
	unsigned long all, resident;
	FILE *f = fopen("/proc/self/statm", "re");
	int n = f ? fscanf(f, "%lu %lu", &all, &resident) : 0;

	if (f)
		fclose(f);
	if (n != 2)
		return;
	print(out, "process_resident_memory_bytes", METRICS_GAUGE, "Memory that is present.",
	      (double)resident * (double)sysconf(_SC_PAGESIZE));
	print(out, "process_virtual_memory_bytes", METRICS_GAUGE, "Address space.",
	      (double)all * (double)sysconf(_SC_PAGESIZE));
}

static void print_descriptors(struct evbuffer *out)
{
	struct rlimit limit;
	const struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	/* But for the one of this very look. */
	print(out, "process_open_fds", METRICS_GAUGE, "Open descriptors.", (double)(n - 1));
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		print(out, "process_max_fds", METRICS_GAUGE, "Descriptors that may be open.",
		      (double)limit.rlim_cur);
}

/* Of the 22nd field of /proc/self/stat: ticks since the boot. The 2nd one may hold anything. */
static bool read_start(unsigned long long *ticks)
{
	char text[1024] = "", *p;
	FILE *f = fopen("/proc/self/stat", "re");
	int field;

	if (!f)
		return false;
	p = fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
	fclose(f);
	for (field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p && sscanf(p, "%llu", ticks) == 1;
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double metrics_process_start(void)
{
	unsigned long long ticks;

	if (!read_start(&ticks))
		return 0;
	return seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME) +
	       (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

void metrics_print_process(struct evbuffer *out, double started)
{
	print_cpu(out);
	print_memory(out);
	print_descriptors(out);
	if (started > 0)
		print(out, "process_start_time_seconds", METRICS_GAUGE,
		      "When svcd was started, in seconds since 1970.", started);
}
