import { findProgram } from "../../src/engine/private-service.ts";
import { runAsRoot } from "./root.ts";

/** Programs that tests need beside what builds need, and the Debian packages that have them. */
const packages: Readonly<Record<string, string>> = {
  "apt-ftparchive": "apt-utils",
  busybox: "busybox-static",
  "docker-registry": "docker-registry",
  "dpkg-source": "dpkg-dev",
  fish: "fish",
  "fsck.erofs": "erofs-utils",
  fsverity: "fsverity",
  "gpg-agent": "gnupg",
  groff: "groff-base",
  openssl: "openssl",
  "qemu-system-x86_64": "qemu-system-x86",
  script: "bsdutils",
  setfattr: "attr",
  skopeo: "skopeo",
  time: "time",
  xz: "xz-utils",
  zsh: "zsh",
};

/** Installs what is not there. @throws Error of apt's. */
export async function installTools(): Promise<void> {
  const missing = [];
  for (const [program, name] of Object.entries(packages)) {
    if ((await findProgram(program, process.env)) === null) missing.push(name);
  }
  if (missing.length === 0) return;
  console.log(`setup: installing ${missing.join(" ")}, which tests need`);
  await runAsRoot(["apt-get", "update", "-qq"]);
  const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing];
  await runAsRoot(["env", "DEBIAN_FRONTEND=noninteractive", ...install]);
}
