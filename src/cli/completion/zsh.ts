import type { FlagFacts } from "../reference/facts.ts";
import { type CompletedCommand, quoted, single, topics } from "./words.ts";

/** For zsh (zshcompsys(1)): a file `_debkiln` in a directory of `$fpath`. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const beneath = topics(commands);
  const first = [
    ...single(commands).map(({ name, summary }) => described(name, summary)),
    ...[...beneath].map(([topic, those]) => described(topic, those.map(({ name }) => name).join(", "))),
  ];
  return `#compdef debkiln
# zsh completion of debkiln: debkiln completion zsh > "\${fpath[1]}/_debkiln"
_debkiln() {
  local -a words_here
  if ((CURRENT == 2)); then
    words_here=(
${first.map((each) => `      ${each}`).join("\n")}
    )
    _describe command words_here
    return
  fi
  case \${words[2]} in
${[...beneath].map(([topic, those]) => topicCase(topic, those)).join("\n")}
    *) _debkiln_flags "\${words[2]}" 1 ;;
  esac
}

_debkiln_flags() {
  local name=$1 count=$2
  # _arguments reads the words from the command's own name on.
  words=("$name" "\${(@)words[count + 2,-1]}")
  ((CURRENT -= count))
  case $name in
${commands.map(commandCase).join("\n")}
  esac
}

_debkiln "$@"
`;
}

function described(name: string, summary: string): string {
  return quoted(`${name}:${summary}`);
}

function topicCase(topic: string, commands: readonly { readonly name: string; readonly summary: string }[]) {
  const words = commands.map(({ name, summary }) => described(name.slice(topic.length + 1), summary));
  return `    ${topic})
      if ((CURRENT == 3)); then
        words_here=(
${words.map((each) => `          ${each}`).join("\n")}
        )
        _describe command words_here
      else
        _debkiln_flags "\${words[2]} \${words[3]}" 2
      fi
      ;;`;
}

function commandCase({ name, all }: CompletedCommand): string {
  const specs = all.flatMap(specifications).map((each) => `        ${quoted(each)} \\`);
  return `    ${quoted(name)})
      _arguments -s \\
${specs.join("\n")}
        '*: :_files'
      ;;`;
}

/** A flag in the terms of _arguments, once for each way to write it. */
function specifications({ name, char, value, choices, negated, description }: FlagFacts): string[] {
  const text = `[${description.replace(/[[\]\\]/g, String.raw`\$&`)}]`;
  const list = choices.length > 0 ? `(${choices.join(" ")})` : "_files";
  const after = value === null ? "" : `:${value.replaceAll(":", String.raw`\:`)}:${list}`;
  return [
    ...(char === null ? [] : [`-${char}${value === null ? "" : "+"}${text}${after}`]),
    `--${name}${value === null ? "" : "="}${text}${after}`,
    ...(negated ? [`--no-${name}${text}`] : []),
  ];
}
