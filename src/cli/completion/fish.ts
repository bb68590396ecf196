import type { FlagFacts } from "../reference/facts.ts";
import { type CompletedCommand, single, topics } from "./words.ts";

/** For fish 3 and newer (complete(1)): a file `debkiln.fish` in a directory of `$fish_complete_path`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const beneath = topics(commands);
  return `# fish completion of debkiln: debkiln completion fish > ~/.config/fish/completions/debkiln.fish
function __debkiln_at --description 'whether the words before the cursor begin with exactly these'
  set -l before (commandline -opc)
  set -l count (count $argv)
  test (count $before) -gt $count; or return 1
  test $count -eq 0; and test (count $before) -ne 1; and return 1
  test $count -eq 0; and return 0
  set -l last (math $count + 1)
  test "$before[2..$last]" = "$argv"
end
function __debkiln_topic --description 'whether this word is the only one before the cursor'
  set -l before (commandline -opc)
  test (count $before) -eq 2; and test "$before[2]" = "$argv[1]"
end
${[
  ...single(commands).map(({ name, summary }) => word("__debkiln_at", name, summary)),
  ...[...beneath].flatMap(([topic, those]) => [
    word("__debkiln_at", topic, those.map(({ name }) => name).join(", ")),
    ...those.map(({ name, summary }) =>
      word(`__debkiln_topic ${topic}`, name.slice(topic.length + 1), summary),
    ),
  ]),
  ...commands.flatMap(({ name, all }) => all.flatMap((flag) => flagLines(name, flag))),
].join("\n")}
`;
}

function word(condition: string, name: string, summary: string): string {
  return `complete -c debkiln -f -n ${fishQuoted(condition)} -a ${fishQuoted(name)} -d ${fishQuoted(summary)}`;
}

function flagLines(command: string, { name, char, value, choices, negated, description }: FlagFacts) {
  const condition = `complete -c debkiln -n ${fishQuoted(`__debkiln_at ${command}`)}`;
  const short = char === null ? "" : ` -s ${char}`;
  const list = choices.length > 0 ? ` -x -a ${fishQuoted(choices.join(" "))}` : " -r";
  const own = `${condition}${short} -l ${name}${value === null ? "" : list} -d ${fishQuoted(description)}`;
  return negated ? [own, `${condition} -l no-${name} -d ${fishQuoted(description)}`] : [own];
}

/** Within fish's single quotes only the quote itself and the backslash are special. */
function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, String.raw`\$&`)}'`;
}
