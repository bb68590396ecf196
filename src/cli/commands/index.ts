import { BuildCommand } from "./build.ts";
import { ConfigCommand } from "./config.ts";
import { DoctorCommand } from "./doctor.ts";
import { ExplainCommand } from "./explain.ts";
import { SourceCommand } from "./source.ts";

/** The table of all commands, by oclif's ids: a colon stands where the user writes a space. */
export const commands = {
  build: BuildCommand,
  config: ConfigCommand,
  doctor: DoctorCommand,
  explain: ExplainCommand,
  source: SourceCommand,
};
