import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mainEngine } from "../engine.ts";
import { type Kiln, openKiln } from "../kiln.ts";
import { type TakenImage, takeImage } from "./take-image.ts";

const hash = "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$HboKE7BxgkWlEaNzXf1UXLEbwcV9ijLyRd8TUFBrpR0";

// The base is the one of the shipped server, whose path_excludes these are.
const definition = `
name = "customized"
[customizations.kernel]
name = "cloud"
[[packages]]
name = "sudo"
[[packages]]
name = "tzdata"
[[customizations.user]]
name = "admin"
uid = 1000
groups = ["sudo"]
password = "${hash}"
[customizations.timezone]
timezone = "Europe/Berlin"
[[customizations.files]]
path = "/etc/app/secret"
mode = "0640"
group = "admin"
data = "x"
[debian]
path_excludes = ["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/info/*"]
path_includes = ["/usr/share/doc/*/copyright"]
[bootc]
backend = "ostree"
[[bootc.steps]]
name = "see what is there"
run = "ls /boot /var/lib/dracut > /etc/seen; id admin >> /etc/seen"
`;

describe("an image with customizations", () => {
  let kiln: Kiln;
  let image: TakenImage;
  beforeAll(async () => {
    kiln = await openKiln(mainEngine);
    const file = join(kiln.directory, "customized.toml");
    await writeFile(file, definition);
    const { exitCode, stderr } = await kiln.run("image", "build", file, "--arch", "amd64");
    if (exitCode !== 0) throw new Error(stderr.slice(-2000));
    image = await takeImage(join(kiln.directory, "customized.oci"));
  }, 900_000);
  afterAll(async () => {
    await image[Symbol.asyncDispose]();
    await kiln[Symbol.asyncDispose]();
  });
  const inside = (script: string) => image.inside("sh", "-c", script);

  test("has its accounts, with their passwords and groups", async () => {
    expect(await inside("getent passwd admin; getent group sudo; getent shadow admin")).toMatch(
      /^admin:x:1000:1000::\/home\/admin:\/bin\/bash\nsudo:x:27:admin\nadmin:\$y\$/,
    );
    expect(await inside("getent shadow admin")).toContain(`admin:${hash}:`);
  });

  test("has its files, with their owners and modes", async () => {
    expect(await inside("stat --format '%A %U:%G' /etc/app/secret; readlink /etc/localtime")).toBe(
      "-rw-r----- root:admin\n../usr/share/zoneinfo/Europe/Berlin",
    );
  });

  test("was installed without an initramfs for each package that asks for one", async () => {
    const seen = await inside("cat /etc/seen");

    expect(seen).toContain("vmlinuz-");
    expect(seen).not.toContain("initrd");
    expect(seen).toMatch(/\/var\/lib\/dracut:\nuid=1000\(admin\)/);
  });
});
