import { Args } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { shells } from "../completion/shells.ts";

export class CompletionCommand extends KilnCommand {
  static override summary = "Print a script that completes debkiln's words in a shell.";
  static override description =
    "The script knows every command, its flags and the values of those that have a fixed set; elsewhere it completes " +
    "file names. Make it again after an update.";
  static override examples = [
    { description: "bash, in this shell", command: "source <(<%= config.bin %> completion bash)" },
    {
      description: "bash, from the next login on",
      command:
        "<%= config.bin %> completion bash > ~/.local/share/bash-completion/completions/<%= config.bin %>",
    },
    { description: "zsh", command: '<%= config.bin %> completion zsh > "${fpath[1]}/_<%= config.bin %>"' },
    {
      description: "fish",
      command: "<%= config.bin %> completion fish > ~/.config/fish/completions/<%= config.bin %>.fish",
    },
  ];
  static override args = {
    shell: Args.option({
      description: `${shells.join(", ")} (default: what $SHELL names)`,
      options: shells,
    })(),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(CompletionCommand);
    return await this.withSession(flags, async (session) => {
      const { completionScript, loginShell } = await import("../completion/script.ts");
      const { commandFacts } = await import("../reference/facts.ts");
      const table = Object.fromEntries(this.config.commands.map((each) => [each.id, each]));
      const script = completionScript(args.shell ?? loginShell(session.environment), commandFacts(table));
      session.result(script.trimEnd(), { script });
    });
  }
}
