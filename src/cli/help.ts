import { Help } from "@oclif/core";

const rootHelp = `debkiln builds Debian packages in layered container environments, with podman or docker.

  debkiln doctor --fix      make this machine ready for builds
  debkiln build hello       build a package of the archive by its name
  debkiln build             build the source tree in this directory

`;

/** oclif's help, but the first page says what a new user wants to know. */
export class KilnHelp extends Help {
  protected override async showRootHelp(): Promise<void> {
    const topics = this.sortedTopics.map((topic) => topic.name);
    const rows = this.sortedCommands
      .filter((command) => !command.hidden)
      .map((command) => [command.id.replaceAll(":", " "), command.summary ?? ""] as const);
    const width = Math.max(...rows.map(([name]) => name.length), ...topics.map((name) => name.length)) + 2;
    const lines = rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}`);
    this.log(
      `${rootHelp}COMMANDS\n${lines.join("\n")}\n\nMore about a command: debkiln COMMAND --help. Version: debkiln --version.`,
    );
  }
}
