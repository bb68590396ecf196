import { execa } from "execa";
import { expect, test } from "vitest";
import { commands } from "../../../../src/cli/commands/index.ts";
import { commandFacts } from "../../../../src/cli/reference/facts.ts";
import { manualPage } from "../../../../src/cli/reference/manual.ts";

test("the manual is read by groff without a warning, and tells hyphens, quotes and dots as they are", async () => {
  const facts = {
    summary: "Do 'it'.",
    description: ".config is read; C:\\x stays.",
    flags: { "no-op": { type: "option", char: "n", helpValue: "A|B", description: "`x` ~ ^" } },
    examples: [{ description: "For one", command: "<%= config.bin %> do --no-op=A" }],
  };
  const input = manualPage(commandFacts({ "do:it": facts }));
  const { stdout, stderr } = await execa("groff", ["-man", "-ww", "-Tutf8", "-P-cbou"], { input });

  expect(stderr).toBe("");
  expect(stdout).toContain("debkiln do it [FLAG...]\n");
  expect(stdout).toContain(".config is read; C:\\x stays.");
  expect(stdout).toContain("-n, --no-op A|B\n              `x` ~ ^");
  expect(stdout).toContain("debkiln do --no-op=A");
});

test("the manual of all commands is read by groff without a warning", async () => {
  const { stderr } = await execa("groff", ["-man", "-ww", "-Tutf8"], {
    input: manualPage(commandFacts(commands)),
  });

  expect(stderr).toBe("");
});
