#!/bin/bash
# set-id.sh PROGRAM: starts a program, which waits for input that never comes, and prints the users that it runs as (proc_pid_status(5)).
mkfifo waiting && exec 3<>waiting && rm waiting
"$1" <&3 > /dev/null 2>&1 &
# Until the program is executed, and its set-user-ID bit counts, the process is another bash.
while [ "$(cat "/proc/$!/comm")" = bash ]; do :; done
sed -n 's/^Uid:\t//p' "/proc/$!/status"
kill "$!"
