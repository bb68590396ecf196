import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Repository,
  formatSources,
  inReleaseUri,
  parseSources,
  parseSourcesList,
} from "../../../src/debian/repository.ts";

const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----";

const flag = fc.option(fc.boolean(), { nil: undefined });
const repository = fc
  .record({
    types: fc.constantFrom<Repository["types"]>(["deb"], ["deb-src"], ["deb", "deb-src"]),
    uris: fc.subarray(["http://mirror.example/debian", "https://x.example", "file:/srv/x"], { minLength: 1 }),
    suites: fc.constantFrom(["trixie"], ["trixie", "trixie-updates"], ["./"], ["a/b/"]),
    architectures: fc.option(fc.constantFrom(["amd64"], ["amd64", "arm64"]), { nil: undefined }),
    signedBy: fc.constantFrom(null, "/usr/share/keyrings/a.gpg", key),
    checkValidUntil: flag,
    trusted: flag,
    enabled: fc.boolean(),
  })
  .map(({ architectures, checkValidUntil, trusted, ...rest }): Repository => ({
    ...rest,
    components: rest.suites.some((suite) => suite.endsWith("/")) ? [] : ["main", "contrib"],
    ...(architectures === undefined ? {} : { architectures }),
    ...(checkValidUntil === undefined ? {} : { checkValidUntil }),
    ...(trusted === undefined ? {} : { trusted }),
  }));

describe("formatSources", () => {
  test("writes what parseSources reads", () => {
    const property = fc.property(fc.array(repository), (repositories) => {
      expect(parseSources(formatSources(repositories), "x.sources")).toEqual(repositories);
    });

    fc.assert(property);
  });

  test("writes what apt reads", () => {
    const repositories: readonly Repository[] = [
      {
        types: ["deb"],
        uris: ["http://mirror.example/debian"],
        suites: ["trixie", "trixie-updates"],
        components: ["main"],
        architectures: ["arm64"],
        signedBy: key,
        checkValidUntil: false,
        enabled: true,
      },
      {
        types: ["deb"],
        uris: ["file:/srv/x"],
        suites: ["./"],
        components: [],
        signedBy: null,
        trusted: true,
        enabled: true,
      },
      {
        types: ["deb"],
        uris: ["file:/srv/y"],
        suites: ["./"],
        components: [],
        signedBy: null,
        enabled: false,
      },
    ];

    const targets = aptTargets(formatSources(repositories));

    expect(targets.filter((line) => !line.endsWith(" all"))).toEqual([
      "file:/srv/x/ ./ - -",
      "http://mirror.example/debian/ trixie main arm64",
      "http://mirror.example/debian/ trixie-updates main arm64",
    ]);
  });
});

describe("parseSources", () => {
  test("refuses a stanza without suites, as the user's fault, naming file and line", () => {
    expect(() => parseSources("\nTypes: deb\nURIs: http://mirror.example\n", "my.sources")).toThrow(
      expect.objectContaining({
        code: "field-missing",
        fault: "usage",
        message: "my.sources, line 2: the field Suites is missing",
      }),
    );
  });

  test.each([
    "Types: rpm\nURIs: http://mirror.example\nSuites: sid\nComponents: main\n",
    "Types: deb\nURIs: mirror.example\nSuites: sid\nComponents: main\n",
    "Types: deb\nURIs: http://mirror.example\nSuites: sid\n",
    "Types: deb\nURIs: http://mirror.example\nSuites: ./\nComponents: main\n",
  ])("refuses %j", (text) => {
    expect(() => parseSources(text, "my.sources")).toThrow(
      expect.objectContaining({
        code: "bad-repository",
        fault: "usage",
        message: expect.stringContaining("my.sources, line 1"),
      }),
    );
  });
});

describe("parseSourcesList", () => {
  test("reads one-line sources with and without options", () => {
    const text = `# deb http://old.example sid main
deb http://mirror.example/debian trixie main contrib # comment

deb-src [ arch=amd64,arm64 signed-by=/usr/share/keyrings/a.gpg check-valid-until=no trusted=yes ] file:/srv/x ./
deb cdrom:[Debian GNU/Linux 13 - amd64]/ trixie main
`;

    expect(parseSourcesList(text, "sources.list")).toEqual([
      {
        types: ["deb"],
        uris: ["http://mirror.example/debian"],
        suites: ["trixie"],
        components: ["main", "contrib"],
        signedBy: null,
        enabled: true,
      },
      {
        types: ["deb-src"],
        uris: ["file:/srv/x"],
        suites: ["./"],
        components: [],
        architectures: ["amd64", "arm64"],
        signedBy: "/usr/share/keyrings/a.gpg",
        checkValidUntil: false,
        trusted: true,
        enabled: true,
      },
      expect.objectContaining({ uris: ["cdrom:[Debian GNU/Linux 13 - amd64]/"] }),
    ]);
  });

  test.each([
    "deb http://mirror.example",
    "rpm http://mirror.example sid main",
    "deb [arch=amd64 http://x.example sid main",
  ])("refuses %j, naming file and line", (line) => {
    expect(() => parseSourcesList(`\n${line}\n`, "sources.list")).toThrow(
      expect.objectContaining({
        code: "bad-repository",
        message: expect.stringContaining("sources.list, line 2"),
      }),
    );
  });
});

test.each([
  ["http://mirror.example/debian/", "trixie", "http://mirror.example/debian/dists/trixie/InRelease"],
  [
    "http://mirror.example/debian",
    "trixie/updates",
    "http://mirror.example/debian/dists/trixie/updates/InRelease",
  ],
  ["http://mirror.example/r", "./", "http://mirror.example/r/InRelease"],
  ["http://mirror.example/r", "/", "http://mirror.example/r/InRelease"],
  ["http://mirror.example/r", "a/b/", "http://mirror.example/r/a/b/InRelease"],
])("the signed index of %s %s is at %s", (uri, suite, expected) => {
  expect(inReleaseUri(uri, suite)).toBe(expected);
});

/** The indices that apt would fetch for a .sources file, `-` for what does not apply. */
function aptTargets(sources: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), "debkiln-test-"));
  try {
    writeFileSync(join(directory, "x.sources"), sources);
    const options = {
      "Dir::Etc::sourcelist": join(directory, "x.sources"),
      "Dir::Etc::sourceparts": "/dev/null",
      "Dir::State::lists": directory,
    };
    const { stdout } = execaSync("apt-get", [
      "indextargets",
      ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
      "--no-release-info",
      "--format",
      "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ARCHITECTURE)",
      "Created-By: Packages",
    ]);
    return stdout
      .replaceAll(/\$\([A-Z]+\)/g, "-")
      .split("\n")
      .toSorted();
  } finally {
    rmSync(directory, { recursive: true });
  }
}
