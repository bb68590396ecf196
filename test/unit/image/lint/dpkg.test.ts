import { describe, expect, test } from "vitest";
import { dpkgDatabaseReadable } from "../../../../src/image/lint/debkiln/dpkg-database.ts";
import { dpkgLocation } from "../../../../src/image/lint/debkiln/dpkg-location.ts";
import { says } from "./changed.ts";
import { directory, symlink } from "./root.ts";

describe("dpkg-database", () => {
  const home = "usr/lib/sysimage/dpkg";

  test("is not there in images that were made with rm -rf /var", async () => {
    expect(await says(dpkgDatabaseReadable, { [home]: null, "var/lib/dpkg": null })).toBe(
      "No dpkg database: neither /usr/lib/sysimage/dpkg/status nor /var/lib/dpkg/status is there",
    );
  });

  test("lies in /var of ordinary systems", async () => {
    const change = {
      [home]: null,
      "var/lib/dpkg": null,
      "var/lib/dpkg/status": stanza("sudo", "install ok installed"),
      "var/lib/dpkg/info/sudo.list": "/.\n",
    };

    expect(await says(dpkgDatabaseReadable, change)).toBeNull();
  });

  test("has something in it", async () => {
    expect(await says(dpkgDatabaseReadable, { [`${home}/status`]: "" })).toBe(
      "/var/lib/dpkg/status has no installed package",
    );
  });

  test("has nothing half done and no package without its list", async () => {
    const status = ["half-installed", "unpacked", "triggers-awaited", "installed", "not-installed"]
      .map((state) => stanza(`in-${state}`, `install ok ${state}`))
      .join("");

    expect(
      await says(dpkgDatabaseReadable, {
        [`${home}/status`]: `${status}${stanza("odd", "install reinstreq installed")}`,
      }),
    ).toBe(
      "Found packages that are not installed wholly:\n" +
        "  in-half-installed (half-installed)\n  in-unpacked (unpacked)\n  in-triggers-awaited (triggers-awaited)\n" +
        "  odd (reinstreq installed)\n" +
        "Found packages without a list of files in /var/lib/dpkg/info:\n  in-installed\n  odd\n",
    );
  });

  test("is control data", async () => {
    const promise = says(dpkgDatabaseReadable, { [`${home}/status`]: "nonsense\n" });

    await expect(promise).rejects.toThrow("/status, line 1: control data has a line that is neither a field");
  });
});

describe("dpkg-location", () => {
  test.each([
    [
      "a directory in /var",
      { "var/lib/dpkg": directory() },
      "dpkg's database lies in /var/lib/dpkg, which updates never reach",
    ],
    [
      "a link to elsewhere",
      { "var/lib/dpkg": symlink("../cache") },
      "/var/lib/dpkg does not lead to /usr/lib/sysimage/dpkg",
    ],
    [
      "a link to nothing",
      { "usr/lib/sysimage/dpkg": null },
      "/var/lib/dpkg does not lead to /usr/lib/sysimage/dpkg",
    ],
    [
      "a link that nothing makes",
      { "usr/lib/tmpfiles.d/image.conf": null },
      "No line of tmpfiles.d makes the link /var/lib/dpkg on machines that lack it",
    ],
    ["no link, but a line", { "var/lib/dpkg": null }, null],
    ["nothing at all", { "var/lib/dpkg": null, "usr/lib/sysimage/dpkg": null }, null],
  ])("of %s says so", async (_, change, expected) => {
    expect(await says(dpkgLocation, change)).toBe(expected);
  });
});

function stanza(name: string, status: string): string {
  return `Package: ${name}\nStatus: ${status}\nArchitecture: all\nVersion: 1\n\n`;
}
