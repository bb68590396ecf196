import { expect, test } from "vitest";
import { Task } from "../../../src/base/event.ts";
import { requireConfined, usualTrust, warnOfHostRoot } from "../../../src/build/trust.ts";
import type { About } from "../../../src/engine/engine.ts";

const about = (hostRoot: boolean): About => ({
  kind: "docker",
  version: "1",
  endpoint: "unix:///run/docker.sock",
  rootless: false,
  hostRoot,
  architecture: "amd64",
  storageDriver: "overlay",
  cgroupVersion: 2,
  limits: true,
  cpus: 2,
  memoryBytes: 4e9,
});

const asked = () => Promise.reject(new Error("asked"));

test("packages of the archive and trees are trusted, of what comes from elsewhere it is not known", () => {
  expect(usualTrust({ kind: "package", name: "sl", version: null })).toBe("trusted");
  expect(usualTrust({ kind: "tree", directory: "/x" })).toBe("trusted");
  expect(usualTrust({ kind: "dsc", path: "/x.dsc" })).toBe("unknown");
  expect(usualTrust({ kind: "dsc-url", url: "https://mirror.example/x.dsc" })).toBe("unknown");
});

test("an untrusted package is not built where root is the machine's, nor where that is not known", async () => {
  const refused = expect.objectContaining({ code: "engine-is-root" });

  await expect(requireConfined("untrusted", () => Promise.resolve(about(true)))).rejects.toEqual(refused);
  await expect(requireConfined("untrusted", () => Promise.resolve(null))).rejects.toEqual(refused);
  await requireConfined("untrusted", () => Promise.resolve(about(false)));
});

test("the engine is not asked for what is trusted", async () => {
  for (const trust of ["trusted", "unknown", undefined] as const)
    await expect(requireConfined(trust, asked)).resolves.toBe(undefined);
});

test("only a source of which nothing is known is warned of, and only where root is the machine's", () => {
  const warned: unknown[] = [];
  const task = new Task((event) => warned.push(event), ["x"]);

  warnOfHostRoot("trusted", about(true), task);
  warnOfHostRoot("untrusted", about(true), task);
  warnOfHostRoot("unknown", about(false), task);
  warnOfHostRoot("unknown", null, task);
  expect(warned).toEqual([]);
  warnOfHostRoot("unknown", about(true), task);
  expect(warned).toMatchObject([{ type: "warning", hint: expect.stringContaining("--trust") }]);
});
