import { BuildCommand } from "./build.ts";
import { ConfigCommand } from "./config.ts";
import { DoctorCommand } from "./doctor.ts";

/** The table of all commands, by oclif's ids: a colon stands where the user writes a space. */
export const commands = {
  build: BuildCommand,
  config: ConfigCommand,
  doctor: DoctorCommand,
};
