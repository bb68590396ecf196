import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Repository } from "../../../src/debian/repository.ts";
import { dearmor } from "../../../src/debian/openpgp-armor.ts";
import { archiveOf, hostRepositories } from "../../../src/environment/archive.ts";
import { baseRepositories, reluctantSuite } from "../../../src/environment/base-repositories.ts";
import { Target } from "../../../src/environment/target.ts";

const mirror = "http://mirror.example/debian";
const security = "http://security.mirror.example/debian-security";

function target(words: Partial<Target>): Target {
  return Target.parse({ suite: "trixie", architecture: "amd64", ...words });
}

function fromHost(uri: string, ...suites: string[]): Repository {
  return { types: ["deb"], uris: [uri], suites, components: ["main"], signedBy: null, enabled: true };
}

const host = [
  fromHost("https://packages.mirror.example/node", "nodistro"),
  fromHost("cdrom:[Debian 12]/", "bookworm"),
  fromHost(`${mirror}/`, "bookworm", "bookworm-updates"),
  fromHost(security, "bookworm-security"),
];

async function placesOf(words: Partial<Target>, from: readonly Repository[] = host) {
  const { main } = await archiveOf(target(words), from);
  return main?.map(({ uris, suites }) => [uris.join(" "), suites.join(" ")]) ?? null;
}

describe("the archive of a target", () => {
  test("is at the host's own mirrors, whatever suites the host has of them", async () => {
    expect(await placesOf({})).toEqual([
      [mirror, "trixie trixie-updates"],
      [security, "trixie-security"],
    ]);
  });

  test("is unknown when the host has no Debian mirror that can be downloaded from", async () => {
    expect(await placesOf({}, host.slice(0, 2))).toBe(null);
    expect(await placesOf({}, [{ ...fromHost(mirror, "trixie"), enabled: false }])).toBe(null);
    expect(await placesOf({}, [{ ...fromHost(mirror, "trixie"), types: ["deb-src"] }])).toBe(null);
  });

  test.each([
    ["sid", [[mirror, "sid"]]],
    ["experimental", [[mirror, "sid experimental"]]],
    [
      "trixie-backports",
      [
        [mirror, "trixie trixie-updates trixie-backports"],
        [security, "trixie-security"],
      ],
    ],
  ])("has what %s stands on and what goes with it", async (suite, expected) => {
    expect(await placesOf({ suite })).toEqual(expected);
  });

  test("leaves updates and security out when they are not wanted, but not the overlay that is asked for", async () => {
    expect(await placesOf({ suite: "trixie-backports", updates: false })).toEqual([
      [mirror, "trixie trixie-backports"],
    ]);
  });

  test("is at the target's mirror alone when it names one, with security only from a mirror of its own", async () => {
    const own = "https://own.mirror.example/debian";

    expect(await placesOf({ mirror: own })).toEqual([[own, "trixie trixie-updates"]]);
    expect(await placesOf({ mirror: own, security_mirror: security })).toEqual([
      [own, "trixie trixie-updates"],
      [security, "trixie-security"],
    ]);
  });

  test("is a snapshot's address before any mirror, or what the template makes of a time", async () => {
    const snapshot_mirror = "https://snapshot.mirror.example/{archive}/{timestamp}";
    const at = "20260101T000000Z";

    expect(await placesOf({ snapshot: "https://snapshot.mirror.example/x", mirror })).toEqual([
      ["https://snapshot.mirror.example/x", "trixie trixie-updates"],
    ]);
    expect(await placesOf({ snapshot: at, snapshot_mirror })).toEqual([
      [`https://snapshot.mirror.example/debian/${at}`, "trixie trixie-updates"],
      [`https://snapshot.mirror.example/debian-security/${at}`, "trixie-security"],
    ]);
    await expect(placesOf({ snapshot: at })).rejects.toMatchObject({ code: "snapshot-mirror-missing" });
  });

  test("does without dates only when the target says so", async () => {
    const { main } = await archiveOf(target({ check_valid_until: false }), host);

    expect(main?.map(({ checkValidUntil }) => checkValidUntil)).toEqual([false, false]);
  });
});

describe("a base", () => {
  test("is made of its suite with updates and security, never of overlays", async () => {
    const { main } = await archiveOf(target({ suite: "trixie-backports" }), host);

    expect(baseRepositories(main ?? []).flatMap(({ suites }) => suites)).toEqual([
      "trixie",
      "trixie-updates",
      "trixie-security",
    ]);
  });

  test.each([
    ["trixie", null],
    ["sid", null],
    ["trixie-proposed-updates", null],
    ["trixie-backports", "trixie-backports"],
    ["experimental", "experimental"],
  ])("%s is reluctant only as far as apt is: %s", (suite, expected) => {
    expect(reluctantSuite(target({ suite }))).toBe(expected);
  });
});

describe("repository files", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "debkiln-archive-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const stanza = "Types: deb\nURIs: http://mirror.example/extra\nSuites: ./\n";

  test("of the target carry their keys in them, whether they name a file or hold the key", async () => {
    const key = join(directory, "key.gpg");
    const file = join(directory, "extra.sources");
    await writeFile(key, Buffer.from([0x99, 1, 2, 3]));
    await writeFile(file, `${stanza}Signed-By: ${key}\n`);

    const { extra } = await archiveOf(target({ repositories: [file, `${stanza}Signed-By: ${key}\n`] }), host);

    const bytes = Buffer.from([0x99, 1, 2, 3]);
    expect(extra.map(({ signedBy }) => dearmor(signedBy ?? "", "PUBLIC KEY BLOCK"))).toEqual([bytes, bytes]);
  });

  test.each([
    [stanza, "repository-without-key"],
    [`${stanza}Signed-By: /nowhere/key.gpg\n`, "key-missing"],
    [`${stanza}Signed-By: /dev/null\n`, "bad-key"],
    ["Types: deb\nSuites: ./\n", "field-missing"],
    ["/nowhere/extra.sources", "bad-repository"],
  ])("%j are refused", async (source, code) => {
    await expect(archiveOf(target({ repositories: [source] }), host)).rejects.toMatchObject({
      fault: "usage",
      code,
    });
  });

  test("of the host are read in both forms, and what apt would not read is left alone", async () => {
    const parts = join(directory, "sources.list.d");
    await writeFile(join(directory, "sources.list"), `# none\ndeb ${mirror} trixie main\n`);
    await mkdir(parts);
    await writeFile(
      join(parts, "b.sources"),
      `Types: deb\nURIs: ${security}\nSuites: trixie-security\nComponents: main\n`,
    );
    await writeFile(join(parts, "a.list.bak"), "nonsense");

    const found = await hostRepositories(directory);

    expect(found.map(({ uris }) => uris)).toEqual([[mirror], [security]]);
    expect(await hostRepositories(join(directory, "nothing"))).toEqual([]);
  });
});
