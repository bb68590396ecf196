#!/bin/bash
# Tries to become more than the ordinary user that it is, and to write where root alone may. After attack.sh.
. ./try.sh

for name in trace read-memory become-root; do
	try "$name" ./attempt "$name"
done
cp /bin/sh sh && chmod 6755 sh
try set-id bash -c '[ "$(./sh -pc "id -u")" = 0 ]'
try su bash -c '[ "$(su -c "id -u")" = 0 ]'
try new-privileges grep -q "^NoNewPrivs:.0" /proc/self/status
try capabilities bash -c 'grep -qE "^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]" /proc/self/status'
try root-of-the-container bash -c '[ "$(id -u)" = 0 ]'
try "read /proc/1/environ" grep -a . /proc/1/environ

for path in /usr/bin/gcc /etc/passwd /etc/ld.so.preload /usr/local/bin/dpkg /root/x /home/x /var/lib/dpkg/status /run/x /build/results \
	/build/x /lib/x /proc/1/oom_score_adj /build/check/*.deb; do
	try "write $path" bash -c 'echo x >> "$0"' "$path"
done
try write-elsewhere bash -c 'find / -xdev -writable ! -type l ! -path "/proc/*" 2>/dev/null | grep -vE "^/(build|tmp|var/tmp|run/lock|dev|proc)(/|$)"'
try kill-others bash -c 'kill -0 1'
