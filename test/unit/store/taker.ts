import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { keyOf } from "../../../src/base/digest.ts";
import { z } from "zod";
import { claimUnlessFound, once } from "../../../src/store/once.ts";
import { Store } from "../../../src/store/store.ts";

/** A process that takes part in making one thing (`once`), or takes the claim to it and never comes back (`hold`). */
const [directory = "", role = ""] = process.argv.slice(2);
const store = new Store(directory);
const key = keyOf("thing");
const { signal } = new AbortController();

if (role === "hold") {
  await claimUnlessFound(store, "thing", key, signal, { find: () => Promise.resolve(null) });
  process.stdout.write("held\n");
  await new Promise((resolve) => process.stdin.resume().once("end", resolve));
} else {
  const made = await once(store, "thing", key, signal, {
    find: () => store.recall("thing", key, z.string()),
    make: async () => {
      await appendFile(join(directory, "makers"), `${process.pid}\n`);
      await store.remember("thing", key, "the thing");
      return "the thing";
    },
  });
  process.stdout.write(
    `${made}, ${(await readFile(join(directory, "makers"), "utf8")).split("\n").length - 1}\n`,
  );
}
