import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { refusalOf, refused } from "./place.ts";
import {
  type Answer,
  type SuiteOptions,
  type TestRepository,
  openRepository,
  signedBy,
} from "../../loopback/repository.ts";
import { placeFor } from "../opened.ts";

const yesterday = new Date(Date.now() - 24 * 3600 * 1000);

const suites: Readonly<Record<string, SuiteOptions>> = {
  good: {},
  expired: { validUntil: yesterday },
  unsigned: { inRelease: (_, unsigned) => unsigned },
  forged: { inRelease: (signed) => signed.replace("Origin: test", "Origin: best") },
  altered: { indexTail: "\nPackage: smuggled-in\n" },
  looping: {},
  endless: {},
};

const packages = ["bad-broken-off", "bad-altered", "bad-cut", "bad-gone", "bad-endless", "bad-looping"];

const place = placeFor("all tests");
let repository: TestRepository;
beforeAll(async () => {
  repository = await openRepository(
    place.directory,
    packages.map((name) => ({ name })),
    suites,
  );
  repository.spoil("bad-broken-off_1.0_all.deb", breakOff);
  repository.spoil("good/InRelease", breakOff);
  repository.spoil("bad-altered_1.0_all.deb", (response, content) =>
    response.end(Buffer.from(content).fill(0, 90)),
  );
  repository.spoil("bad-cut_1.0_all.deb", (response, content) => response.end(content.subarray(0, 100)));
  repository.spoil("bad-gone_1.0_all.deb", (response) => response.writeHead(404).end());
  repository.spoil("bad-endless_1.0_all.deb", pourOut);
  repository.spoil("bad-looping_1.0_all.deb", redirectForEver);
  repository.spoil("looping/InRelease", redirectForEver);
  repository.spoil("endless/InRelease", pourOut);
});
afterAll(() => repository[Symbol.asyncDispose]());

/** The first connection ends in the middle of the file. */
const breakOff: Answer = (response, content, before) => {
  if (before > 0) response.end(content);
  else {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, content.length / 2), () => response.destroy());
  }
};

const redirectForEver: Answer = (response, _, before) =>
  response.writeHead(302, { location: `?${before}` }).end();

const pourOut: Answer = (response) => {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(1 << 20)));
  };
  response.on("drain", more);
  more();
};

/** Builds a package that needs another, with a suite of the repository. */
async function buildWith(
  needs: string,
  suite: string,
  lines: readonly string[],
  words: readonly string[] = [],
) {
  const name = `needs-${needs}`;
  const tree = await writeTree(place.directory, { name, fields: [`Build-Depends: ${needs}`] });
  const sources = await repository.sources(suite, lines);
  return {
    ended: await place.run(["build", "--no-arch-all", "--repository", sources, ...words, tree]),
    failed: join(place.directory, `out/${name}_1.0_amd64.failed`),
  };
}

