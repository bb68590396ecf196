import { isDeepStrictEqual } from "node:util";
import { execaSync } from "execa";

/** What a Perl expression over `$_`, with dpkg's modules loaded, gives for each input; null where it dies. */
export function perl(modules: readonly string[], expression: string, inputs: readonly unknown[]): unknown[] {
  const program = `
    my $json = JSON::PP->new->utf8->allow_nonref->canonical;
    my $inputs = $json->decode(do { local $/; <STDIN> });
    open STDERR, '>', '/dev/null';
    print $json->encode([map { my $r = eval { ${expression} }; $r } @$inputs]);`;
  const options = ["JSON::PP", ...modules].map((module) => `-M${module}`);
  const { stdout } = execaSync("perl", [...options, "-e", program], { input: JSON.stringify(inputs) });
  const results: unknown = JSON.parse(stdout);
  if (!Array.isArray(results) || results.length !== inputs.length)
    throw new Error("The oracle lost an answer");
  return results;
}

/** What a shell command answers for each line of input, one line each. */
export function shell(loopBody: string, lines: readonly string[]): string[] {
  const script = `while IFS= read -r line; do ${loopBody}; done`;
  const { stdout } = execaSync("bash", ["-c", script], { input: lines.map((line) => `${line}\n`).join("") });
  return stdout.split("\n");
}

/** The inputs on which answers differ, with both answers: to be shown by an assertion that there are none. */
export function disagreements(
  inputs: readonly unknown[],
  actual: readonly unknown[],
  oracle: readonly unknown[],
): { readonly input: unknown; readonly actual: unknown; readonly oracle: unknown }[] {
  return inputs
    .map((input, i) => ({ input, actual: actual[i], oracle: oracle[i] }))
    .filter(({ actual, oracle }) => !isDeepStrictEqual(actual, oracle));
}
