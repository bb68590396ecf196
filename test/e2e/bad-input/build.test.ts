import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program, readRecords } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { type Place, openPlace, refusalOf, refused } from "./place.ts";

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

const inTree = [
  "binary-arch: build-arch",
  "\tmkdir -p debian/$(P)/DEBIAN",
  "\tdpkg-gencontrol -p$(P) -Pdebian/$(P)",
];

/** Builds a package whose binary-arch target ends with these lines, after the .deb was made in the directory above. */
async function buildWith(name: string, after: readonly string[], words: readonly string[] = []) {
  const lines = [
    ...inTree,
    "\tdpkg-deb --root-owner-group --build debian/$(P) ..",
    ...after.map((line) => `\t${line}`),
  ];
  const head = ["#!/usr/bin/make -f", `P := ${name}`, "clean build build-arch build-indep binary-indep:"];
  const rules = [...head, ...lines, "binary: binary-arch", ".PHONY: build", ""].join("\n");
  const tree = await writeTree(place.directory, { name, rules });
  const ended = await place.run(["build", "--arch-any", ...words, tree]);
  const results = join(place.directory, `out/${name}_1.0_amd64`);
  return { ended, tree, results, failed: `${results}.failed` };
}

/** Something that runs on after the build and acts once there is a .changes. */
function afterChanges(name: string, action: string): string {
  return `(setsid sh -c 'while [ ! -s ../${name}_1.0_amd64.changes ]; do sleep 0.01; done; sleep 0.02; ${action}' >/dev/null 2>&1 &)`;
}

describe("a build that leaves as its result", () => {
  const hostile = /A build writes only regular files that its \.changes lists/;
  const meddled = /nothing was taken over/;
  test.each<[what: string, after: (name: string) => string[], says: RegExp, hint: RegExp]>([
    [
      "symlink",
      (name) => [`rm ../${name}_1.0_amd64.deb && ln -s /etc/passwd ../${name}_1.0_amd64.deb`],
      /_amd64\.deb" is a symbolic link and not a regular file$/,
      hostile,
    ],
    [
      "hardlink",
      (name) => [
        `ln ../${name}_1.0_amd64.deb ../second.deb`,
        "echo second.deb misc optional >> debian/files",
      ],
      /is a hard link and not a regular file$/,
      hostile,
    ],
    [
      "pipe",
      (name) => [afterChanges(name, `rm ../${name}_1.0_amd64.deb; mkfifo ../${name}_1.0_amd64.deb`)],
      /_amd64\.deb" is a named pipe and not a regular file$|_amd64\.deb, but the build did not leave that file$/,
      /taken over/,
    ],
    [
      "missing",
      (name) => [afterChanges(name, `rm ../${name}_1.0_amd64.deb`)],
      /_amd64\.changes lists \S+_amd64\.deb, but the build did not leave that file$/,
      meddled,
    ],
    [
      "other-bytes",
      (name) => [
        afterChanges(name, `tr d D < ../${name}_1.0_amd64.deb > ../x; cat ../x > ../${name}_1.0_amd64.deb`),
      ],
      /_amd64\.deb has SHA256 \w+, but its \.changes says \w+$/,
      meddled,
    ],
    [
      "longer",
      (name) => [afterChanges(name, `while echo more >> ../${name}_1.0_amd64.deb; do sleep 0.05; done`)],
      /_amd64\.deb has \d+ bytes, but its \.changes says \d+ bytes$/,
      meddled,
    ],
    [
      "name-above",
      () => ["echo ../../tmp/evil misc optional >> debian/files"],
      /^dpkg-buildpackage failed with exit code \d+$/,
      /The end of the log tells why/,
    ],
  ])("%s is refused, with its log kept and nothing taken", async (what, after, says, hint) => {
    const name = `bad-${what}`;

    const { ended, failed } = await buildWith(name, after(name));

    expect(refusalOf(ended)).toEqual(refused({ exitCode: 3, says, hint }));
    const { names, log } = await readRecords(failed);
    expect(names).toEqual([`${name}_1.0_amd64.build`, "events.jsonl", "lock.json", "result.json"].toSorted());
    expect(log).toContain("dpkg-buildpackage: info: source package");
  });

  test("a .changes that names a file of the directory above is refused", async () => {
    const name = "bad-changes";
    const forge = `sed -i 's,${name}_1.0_amd64.deb,../../etc/passwd,' ../${name}_1.0_amd64.changes`;

    const { ended } = await buildWith(name, [afterChanges(name, forge)]);

    expect(refusalOf(ended)).toEqual(
      refused({
        exitCode: 3,
        says: /names a file "\.\.\/\.\.\/etc\/passwd"$/,
        hint: /do not trust this file/,
      }),
    );
  });

  test("leaves earlier results and their log as they were", async () => {
    const name = "bad-second";
    const first = await buildWith(name, []);
    expect(first.ended).toMatchObject({ exitCode: 0 });
    const before = await readRecords(first.results);

    const second = await buildWith(name, [`ln -sf /etc/passwd ../${name}_1.0_amd64.deb`]);

    expect(second.ended).toMatchObject({ exitCode: 3 });
    expect(await readRecords(first.results)).toEqual(before);
  });
});

