#!/bin/bash
# Tries to get out of its container, and prints `GOT` or `held` for each attempt. What there is to get is in ./host.
. ./host
. ./try.sh
cc -o attempt attempt.c || exit 1

for name in mount change-root make-device load-module load-program set-host-name set-clock join-namespace raise-limit packets \
	raw-network type-into-terminal own-device own-proc unmask writable-proc release-agent; do
	try "$name" ./attempt "$name"
done
try abstract-socket ./attempt abstract-socket "$abstract"

for path in "$secret" "/proc/1/root$secret" "/proc/1/cwd$secret" "/host$secret" /proc/kcore /proc/kmsg /dev/kmsg \
	/dev/mem /dev/port /proc/keys /proc/timer_list /sys/firmware/dmi /sys/kernel/debug/sched /sys/kernel/tracing/trace /var/run/docker.sock \
	/run/podman/podman.sock; do
	try "read $path" bash -c 'if [ -S "$0" ]; then exit 0; elif [ -d "$0" ]; then ls "$0" | grep .; else head -c 64 "$0" | grep -a .; fi' "$path"
done
for device in /dev/sd[a-z] /dev/vd[a-z] /dev/nvme* /dev/dm-* /dev/fuse /dev/kvm /dev/net/tun /dev/loop*; do
	[ -e "$device" ] && echo "GOT device: $device"
done
try host-environment bash -c 'env | grep -F "$0"; cat /proc/[0-9]*/environ 2>/dev/null | grep -aF "$0"' "$token"
try host-processes bash -c 'cat /proc/[0-9]*/cmdline | tr "\0" " " | grep -aE "[v]itest|[d]ebkiln build|[p]odman|[d]ockerd|[c]onmon"'

for path in /sys/kernel/uevent_helper /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/fs/cgroup/memory/release_agent; do
	try "write $path" bash -c 'echo x >> "$0"' "$path"
done
try unfiltered grep -q "^Seccomp:.0" /proc/self/status
try spare-me bash -c 'echo -999 > /proc/self/oom_score_adj'
try priority nice -n -5 sh -c '[ "$(nice)" -lt 0 ]'

try interfaces bash -c 'ls /sys/class/net | grep -vx lo'
for address in 127.0.0.1 $addresses 169.254.169.254 10.0.2.2 192.0.2.1; do
	try "connect $address" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port"
done
try name-service getent hosts localhost.mirror.example

tr -s " " < /proc/self/uid_map | sed "s/^/users:/"
