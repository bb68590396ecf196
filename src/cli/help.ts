import { Help } from "@oclif/core";

const rootHelp = `debkiln builds Debian packages in layered container environments, with podman or docker.

  debkiln doctor --fix      make this machine ready for builds
  debkiln build hello       build a package of the archive by its name
  debkiln build             build the source tree in this directory

`;

/** oclif's help, but the first page says what a new user wants to know, and has one line for commands that go together. */
export class KilnHelp extends Help {
  protected override async showRootHelp(): Promise<void> {
    const topics = this.sortedTopics.map(
      ({ name, description }) => [`${name} ...`, description ?? ""] as const,
    );
    const commands = this.sortedCommands
      .filter(({ hidden, id }) => !hidden && !id.includes(":"))
      .map(({ id, summary }) => [id, summary ?? ""] as const);
    const rows = [...commands, ...topics].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const width = Math.max(...rows.map(([name]) => name.length)) + 2;
    const lines = rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}`);
    this.log(
      `${rootHelp}COMMANDS\n${lines.join("\n")}\n\nMore about a command: debkiln COMMAND --help. Version: debkiln --version.`,
    );
  }
}
