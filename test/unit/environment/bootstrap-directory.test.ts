import { chmod, mkdir, mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bootstrapDirectory } from "../../../src/environment/bootstrap-directory.ts";

test("mmdebstrap works where files are temporary, if it may pass to that", async () => {
  await using closed = await mkdtempDisposable("/tmp/debkiln-closed-");
  const inside = join(closed.path, "open");
  await mkdir(inside, { mode: 0o755 });

  const places = {
    closed: await bootstrapDirectory("ordinary", closed.path),
    below: await bootstrapDirectory("ordinary", inside),
    root: await bootstrapDirectory("root", inside),
  };
  await chmod(closed.path, 0o711);
  const opened = await bootstrapDirectory("ordinary", inside);

  expect(places).toEqual({ closed: "/var/tmp", below: "/var/tmp", root: inside });
  expect(opened).toBe(inside);
});
