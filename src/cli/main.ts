#!/usr/bin/env node
import { version } from "./version.ts";

const argv = process.argv.slice(2);
if (argv[0] === "--version" || argv[0] === "version") process.stdout.write(`debkiln ${version()}\n`);
else {
  const { loadZod } = await import("./load-zod.ts");
  await loadZod();
  // oclif would load the 47 files of semver to look at Node's version again, which bin/debkiln has looked at.
  process.env["OCLIF_DISABLE_ENGINE_WARNING"] = "true";
  const { run } = await import("./run.ts");
  delete process.env["OCLIF_DISABLE_ENGINE_WARNING"];
  process.exitCode = await run(argv);
}
