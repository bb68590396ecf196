import { Flags } from "@oclif/core";
import { type Setting, treeOf } from "../../base/config.ts";
import { escapeUnprintable, printableJson } from "../../base/printable.ts";
import { formatToml } from "../../base/toml.ts";
import { KilnCommand } from "../command.ts";
import { table } from "../render/table.ts";
import type { Session } from "../session.ts";

export class ConfigCommand extends KilnCommand {
  static override summary = "Show the settings in effect and where each comes from.";
  static override description =
    "Settings come from, each over those before it: built-in values, /etc/debkiln/config.toml, " +
    "~/.config/debkiln/config.toml, the nearest .debkiln.toml upward from here, DEBKILN_... variables, flags.";
  static override examples = [
    { description: "What is in effect here", command: "<%= config.bin %> config" },
    { description: "And who said so", command: "<%= config.bin %> config --origin" },
    {
      description: "All that is in force, targets and mirrors too, as a file of settings",
      command: "<%= config.bin %> config --expanded > settings.toml",
    },
  ];
  static override flags = {
    origin: Flags.boolean({ description: "show where each value comes from" }),
    expanded: Flags.boolean({
      description: "with the targets in full and what follows from this host, as TOML that can be read back",
    }),
  };

  async run(): Promise<number> {
    const { flags } = await this.parse(ConfigCommand);
    return await this.withSession(flags, async (session) => {
      const settings = flags.expanded ? await expanded(session) : session.config.settings;
      session.result(flags.origin ? originTable(settings) : tomlText(settings), settings);
    });
  }
}

async function expanded(session: Session): Promise<readonly Setting[]> {
  const { expandedSettings } = await import("../expanded-config.ts");
  return await expandedSettings(session);
}

function tomlText(settings: readonly Setting[]): string {
  return escapeUnprintable(formatToml(treeOf(settings)));
}

function originTable(settings: readonly Setting[]): string {
  const rows = settings.map(({ key, value, origin }) => [key, printableJson(value), origin]);
  return table(["KEY", "VALUE", "ORIGIN"], rows);
}
