import { setTimeout as delay } from "node:timers/promises";
import type { Container } from "../engine/engine.ts";
import { builder } from "../environment/builder.ts";

/** How long what a build runs has for its last words, after SIGTERM and before SIGKILL, in milliseconds. */
const lastWordsMs = 5000;
/** How long the engine may take for the rest of it, in milliseconds. */
const patienceMs = 4000;
/** The longest that `endProcesses` takes, in milliseconds. */
export const endingMs = lastWordsMs + 2 * patienceMs;

/**
 * Ends what the builder runs in a container, which itself goes on: by SIGTERM, so that a test that hangs can say where it is,
 * and what is left after `lastWordsMs` by SIGKILL. Gives whether that has ended the work, however it came out; it has not where
 * the container hangs.
 */
export async function endProcesses(container: Container, work: Promise<unknown>): Promise<boolean> {
  // Nothing that comes after it may still be ended by it: so it is waited for, whatever becomes of the work.
  const isDone = await within(container.run(endingCommand(builder.uid)), lastWordsMs + patienceMs);
  return isDone && (await within(work, patienceMs));
}

/** Whether something ends, well or not, in this time. */
async function within(end: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const ended = end.then(
    () => true,
    () => true,
  );
  return await Promise.race([ended, delay(milliseconds, false, { ref: false })]);
}

/**
 * Ends a user's processes. SIGTERM goes neither to what the engine started nor to the command that that one waits for, as long
 * as it has anything under it: dpkg-buildpackage then tells how its debian/rules ended. As root of the container it is started
 * even where the user can have no further process; perl-base is essential.
 */
function endingCommand(uid: number): readonly string[] {
  return [
    "perl",
    "-e",
    String.raw`
my ($uid, $rounds) = @ARGV;
sub parents {
  my %parent;
  for my $file (glob "/proc/[0-9]*/status") {
    my ($pid) = $file =~ /(\d+)/;
    next if $pid == $$;
    open(my $status, "<", $file) or next;
    local $/;
    my $text = <$status> // next;
    next unless $text =~ /^Uid:\s+\d+\s+$uid\s/m and $text !~ /^State:\s+Z/m;
    ($parent{$pid}) = $text =~ /^PPid:\s+(\d+)/m;
  }
  return %parent;
}
my %parent = parents();
my %waits = map { $_ => 1 } values %parent;
my %started = map { $_ => 1 } grep { $parent{$_} == 0 } keys %parent;
($<, $>) = ($uid, $uid);
kill "TERM", grep { !$started{$_} and !($waits{$_} and $started{$parent{$_}}) } keys %parent;
for (1 .. $rounds) {
  my %left = parents();
  last unless %left;
  select(undef, undef, undef, 0.05);
}
kill "KILL", -1;
`,
    String(uid),
    String(lastWordsMs / 50),
  ];
}
