/* One attempt to get out of a build's container per name; exits with 0 when it succeeds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int trace(void) { return ptrace(PTRACE_ATTACH, 1, 0, 0); }

static int read_memory(void) {
	char byte;
	FILE *maps = fopen("/proc/1/maps", "r");
	unsigned long start = 0x400000;
	if (maps != NULL && fscanf(maps, "%lx", &start) != 1) start = 0x400000;
	struct iovec here = {&byte, 1}, there = {(void *)start, 1};
	return process_vm_readv(1, &here, 1, &there, 1, 0) == 1 ? 0 : -1;
}

static int become_root(void) { return setresuid(0, 0, 0); }

static int mount_something(void) { return mount("none", "/tmp", "tmpfs", 0, ""); }

static int change_root(void) { return chroot("/build/reproducible-path"); }

static int make_device(void) { return mknod("/tmp/null", S_IFCHR | 0666, 0x0103); }

static int load_module(void) { return syscall(SYS_finit_module, open("/bin/sh", O_RDONLY), "", 0) == 0 || errno == ENOEXEC ? 0 : -1; }

static int load_program(void) { return syscall(SYS_bpf, 5, NULL, 0) == -1 && errno == EPERM ? -1 : 0; }

static int set_host_name(void) { return sethostname("pwned", 5); }

static int set_clock(void) {
	struct timeval now;
	gettimeofday(&now, NULL);
	return settimeofday(&now, NULL);
}

static int join_namespace(void) {
	int fd = open("/proc/1/ns/mnt", O_RDONLY);
	return fd < 0 ? -1 : setns(fd, 0);
}

static int raise_limit(void) {
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_max += 1;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int packets(void) { return socket(AF_PACKET, SOCK_RAW, 0); }

static int raw_network(void) { return socket(AF_INET, SOCK_RAW, 1); }

/* A terminal that is shared with the caller would take what is typed for it (CVE-2017-5226). */
static int type_into_terminal(void) {
	int fd = open("/dev/tty", O_RDWR);
	return fd < 0 ? ioctl(0, TIOCSTI, "x") : ioctl(fd, TIOCSTI, "x");
}

/* A socket that is no file: what keeps it apart is the network namespace. */
static int abstract_socket(const char *name) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	memcpy(address.sun_path + 1, name, length);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return connect(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

/* In namespaces of its own, where there are any to be had, it is root of nothing but those. */
static int enter_namespaces(void) {
	unsigned user = geteuid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) < 0) return -1;
	FILE *map = fopen("/proc/self/uid_map", "w");
	if (map == NULL || fprintf(map, "0 %u 1", user) < 0 || fclose(map) != 0) return -1;
	pid_t child = fork();
	int status = 0;
	if (child == 0) return 0;
	if (child < 0 || waitpid(child, &status, 0) < 0) return -1;
	exit(WEXITSTATUS(status));
}

static int own_device(void) { return enter_namespaces() < 0 ? -1 : mknod("/tmp/disk", S_IFBLK | 0666, 0x0800); }

static int own_proc(void) {
	if (enter_namespaces() < 0 || mount("proc", "/tmp", "proc", 0, NULL) < 0) return -1;
	return open("/tmp/sysrq-trigger", O_WRONLY) < 0 ? open("/tmp/sys/kernel/core_pattern", O_WRONLY) : 0;
}

static int unmask(void) {
	if (enter_namespaces() < 0 || umount2("/proc/kcore", MNT_DETACH) < 0) return -1;
	return open("/proc/kcore", O_RDONLY);
}

static int writable_proc(void) {
	if (enter_namespaces() < 0 || mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL) < 0) return -1;
	return open("/proc/sys/kernel/core_pattern", O_WRONLY);
}

/* CVE-2022-0492 */
static int release_agent(void) {
	if (enter_namespaces() < 0 || unshare(CLONE_NEWCGROUP) < 0) return -1;
	if (mount("cgroup", "/tmp", "cgroup", 0, "memory") < 0) return -1;
	return open("/tmp/release_agent", O_WRONLY);
}

static const struct {
	const char *name;
	int (*run)(void);
} attempts[] = {
	{"trace", trace},
	{"read-memory", read_memory},
	{"become-root", become_root},
	{"mount", mount_something},
	{"change-root", change_root},
	{"make-device", make_device},
	{"load-module", load_module},
	{"load-program", load_program},
	{"set-host-name", set_host_name},
	{"set-clock", set_clock},
	{"join-namespace", join_namespace},
	{"raise-limit", raise_limit},
	{"packets", packets},
	{"raw-network", raw_network},
	{"type-into-terminal", type_into_terminal},
	{"own-device", own_device},
	{"own-proc", own_proc},
	{"unmask", unmask},
	{"writable-proc", writable_proc},
	{"release-agent", release_agent},
};

int main(int count, char **words) {
	const char *wanted = count > 1 ? words[1] : "";
	if (strcmp(wanted, "abstract-socket") == 0) return abstract_socket(words[2]) < 0;
	for (size_t each = 0; each < sizeof attempts / sizeof *attempts; each++) {
		if (strcmp(wanted, attempts[each].name) != 0) continue;
		int result = attempts[each].run();
		if (result < 0) perror(wanted);
		return result < 0;
	}
	return 2;
}