describe("an extra repository", () => {
  test("is used when its connections break off in the middle: they are tried again", async () => {
    const { ended } = await buildWith("bad-broken-off", "good", [signedBy(repository.key)]);

    expect(ended).toMatchObject({ exitCode: 0, containers: [], unfinished: [] });
  });

  test.each([
    [
      "bad-altered",
      /bad-altered_1\.0_all\.deb has the checksum sha256:\w+, not sha256:\w+$/,
      /other bytes than the signed index/,
    ],
    ["bad-cut", /bad-cut_1\.0_all\.deb is cut short: 100 of \d+ bytes$/, /other bytes than the signed index/],
    ["bad-gone", /bad-gone_1\.0_all\.deb is not there \(HTTP 404\)$/, /try again or another mirror/],
    [
      "bad-endless",
      /bad-endless_1\.0_all\.deb is longer than the \d+ bytes it should have$/,
      /other bytes than the signed index/,
    ],
    ["bad-looping", /bad-looping_1\.0_all\.deb redirects too often/, /Check the mirror's address/],
  ])("whose %s comes wrong is refused", async (needs, says, hint) => {
    const { ended, failed } = await buildWith(needs, "good", [signedBy(repository.key)]);

    expect(refusalOf(ended)).toEqual(refused({ exitCode: 5, says, hint }));
    const { result, log } = await readRecords(failed);
    expect(result).toMatchObject({
      status: "failed",
      failure: { fault: "infrastructure", phase: "environment" },
    });
    expect(log).toMatch(/^E: /m);
  });

  test.each([
    ["expired", /outside its dates|was valid until [-\dT:Z]+ only$/, /check_valid_until/],
    ["unsigned", /unsigned\/InRelease has no signature$/, /`debkiln repo` makes signed repositories/],
    ["forged", /not signed by a key that this target trusts/, /never take packages/],
    ["altered", /gave other bytes than its signed index names/, /try again later or another mirror/],
    ["looping", /looping\/InRelease redirects too often/, /Check the mirror's address/],
    ["endless", /endless\/InRelease is larger than \d+ bytes/, /not an InRelease file/],
    ["nowhere", /nowhere\/InRelease is not there \(HTTP 404\)/, /another mirror/],
  ])("is refused whose suite is %s", async (suite, says, hint) => {
    const { ended } = await buildWith("bad-broken-off", suite, [signedBy(repository.key)]);

    expect(refusalOf(ended)).toEqual(refused({ exitCode: 5, says, hint }));
  });

  test("is refused when another key has signed it", async () => {
    const { ended } = await buildWith("bad-broken-off", "good", [signedBy(repository.otherKey)]);

    expect(refusalOf(ended)).toEqual(
      refused({
        exitCode: 5,
        says: /not signed by a key that this target trusts/,
        hint: /never take packages from an archive that fails this/,
      }),
    );
  });

  test("is refused without a key, or with one that is none", async () => {
    const none = await buildWith("bad-broken-off", "good", []);
    const wrong = join(place.directory, "no-key.asc");
    await writeFile(wrong, "nothing of the kind\n");
    const missing = await buildWith("bad-broken-off", "good", ["Signed-By: /nonexistent/key.asc"]);
    const nonsense = await buildWith("bad-broken-off", "good", [`Signed-By: ${wrong}`]);

    expect(refusalOf(none.ended)).toEqual(
      refused({ exitCode: 2, says: /names no key$/, hint: /Add `Signed-By:`/ }),
    );
    expect(refusalOf(missing.ended)).toEqual(
      refused({
        exitCode: 2,
        says: /^Cannot read the key \/nonexistent\/key\.asc/,
        hint: /absolute path/,
      }),
    );
    expect(refusalOf(nonsense.ended)).toEqual(
      refused({ exitCode: 2, says: /no-key\.asc/, hint: /gpg --export --armor/ }),
    );
  });
});

test("a .dsc at an address is fetched with its files though the connection breaks off each time in the first", async () => {
  const pool = join(place.directory, "repository/pool");
  const tree = await writeTree(pool, { name: "bad-address" });
  await execa("dpkg-source", ["-b", tree], { cwd: pool });
  repository.spoil("bad-address_1.0.dsc", breakOff);
  repository.spoil("bad-address_1.0.tar.xz", breakOff);

  const whole = await place.run([
    "build",
    "--no-arch-all",
    `${repository.server.url}/pool/bad-address_1.0.dsc`,
  ]);
  const gone = await place.run(["build", `${repository.server.url}/pool/no-such_1.0.dsc`]);
  repository.spoil("bad-address_1.0.tar.xz", (response, content) => response.end(content.fill(0)));
  const altered = await place.run(["build", `${repository.server.url}/pool/./bad-address_1.0.dsc`]);

  expect(whole).toMatchObject({ exitCode: 0, containers: [], unfinished: [] });
  expect(refusalOf(gone)).toEqual(
    refused({ exitCode: 5, says: /no-such_1\.0\.dsc is not there \(HTTP 404\)$/, hint: /try again/ }),
  );
  expect(refusalOf(altered)).toEqual(
    refused({
      exitCode: 3,
      says: /bad-address_1\.0\.tar\.xz came with another SHA256/,
      hint: /another mirror/,
    }),
  );
});

test("a mirror that cannot be reached is told of", async () => {
  const tree = await writeTree(place.directory, { name: "bad-mirror" });

  const ended = await place.run(["build", "--mirror", "http://127.0.0.1:1/debian", tree]);

  expect(refusalOf(ended)).toEqual(
    refused({
      exitCode: 5,
      says: /^Cannot reach http:\/\/127\.0\.0\.1:1\/debian\/dists\/trixie/,
      hint: /Check the network, the mirror's address and the proxy settings/,
    }),
  );
});
