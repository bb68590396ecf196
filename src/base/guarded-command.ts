const guard = `
exec 3<&0
(trap "" TERM; cat <&3; kill -TERM 0; sleep 5; kill -KILL 0) > /dev/null 2>&1 &
exec 3<&-
exec "$@" < /dev/null`;

/**
 * The words that run a command, in a process group of its own, whose group ends when its standard input does: when it is to be
 * stopped, and with this process, be it killed. What does not end by SIGTERM ends five seconds later.
 */
export function guardedCommand(argv: readonly string[]): readonly [string, ...string[]] {
  return ["sh", "-c", guard, "sh", ...argv];
}
