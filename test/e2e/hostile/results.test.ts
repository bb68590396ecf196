import { describe, expect, test } from "vitest";
import { describeEngines } from "../../engine/engines.ts";
import { openPlace, refusalOf, refused } from "../bad-input/place.ts";
import { readRecords } from "../kiln.ts";
import { buildWith } from "./build-with.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");

/** Something that runs on after the build and acts once there is a .changes. */
function afterChanges(name: string, action: string): string {
  return `(setsid sh -c 'while [ ! -s ../${name}_1.0_amd64.changes ]; do sleep 0.01; done; sleep 0.02; ${action}' >/dev/null 2>&1 &)`;
}

const hostile = /A build writes only regular files that its \.changes lists/;
const linked = /_amd64\.deb" is a symbolic link and not a regular file$/;

describe("a build that leaves as its result", () => {
  const meddled = /nothing was taken over/;
  test.each<[what: string, after: (name: string) => string[], says: RegExp, hint: RegExp]>([
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

    const { ended, failed } = await buildWith(place, name, after(name));

    expect(refusalOf(ended)).toEqual(refused({ exitCode: 3, says, hint }));
    const { names, log } = await readRecords(failed);
    expect(names).toEqual([`${name}_1.0_amd64.build`, "events.jsonl", "lock.json", "result.json"].toSorted());
    expect(log).toContain("dpkg-buildpackage: info: source package");
  });

  test("a .changes that names a file of the directory above is refused", async () => {
    const name = "bad-changes";
    const forge = `sed -i 's,${name}_1.0_amd64.deb,../../etc/passwd,' ../${name}_1.0_amd64.changes`;

    const { ended } = await buildWith(place, name, [afterChanges(name, forge)]);

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
    const first = await buildWith(place, name, []);
    expect(first.ended).toMatchObject({ exitCode: 0 });
    const before = await readRecords(first.results);

    const second = await buildWith(place, name, [`ln -sf /etc/passwd ../${name}_1.0_amd64.deb`]);

    expect(second.ended).toMatchObject({ exitCode: 3 });
    expect(await readRecords(first.results)).toEqual(before);
  });
});

describeEngines("a result that is a link is read on no engine", (engine) => {
  test("and gives nothing of the file that it leads to", async () => {
    await using own = await openPlace(engine);
    const name = "bad-link";
    const { ended, failed } = await buildWith(own, name, [
      `rm ../${name}_1.0_amd64.deb && ln -s /etc/passwd ../${name}_1.0_amd64.deb`,
    ]);

    expect(refusalOf(ended)).toEqual(refused({ exitCode: 3, says: linked, hint: hostile }));
    expect((await readRecords(failed)).names).toHaveLength(4);
  });
});
