import { describe, expect, test } from "vitest";
import { lintListText, lintReportText, shownReport } from "../../../src/cli/render/lint-report.ts";
import { chooseStyle } from "../../../src/cli/render/style.ts";
import { lintRoot } from "../../../src/image/lint/run.ts";
import { lints } from "../../../src/image/lint/lints.ts";
import { goodRoot } from "../image/lint/good-root.ts";
import { type Piece, passingRoot, subjectOf, without } from "../image/lint/root.ts";

const style = chooseStyle("never", { isTTY: false }, {});

async function textOf(
  pieces: Readonly<Record<string, Piece>>,
  options: { truncate?: boolean; canFix?: boolean } = {},
) {
  const report = await lintRoot(subjectOf(pieces), { only: "bootc" });
  return lintReportText(report, [], { style, truncate: true, canFix: false, ...options });
}

const logs = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`var/log/${n}.log`, "log"]));

describe("the report", () => {
  test("is in bootc's words when all is well", async () => {
    expect(await textOf(passingRoot)).toBe("Checks passed: 14\n");
  });

  test("has each finding with a hint, and the counts", async () => {
    const text = await textOf({ ...without(passingRoot, "ostree"), "boot/a": "" });

    expect(text).toBe(
      "Failed lint: baseimage-root: Missing ostree -> sysroot/ostree link\n" +
        "  hint: Make /sysroot an empty directory and /ostree a link with the text sysroot/ostree.\n" +
        "Lint warning: nonempty-boot: Found non-empty /boot:\n  a\n" +
        "  hint: Keep the kernel in /usr/lib/modules/VERSION/vmlinuz with its initramfs.img, and leave /boot empty.\n" +
        "Checks passed: 12\nWarnings: 1\n",
    );
  });

  test("shows five things of a finding, or all", async () => {
    const pieces = { ...passingRoot, ...logs, "usr/lib/tmpfiles.d/a.conf": "d /var/log\n" };

    expect(await textOf(pieces)).toContain("  /var/log/5.log\n  ...and 2 more\n");
    expect(await textOf(pieces, { truncate: false })).toContain("  /var/log/6.log\n  /var/log/7.log\n  hint");
  });

  test("says what --fix can do where it can", async () => {
    const pieces = { ...passingRoot, "run/x": "" };

    expect(await textOf(pieces)).not.toContain("--fix");
    expect(await textOf(pieces, { canFix: true })).toContain("--fix mends what it can.\n");
  });

  test("has no counts when a lint could not tell", async () => {
    const text = await textOf({ ...passingRoot, dev: "", "usr/lib/bootc/kargs.d/a.toml": "x" });

    expect(text).toMatch(/^Failed lint: api-base-directories: /);
    expect(text).not.toContain("Checks");
  });

  test("marks debkiln's own lints, and lets nothing steer the terminal", async () => {
    const report = await lintRoot(
      subjectOf({ ...goodRoot, "etc/hostname": "localhost", ".wh.\u001b[2Ja": "" }),
    );
    const text = lintReportText(report, [], { style, truncate: true, canFix: false });

    expect(text).toContain('Lint warning: hostname [debkiln]: /etc/hostname is "localhost"');
    expect(text).not.toContain("\u001b");
  });

  test("tells what was mended", async () => {
    const report = await lintRoot(subjectOf(passingRoot), { only: "bootc" });
    const mended = [{ lint: "var-run", repairs: [{ do: "remove", path: "var/run" } as const] }];

    expect(lintReportText(report, mended, { style, truncate: true, canFix: true })).toMatch(
      /^Mended: var-run: removed \/var\/run\n/,
    );
  });

  test("is whole as JSON", async () => {
    const report = await lintRoot(subjectOf({ ...passingRoot, ...logs }), {
      only: "bootc",
      rootType: "Alternative",
    });

    expect(shownReport("image", report, [])).toMatchObject({
      subject: "image",
      counts: { passed: 12, skipped: 1, warnings: 1, failed: 0 },
      lints: expect.arrayContaining([
        expect.objectContaining({
          name: "var-log",
          outcome: "failed",
          sections: [
            { header: "Found non-empty logfiles", items: Object.keys(logs).map((path) => `/${path}`) },
          ],
        }),
        {
          name: "var-tmpfiles",
          type: "warning",
          origin: "bootc",
          outcome: "skipped",
          reason: "for running roots",
        },
      ]),
    });
  });
});

describe("the list", () => {
  test("has an entry for each lint, in YAML that needs no care", () => {
    const entries = lintListText().split(/^- /m).slice(1);

    expect(entries).toHaveLength(lints.length);
    for (const entry of entries) {
      expect(entry).toMatch(
        /^name: [a-z\d-]+\n {2}type: (?:fatal|warning)\n {2}description: (?:'(?:[^'\n]|'')*'|[\p{L}/](?:(?!: | #)[^\n])*)\n(?: {2}root-type: (?:Running|Alternative)\n)?(?: {2}origin: debkiln\n)?$/u,
      );
    }
  });
});
