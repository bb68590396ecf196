import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { isDigest } from "../../src/base/digest.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { labelChange } from "../../src/engine/quirks.ts";
import { Lock } from "../../src/environment/lock.ts";
import { packLock } from "../../src/environment/named/carried-lock.ts";
import { lockLabel } from "../../src/environment/named/portable.ts";
import { imageReference, labels } from "../../src/environment/names.ts";
import { connect } from "../engine/engines.ts";
import { alterImage } from "./alter.ts";
import { mainEngine } from "./engine.ts";
import { removal } from "./kiln.ts";
import { kilnFor, registryFor } from "./opened.ts";

const Shown = z.object({ result: z.object({ lock: Lock, history: z.array(z.string()) }) });
const plain = "--tls-verify=false";
const installed = ["--", "dpkg-query", "-W"];

describe(`an exported environment on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);
  const registry = registryFor("each test");
  let name: string;
  let copy: string;
  beforeEach(() => {
    name = `test-${randomBytes(4).toString("hex")}`;
    copy = `${name}-copy`;
  });
  afterEach(async () => {
    for (const each of [name, copy]) await kiln.run("env", "rm", each);
  });

  test("is the same where it arrives, and refused where it is not what its lock says", async () => {
    await kiln.succeed("env", "init", name, "hello", "-d", "trixie");
    const lock = await lockOf(name);
    const list = (await kiln.succeed("exec", "--env", name, ...installed)).stdout;

    await kiln.succeed("env", "export", name, "oci-archive:dev.tar");
    const pushed = await kiln.succeed("env", "export", plain, name, `${registry.host}/envs/dev:1`);
    const reference = pushed.stdout.trim();
    const init = await kiln.run("env", "init", copy, plain, "--from", reference);
    const works = await kiln.run("exec", "--env", copy, "--", "sh", "-c", "hello; dpkg-query -W");
    const archived = await kiln.run("exec", "--from", "oci-archive:dev.tar", ...installed);

    const digest = reference.split("@")[1] ?? "";
    expect(reference).toBe(`${registry.host}/envs/dev@${digest}`);
    expect(init).toMatchObject({ exitCode: 0 });
    expect(works).toMatchObject({ exitCode: 0, stdout: `Hello, world!\n${list}` });
    expect(await lockOf(copy)).toEqual(lock);
    expect(archived).toMatchObject({ exitCode: 0, stdout: list });

    const altered = `localhost/debkiln-test-${name}:altered`;
    const changes = [labelChange(lockLabel, packLock(lock))];
    await alterImage(mainEngine, `localhost/debkiln/named/${name}:latest`, { to: altered, changes });
    await using engine = await connect(mainEngine);
    try {
      const before = await imported(engine);
      const refused = await kiln.run("env", "init", `${name}-2`, "--from", `containers-storage:${altered}`);

      expect(refused).toMatchObject({ exitCode: 5 });
      expect(refused.stderr).toMatch(/error: .*not what its lock says: - hostname.*\nhint: Do not use it/);
      expect(await imported(engine)).toEqual(before);
      expect((await kiln.run("env", "list")).stdout).not.toContain(`${name}-2`);
      await expect.poll(() => kiln.containers(), removal).toEqual([]);
    } finally {
      await engine.removeImage(altered);
      if (isDigest(digest)) await engine.removeImage(imageReference("imported", digest));
    }
  });

  async function lockOf(environment: string): Promise<Lock> {
    const { stdout } = await kiln.succeed("env", "show", environment, "--json");
    return Shown.parse(JSON.parse(stdout)).result.lock;
  }
});

async function imported(engine: Engine): Promise<readonly string[]> {
  const images = await engine.images({ [labels.kind]: "imported" });
  return images.flatMap(({ references }) => references).toSorted();
}
