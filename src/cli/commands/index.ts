import type { Command } from "@oclif/core";
import { commandFiles } from "./files.ts";

/** Every command by oclif's id. */
export const commands: Readonly<Record<string, Command.Class>> = Object.fromEntries(
  await Promise.all(Object.entries(commandFiles).map(async ([id, load]) => [id, await load()] as const)),
);
