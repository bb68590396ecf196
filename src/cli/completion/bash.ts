import type { FlagFacts } from "../reference/facts.ts";
import { type CompletedCommand, quoted, topics } from "./words.ts";

/** For bash 4 and newer (bash(1), Programmable Completion). Where nothing is known it completes file names. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const beneath = topics(commands);
  const first = new Set(commands.map(({ name }) => name.split(" ")[0] ?? name));
  return `# bash completion of debkiln: source <(debkiln completion bash)
_debkiln() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} at=1
  COMPREPLY=()
  # --flag=value comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $command in
    ${[...beneath.keys()].join(" | ")})
      at=2
      command="$command \${COMP_WORDS[2]}"
      ;;
  esac
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quoted([...first].join(" "))} -- "$cur"))
    return
  fi
  if ((COMP_CWORD == at)); then
    case \${COMP_WORDS[1]} in
${[...beneath].map(([topic, those]) => topicCase(topic, those)).join("\n")}
    esac
    return
  fi
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}
complete -o default -F _debkiln debkiln
`;
}

function topicCase(topic: string, commands: readonly { readonly name: string }[]): string {
  const words = commands.map(({ name }) => name.slice(topic.length + 1));
  return `      ${topic}) COMPREPLY=($(compgen -W ${quoted(words.join(" "))} -- "$cur")) ;;`;
}

function commandCase({ name, all }: CompletedCommand): string {
  const valued = all.filter(({ value }) => value !== null);
  const chosen = valued.filter(({ choices }) => choices.length > 0);
  const free = valued.filter(({ choices }) => choices.length === 0);
  return `    ${quoted(name)})
      case $prev in
${chosen.map((flag) => `        ${spellings(flag).join(" | ")}) COMPREPLY=($(compgen -W ${quoted(flag.choices.join(" "))} -- "$cur")) ;;`).join("\n")}
        ${free.flatMap(spellings).join(" | ")}) ;;
        *) [[ $cur != -* ]] || COMPREPLY=($(compgen -W ${quoted(all.flatMap(spellings).join(" "))} -- "$cur")) ;;
      esac
      ;;`;
}

/** The ways to write a flag. */
function spellings({ name, char, negated }: FlagFacts): string[] {
  return [...(char === null ? [] : [`-${char}`]), `--${name}`, ...(negated ? [`--no-${name}`] : [])];
}
