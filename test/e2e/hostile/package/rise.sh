#!/bin/bash
# Tries to become more than the ordinary user that it is, and to write where root alone may. After attack.sh.
. ./try.sh

for name in trace read-memory become-root; do
	try "$name" ./attempt "$name"
done
cp /bin/sh sh && chmod 6755 sh
try own-set-id bash -c '[ "$(./sh -pc "id -u")" = 0 ]'
me=$(printf '%s\t%s\t%s\t%s' $UID $UID $UID $UID)
for program in $(find / -xdev -type f -user 0 -perm -4001); do
	users=$(timeout 10 bash set-id.sh "$program" 2> /dev/null)
	case $users in
		"$me") echo "held set-id $program" ;;
		"") echo "unseen set-id $program" ;;
		*) echo "GOT set-id $program: $users" ;;
	esac
done
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
