import { describe, expect, test } from "vitest";
import { commands } from "../../../src/cli/commands/index.ts";

describe.each(Object.entries(commands))("the command %s", (id, command) => {
  test("has a summary that is a sentence, a description and examples that call it", () => {
    const called = (command.examples ?? []).map((example) =>
      typeof example === "string" ? example : example.command,
    );

    expect(command.summary).toMatch(/^[A-Z].*\.$/);
    expect(command.description?.length).toBeGreaterThan(40);
    expect(called.length).toBeGreaterThan(0);
    expect(called.filter((text) => !text.includes(`<%= config.bin %> ${id.replace(":", " ")}`))).toEqual([]);
  });

  test("describes each of its flags", () => {
    const flags: Record<string, { readonly description?: string | undefined }> = { ...command.flags };

    expect(Object.keys(flags).filter((name) => !flags[name]?.description)).toEqual([]);
  });
});
