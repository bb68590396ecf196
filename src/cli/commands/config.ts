import { Flags } from "@oclif/core";
import type { Setting } from "../../base/config.ts";
import { printableJson, printableLine } from "../../base/printable.ts";
import { KilnCommand } from "../command.ts";
import { table } from "../render/table.ts";

export class ConfigCommand extends KilnCommand {
  static override summary = "Show the settings in effect and where each comes from.";
  static override description =
    "Settings come from, each over those before it: built-in values, /etc/debkiln/config.toml, " +
    "~/.config/debkiln/config.toml, the nearest .debkiln.toml upward from here, DEBKILN_... variables, flags.";
  static override examples = [
    { description: "What is in effect here", command: "<%= config.bin %> config" },
    { description: "And who said so", command: "<%= config.bin %> config --origin" },
  ];
  static override flags = {
    origin: Flags.boolean({ description: "show where each value comes from" }),
  };

  async run(): Promise<number> {
    const { flags } = await this.parse(ConfigCommand);
    return await this.withSession(flags, async ({ config, result }) => {
      result(flags.origin ? originTable(config.settings) : tomlLines(config.settings), config.settings);
    });
  }
}

function tomlLines(settings: readonly Setting[]): string {
  return settings.map(({ key, value }) => `${printableLine(key)} = ${printableJson(value)}\n`).join("");
}

function originTable(settings: readonly Setting[]): string {
  const rows = settings.map(({ key, value, origin }) => [key, printableJson(value), origin]);
  return table(["KEY", "VALUE", "ORIGIN"], rows);
}
