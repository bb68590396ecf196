#!/bin/bash
# Tries to get out of its build, and prints `GOT` or `held` for each attempt. What there is to get is in ./host.
. ./host
. ./try.sh
cc -o attempt attempt.c || exit 1

for name in trace read-memory become-root mount change-root make-device load-module load-program set-host-name \
	set-clock join-namespace raise-limit packets raw-network type-into-terminal \
	own-device own-proc unmask writable-proc release-agent; do
	try "$name" ./attempt "$name"
done
try abstract-socket ./attempt abstract-socket "$abstract"

cp /bin/sh sh && chmod 6755 sh
try set-id bash -c '[ "$(./sh -pc "id -u")" = 0 ]'
try su bash -c '[ "$(su -c "id -u")" = 0 ]'
try new-privileges grep -q "^NoNewPrivs:.0" /proc/self/status
try capabilities bash -c 'grep -qE "^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]" /proc/self/status'
try root-of-the-host bash -c '[ "$(id -u)" = 0 ]'

for path in "$secret" "/proc/1/root$secret" "/proc/1/cwd$secret" "/host$secret" /proc/1/environ /proc/kcore /proc/kmsg /dev/kmsg \
	/dev/mem /dev/port /proc/keys /proc/timer_list /sys/firmware/dmi /sys/kernel/debug/sched /sys/kernel/tracing/trace /var/run/docker.sock \
	/run/podman/podman.sock; do
	try "read $path" bash -c 'if [ -S "$0" ]; then exit 0; elif [ -d "$0" ]; then ls "$0" | grep .; else head -c 64 "$0" | grep -a .; fi' "$path"
done
for device in /dev/sd[a-z] /dev/vd[a-z] /dev/nvme* /dev/dm-* /dev/fuse /dev/kvm /dev/net/tun /dev/loop*; do
	[ -e "$device" ] && echo "GOT device: $device"
done
try host-environment bash -c 'env | grep -F "$0"; cat /proc/[0-9]*/environ 2>/dev/null | grep -aF "$0"' "$token"
try host-processes bash -c 'cat /proc/[0-9]*/cmdline | tr "\0" " " | grep -aE "[v]itest|[d]ebkiln build|[p]odman|[d]ockerd|[c]onmon"'

for path in /usr/bin/gcc /etc/passwd /etc/ld.so.preload /usr/local/bin/dpkg /root/x /home/x /var/lib/dpkg/status /run/x /build/results \
	/build/x /lib/x /sys/kernel/uevent_helper /proc/sys/kernel/core_pattern /proc/sysrq-trigger \
	/sys/fs/cgroup/memory/release_agent /proc/1/oom_score_adj; do
	try "write $path" bash -c 'echo x >> "$0"' "$path"
done
try write-elsewhere bash -c 'find / -xdev -writable ! -type l ! -path "/proc/*" 2>/dev/null | grep -vE "^/(build|tmp|var/tmp|run/lock|dev|proc)(/|$)"'
try spare-me bash -c 'echo -999 > /proc/self/oom_score_adj'
try priority nice -n -5 sh -c '[ "$(nice)" -lt 0 ]'
try kill-others bash -c 'kill -0 1'

try interfaces bash -c 'ls /sys/class/net | grep -vx lo'
for address in 127.0.0.1 $addresses 169.254.169.254 10.0.2.2 192.0.2.1; do
	try "connect $address" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port"
done
try name-service getent hosts localhost.mirror.example

tr -s " " < /proc/self/uid_map | sed "s/^/users:/"