describe("a build that prints", () => {
  const name = "bad-words";
  const words = String.raw`\033]0;pwned\007\033[2J\033[31mred\n::set-output name=a::b\n  ::error::x\n##[command]x\n::stop-commands::t\n`;
  let tree: string;
  beforeAll(async () => {
    const built = await buildWith(name, [`printf '${words.replaceAll("#", "\\#")}'`]);
    if (built.ended.exitCode !== 0) throw new Error(built.ended.stderr);
    ({ tree } = built);
  });

  test("what steers terminals leaves it in the log only", async () => {
    const log = await readFile(
      join(place.directory, `out/${name}_1.0_amd64/${name}_1.0_amd64.build`),
      "utf8",
    );
    const plain = await place.run(["build", "--arch-any", "--verbose", tree]);
    const command = `'${program}' build --arch-any --verbose --color always '${tree}'`;
    const terminal = await execa("script", ["-qec", command, "/dev/null"], {
      cwd: place.directory,
      env: { ...place.environment, TERM: "xterm" },
      extendEnv: false,
      stdin: "ignore",
    });

    expect(log).toContain("\u001b]0;pwned\u0007\u001b[2J\u001b[31mred\n");
    expect(plain.stdout + plain.stderr).not.toContain("\u001b");
    expect(plain.stderr).toMatch(/^\| red$/m);
    expect(terminal.stdout).toMatch(/red\r?$/m);
    expect(terminal.stdout).not.toMatch(/\u001b\]0;pwned|\u001b\[2J|\u001b\[31mred/);
  });

  test("commands to a CI runner gives it none", async () => {
    const ended = await place.run(["build", "--arch-any", "--verbose", tree], { GITHUB_ACTIONS: "true" });

    const commands = (ended.stdout + ended.stderr).match(/^\s*::.*|##\[.*/gm) ?? [];
    expect(ended.stderr).toContain("set-output name=a");
    expect(commands.filter((each) => !/^::(group::|endgroup::)/.test(each))).toEqual([]);
  });
});

describe("a build that takes too much is ended:", () => {
  test("of processes", async () => {
    const name = "bad-forks";
    const { ended, failed } = await buildWith(
      name,
      [`i=0; while [ $$i -lt 400 ]; do sleep 60 & i=$$((i+1)); done`],
      ["--pids", "100", "--timeout", "60s"],
    );

    // Whose fault it is depends on whether the kernel counts: rootless engines on cgroup v1 have no such counter.
    const { result } = await readRecords(failed);
    const counted = result.failure?.code === "process-limit";
    const says = counted
      ? /could not start more processes \(the limit is 100\)/
      : /failed with exit code \d+$/;
    expect(refusalOf(ended)).toEqual(refused({ exitCode: counted ? 5 : 3, says, hint: /--pids/ }));
  });

  test("of disk", async () => {
    const { ended } = await buildWith(
      "bad-disk",
      ["head -c 300M /dev/zero > big; sleep 60"],
      ["--disk", "100M", "--timeout", "60s"],
    );

    expect(refusalOf(ended)).toEqual(
      refused({ exitCode: 5, says: /^The build used more than 105 MB of disk$/, hint: /--disk/ }),
    );
  });
});

test("a log of thirty megabytes in one line and two million others is kept whole", async () => {
  const { ended, failed } = await buildWith("bad-log", [
    "yes | head -c 4M; head -c 26M /dev/zero | tr '\\\\0' x; exit 1",
  ]);

  expect(refusalOf(ended)).toMatchObject({ exitCode: 3, stack: false, containers: [] });
  expect(ended.stderr.length).toBeLessThan(1_000_000);
  expect((await readRecords(failed)).log.length).toBeGreaterThan(30_000_000);
});

test("a build is an unprivileged user without network, capabilities or a way to become root", async () => {
  const { ended, results } = await buildWith("bad-rights", [
    "grep -E '^(Uid|CapEff|CapPrm|CapBnd|NoNewPrivs)' /proc/self/status",
    "echo interfaces: $$(ls /sys/class/net | tr '\\n' ' ')",
    "bash -c 'echo > /dev/tcp/127.0.0.1/22' 2>&1 | grep -o 'refused' | sed 's/^/loopback: /'",
    "bash -c 'echo > /dev/tcp/192.0.2.1/80' 2>&1 | grep -o 'unreachable' | sed 's/^/network: /'",
    "su -c 'id -u' </dev/null 2>&1 || echo no root by su",
    "mount -t tmpfs none /tmp 2>&1 || echo no mount",
    "unshare -U -r true 2>&1 && echo namespace made || echo no namespace",
    "mknod x c 1 3 2>&1 || echo no device",
    "touch /usr/evil 2>&1 || echo no write",
    "ls /run/podman /var/run/docker.sock 2>&1 || echo no engine",
  ]);

  expect(ended).toMatchObject({ exitCode: 0 });
  const { log } = await readRecords(results);
  expect(log).toMatch(/^CapEff:\t0000000000000000\nCapBnd:/m);
  expect(log).toMatch(/^CapPrm:\t0000000000000000$/m);
  expect(log).toMatch(/^NoNewPrivs:\t1$/m);
  expect(log).toMatch(/^Uid:\t[1-9]\d*\t/m);
  expect(log).toMatch(/^interfaces: lo$/m);
  for (const line of [
    "loopback: refused",
    "network: unreachable",
    "no root by su",
    "no mount",
    "no device",
    "no write",
    "no engine",
  ]) {
    expect(log).toContain(`\n${line}\n`);
  }
});
