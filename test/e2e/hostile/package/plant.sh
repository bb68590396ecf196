#!/bin/bash
# Looks for what an earlier build left for the next, and leaves that itself, with a process that does not want to end.
. ./try.sh

for directory in /tmp /var/tmp /run/lock /dev/shm /sys/fs/cgroup /build/reproducible-path "$HOME" /usr/local/bin /etc; do
	try "met $directory" ls "$directory/planted"
	touch "$directory/planted" 2>/dev/null
done
(setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 9753; done' >/dev/null 2>&1 </dev/null &)
