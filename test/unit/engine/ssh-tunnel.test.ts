import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseEndpoint } from "../../../src/engine/endpoint.ts";
import { openSshTunnel } from "../../../src/engine/ssh-tunnel.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-test-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** A program `ssh` that does this, first in PATH; its own words are in a file `words`. */
async function withSsh(script: string) {
  const place = await mkdtemp(join(directory, "ssh-"));
  await mkdir(join(place, "run"));
  const program = join(place, "ssh");
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${place}/words\n${script}\n`);
  await chmod(program, 0o755);
  const runtime = join(place, "run");
  const environment = { PATH: `${place}:${process.env["PATH"]}`, XDG_RUNTIME_DIR: runtime };
  return { environment, runtime, words: () => readFile(join(place, "words"), "utf8") };
}

function endpoint(text: string) {
  const parsed = parseEndpoint(text);
  if (parsed.type !== "ssh") throw new Error(`${text} is not of ssh`);
  return parsed;
}

const never = () => Promise.reject(new Error("nothing answers"));

describe("openSshTunnel", () => {
  test.for([
    ["ssh://builder.example", 73, "no engine's socket", "give its path"],
    ["ssh://builder.example/run/x.sock", 74, "no socket of that path", "Give the path"],
    ["ssh://builder.example/run/x.sock", 75, "may not write to this socket", "Give a user"],
    ["ssh://ann@builder.example:2222", 255, "Permission denied", "`ssh -p 2222 ann@builder.example true`"],
  ] as const)(
    "says of %s, when ssh ends with %i, what is wrong over there",
    async ([text, code, why, hint]) => {
      const { environment, runtime } = await withSsh(
        `case "$*" in *" -N "*) echo "channel 1: open failed: connect failed: open failed" >&2; sleep 60;; esac
       [ ${code} -lt 255 ] || echo "ann@builder.example: Permission denied (publickey)." >&2
       exit ${code}`,
      );

      const opening = openSshTunnel(endpoint(text), never, { environment });

      await expect(opening).rejects.toMatchObject({ fault: "infrastructure", code: "ssh-failed" });
      await expect(opening).rejects.toThrow(why);
      await expect(opening).rejects.toHaveProperty("hint", expect.stringContaining(hint));
      expect(await readdir(runtime)).toEqual([]);
    },
  );

  test("forwards the path given, of whatever name, and asks nothing before", async () => {
    const { environment, words } = await withSsh("exec sleep 60");
    const answersOnce = async () => {
      if (!(await words().catch(() => "")).includes("-N")) throw new Error("not yet");
    };

    const tunnel = await openSshTunnel(endpoint("ssh://builder.example/run/it's.sock"), answersOnce, {
      environment,
    });
    await tunnel[Symbol.asyncDispose]();

    expect(await words()).toMatch(
      /^-o BatchMode=yes .* -L \S+\/engine.sock:\/run\/it's.sock -- builder.example\n$/,
    );
  });

  test("ends at the signal", async () => {
    const { environment, runtime } = await withSsh("exec sleep 60");
    const signal = AbortSignal.abort();

    const opening = openSshTunnel(endpoint("ssh://builder.example/run/x.sock"), never, {
      environment,
      signal,
    });

    await expect(opening).rejects.toMatchObject({ fault: "interrupted" });
    expect(await readdir(runtime)).toEqual([]);
  });
});
