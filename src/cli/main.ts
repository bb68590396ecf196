#!/usr/bin/env node
import { version } from "./version.ts";

const argv = process.argv.slice(2);
if (argv[0] === "--version" || argv[0] === "version") process.stdout.write(`debkiln ${version()}\n`);
else {
  const { loadZod } = await import("./load-zod.ts");
  await loadZod();
  const { run } = await import("./run.ts");
  process.exitCode = await run(argv);
}
