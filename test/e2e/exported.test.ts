import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { DigestText } from "../../src/base/digest.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { labelChange } from "../../src/engine/quirks.ts";
import { Lock } from "../../src/environment/lock.ts";
import { packLock } from "../../src/environment/named/carried-lock.ts";
import { lockLabel } from "../../src/environment/named/portable.ts";
import { imageReference, labels } from "../../src/environment/names.ts";
import { connect, describeEngines } from "../engine/engines.ts";
import { startDockerRegistry } from "../loopback/docker-registry.ts";
import { alterImage } from "./alter.ts";
import { mainEngine } from "./engine.ts";
import { removal } from "./kiln.ts";
import { kilnFor } from "./opened.ts";

const Shown = z.object({ result: z.object({ lock: Lock }) });
const plain = "--tls-verify=false";
const seen = ["--", "sh", "-c", "cat note; dpkg-query -W"];

/** No other file brings environments from elsewhere: those that are here may be scrubbed. */
describeEngines("an exported environment", (tested) => {
  const kiln = kilnFor("each test", tested);
  let engine: Engine;
  let name: string;
  let copy: string;
  let list: string;
  beforeEach(async () => {
    engine = await connect(tested);
    name = `test-${randomBytes(4).toString("hex")}`;
    copy = `${name}-copy`;
    await kiln.succeed("env", "init", name, "-d", "trixie");
    await kiln.succeed("exec", "--env", name, "--save", "--", "sh", "-c", "echo by hand > note");
    list = (await kiln.succeed("exec", "--env", name, ...seen)).stdout;
  });
  afterEach(async () => {
    for (const each of [name, copy]) await kiln.run("env", "rm", each);
    await engine[Symbol.asyncDispose]();
  });

  test("is the same where it arrives, also after what brought it is scrubbed", async () => {
    await using registry = await startDockerRegistry();

    const pushed = await kiln.run("env", "export", plain, name, `${registry.host}/envs/dev:1`);
    const reference = pushed.stdout.trim();
    const pulled = await kiln.run("image", "pull", plain, reference, "dev.oci");
    const init = await kiln.run("env", "init", copy, plain, "--from", reference);
    const fromLayout = await kiln.run("exec", "--from", "dev.oci", ...seen);
    const arrived = await imported();
    const scrubbed = await kiln.run("scrub", "imported");
    const works = await kiln.run("exec", "--env", copy, ...seen);

    expect([pushed, pulled, init, scrubbed].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(reference).toMatch(/\/envs\/dev@sha256:[0-9a-f]{64}$/);
    expect(pushed.stderr).toContain("what was done in it by hand too");
    expect([fromLayout, works].map(({ stdout }) => stdout)).toEqual([list, list]);
    expect(list).toMatch(/^by hand\n(.+\n){50}/);
    expect(await lockOf(copy)).toEqual(await lockOf(name));
    const brought = imageReference("imported", DigestText.parse(reference.split("@")[1]));
    expect(arrived).toContain(brought);
    expect(await imported()).not.toContain(brought);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test.runIf(tested.name === mainEngine.name)(
    "goes by an archive, and is refused where it is not what its lock says",
    async () => {
      await kiln.succeed("env", "export", name, "oci-archive:dev.tar");
      const archived = await kiln.run("exec", "--from", "oci-archive:dev.tar", ...seen);
      const altered = `localhost/debkiln-test-${name}:altered`;
      const changes = [labelChange(lockLabel, packLock(await lockOf(name)))];
      await alterImage(tested, `localhost/debkiln/named/${name}:latest`, { to: altered, changes });
      const before = await imported();

      const refused = await kiln.run("env", "init", copy, "--from", `containers-storage:${altered}`);

      await engine.removeImage(altered);
      expect(archived).toMatchObject({ exitCode: 0, stdout: list });
      expect(refused).toMatchObject({ exitCode: 5 });
      expect(refused.stderr).toMatch(/error: .*not what its lock says: - hostname.*\nhint: Do not use it/);
      expect(await imported()).toEqual(before);
      expect((await kiln.run("env", "list")).stdout).not.toContain(copy);
      await expect.poll(() => kiln.containers(), removal).toEqual([]);
      expect(await kiln.run("scrub", "imported")).toMatchObject({ exitCode: 0 });
    },
  );

  async function lockOf(environment: string): Promise<Lock> {
    const { stdout } = await kiln.succeed("env", "show", environment, "--json");
    return Shown.parse(JSON.parse(stdout)).result.lock;
  }

  async function imported(): Promise<readonly string[]> {
    const images = await engine.images({ [labels.kind]: "imported" });
    return images.flatMap(({ references }) => references).toSorted();
  }
});
