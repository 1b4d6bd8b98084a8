// SPDX-License-Identifier: GPL-2.0
/*
 * What a program can do where it runs: a line for each act, "yes NAME" or "no NAME: ERRNO".
 * Meant to be run in the place of svcd, under its unit; systemd.sh knows what is to be which.
 * Each act is tried in a process of its own. What could do harm where nothing keeps it from
 * being done has arguments that fail then, with another errno.
 *
 *	confined FILE...	the files are opened for reading, beside the acts below
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- files; an act answers like a system call: negative, and errno says why */

static int make(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		unlink(path);
	return fd;
}

static int write_state(void) { return make("/var/lib/svcd/confined"); }
static int write_runtime(void) { return make("/run/svcd/confined"); }
static int write_settings(void) { return make("/etc/svcd/confined"); }
static int write_program(void) { return make("/usr/local/sbin/confined-new"); }
static int write_var(void) { return make("/var/lib/confined"); }
static int write_run(void) { return make("/run/confined"); }
static int write_shm(void) { return make("/dev/shm/confined"); }
static int write_sysctl(void) { return open("/proc/sys/kernel/core_pattern", O_WRONLY); }
static int write_cgroup(void) { return open("/sys/fs/cgroup/cgroup.procs", O_WRONLY); }
static int open_memory(void) { return open("/dev/mem", O_RDONLY); }
static int open_kmsg(void) { return open("/dev/kmsg", O_RDONLY); }
static int make_setuid(void)
{
	int fd = open("/var/lib/svcd/confined-suid", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	int ret = fd < 0 ? -1 : fchmod(fd, 04755), code = errno;

	unlink("/var/lib/svcd/confined-suid");
	errno = code;
	return ret;
}

/* ---- sockets */

static int open_route(void) { return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }
static int open_packet(void) { return socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP)); }
static int open_crypto(void) { return socket(AF_ALG, SOCK_SEQPACKET, 0); }
static int open_vsock(void) { return socket(AF_VSOCK, SOCK_STREAM, 0); }
static int bind_low_port(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(1) };

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&sa, sizeof(sa));
}
static int force_buffer(void)
{
	const int size = 1 << 26;

	return setsockopt(open_route(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
}
static int reach_systemd(void)
{
	const struct sockaddr_un sun = { AF_UNIX, "/run/systemd/private" };

	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&sun, sizeof(sun));
}

/* ---- who it is */

static int become_user(void) { return setuid(65534); }
static int become_group(void) { return setgid(65534); }
static int leave_groups(void) { return setgroups(0, NULL); }
static int more_rights(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = ~0u, .permitted = ~0u } };

	return syscall(SYS_capset, &head, data);
}
static int give_away(void) { return chown("/var/lib/svcd/nothing", 65534, 65534); }
static int new_user_namespace(void) { return unshare(CLONE_NEWUSER); }
static int new_namespace(void) { return unshare(CLONE_NEWNET); }
static int other_namespace(void) { return setns(open("/proc/self/ns/mnt", O_RDONLY), 0); }

/* ---- the machine, and others on it */

static int load_module(void) { return syscall(SYS_init_module, "", 0, ""); }
static int load_module_file(void) { return syscall(SYS_finit_module, 0, "", 0); }
static int remove_module(void) { return syscall(SYS_delete_module, "no_such_module", 0); }
static int mount_something(void) { return mount("x", "/tmp", "nothing", 0, ""); }
static int unmount_something(void) { return umount2("/nothing", 0); }
static int change_root(void) { return chroot("/tmp"); }
static int be_traced(void) { return ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static int read_process(void)
{
	char from[1] = "", to[1];
	struct iovec local = { to, 1 }, remote = { from, 1 };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
}
static int load_bpf(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}
static int open_perf(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr) };

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}
static int fault_handler(void) { return syscall(SYS_userfaultfd, 0); }
static int uring(void) { return syscall(SYS_io_uring_setup, 1, (char [120]){ 0 }); }
static int keys(void) { return syscall(SYS_keyctl, 0, -3, 1); }
static int set_clock(void)
{
	const struct timeval never = { .tv_usec = -1 };

	return syscall(SYS_settimeofday, &never, NULL);
}
static int set_name(void) { return syscall(SYS_sethostname, "", 1000); }
static int restart_machine(void) { return syscall(SYS_reboot, 0, 0, 0, NULL); }
static int executable_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}
/* What it would print is of no interest. */
static int run(const char *program)
{
	int out = open("/dev/null", O_WRONLY);

	dup2(out, 1);
	dup2(out, 2);
	return execl(program, program, "-c", "exit 0", (char *)NULL);
}
static int run_shell(void) { return run("/bin/sh"); }
static int run_modprobe(void) { return run("/sbin/modprobe"); }

static const struct {
	const char *name;
	int (*act)(void);
} acts[] = {
	{ "write its state", write_state },
	{ "write its runtime folder", write_runtime },
	{ "write its settings", write_settings },
	{ "write where programs are", write_program },
	{ "write other state", write_var },
	{ "write elsewhere in /run", write_run },
	{ "write to shared memory", write_shm },
	{ "write a sysctl", write_sysctl },
	{ "write a control group", write_cgroup },
	{ "open the memory", open_memory },
	{ "open the kernel's log", open_kmsg },
	{ "make a set-user-id file", make_setuid },
	{ "open a netlink socket", open_route },
	{ "open a packet socket", open_packet },
	{ "bind a port below 1024", bind_low_port },
	{ "force a buffer", force_buffer },
	{ "open a socket of the crypto family", open_crypto },
	{ "open a vsock socket", open_vsock },
	{ "reach systemd", reach_systemd },
	{ "become another user", become_user },
	{ "become another group", become_group },
	{ "leave its groups", leave_groups },
	{ "take more rights", more_rights },
	{ "give a file away", give_away },
	{ "make a user namespace", new_user_namespace },
	{ "make a network namespace", new_namespace },
	{ "enter a namespace", other_namespace },
	{ "load a module", load_module },
	{ "load a module from a file", load_module_file },
	{ "remove a module", remove_module },
	{ "mount", mount_something },
	{ "unmount", unmount_something },
	{ "change its root", change_root },
	{ "trace", be_traced },
	{ "read a process", read_process },
	{ "use bpf", load_bpf },
	{ "use perf", open_perf },
	{ "use userfaultfd", fault_handler },
	{ "use io_uring", uring },
	{ "use keys", keys },
	{ "set the clock", set_clock },
	{ "set the host's name", set_name },
	{ "restart the machine", restart_machine },
	{ "have memory to write and execute", executable_memory },
	{ "run a shell", run_shell },
	{ "run modprobe", run_modprobe },
};

/* The exit code of the act's own process is what it answered: 0, or its errno. */
static void print(const char *what, const char *name, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;

	if (!code)
		printf("yes %s%s\n", what, name);
	else
		printf("no %s%s: %s\n", what, name,
		       code == 255 ? "a signal" : strerrorname_np(code));
}

static int try_read(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	const size_t n = sizeof(acts) / sizeof(*acts);
	size_t i, all = n + (size_t)argc - 1;
	int status, ret;
	pid_t pid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < all; i++) {
		const char *path = i < n ? NULL : argv[i - n + 1];

		pid = fork();
		if (!pid) {
			errno = 0;
			ret = path ? try_read(path) : acts[i].act();
			_exit(ret < 0 ? errno : 0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		print(path ? "read " : "", path ? path : acts[i].name, status);
	}
	printf("# confined: %zu acts\n", all);
	return 0;
}
