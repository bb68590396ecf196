import { randomBytes } from "node:crypto";
import { execa } from "execa";

/** An image of a layout in this user's own podman. Disposing removes it. */
export interface TakenImage extends AsyncDisposable {
  /** What it says on standard output to a command that runs in it, without network. */
  inside(...argv: readonly string[]): Promise<string>;
  /** Its root filesystem as podman has put it together, on this machine: podman must be that of root. */
  readonly root: () => Promise<string>;
}

/** Takes the image over by skopeo: `podman pull oci:` makes a name of the path, which has capital letters as likely as not. */
export async function takeImage(layout: string): Promise<TakenImage> {
  const name = `localhost/debkiln-test-${randomBytes(4).toString("hex")}`;
  await execa("skopeo", ["copy", "--quiet", `oci:${layout}`, `containers-storage:${name}`]);
  return {
    inside: async (...argv) =>
      (await execa("podman", ["run", "--rm", "--network", "none", name, ...argv])).stdout,
    root: async () => (await execa("podman", ["image", "mount", name])).stdout.trim(),
    [Symbol.asyncDispose]: async () => {
      await execa("podman", ["image", "unmount", "--force", name], { reject: false });
      await execa("podman", ["rmi", "--force", name]);
    },
  };
}
