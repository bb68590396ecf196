import type { Writable } from "node:stream";
import type { Task } from "../base/event.ts";
import { piped } from "../base/piped.ts";
import type { Image } from "../engine/engine.ts";
import {
  type BootstrapOutput,
  type BootstrapPlan,
  bootstrapKeys,
  mmdebstrapArguments,
} from "./bootstrap-plan.ts";
import { bootstrapFailure } from "./bootstrap-failure.ts";
import { capabilities } from "./capabilities.ts";
import type { BootstrapPhases } from "./bootstrap-phases.ts";
import type { Kiln } from "./kiln.ts";
import { containerLabels, containerName } from "./names.ts";
import { bundleName, keyringDirectory, putNetworkFiles } from "./resolver-files.ts";
import { Tail } from "./tail.ts";

/** The registry image that brings mmdebstrap when the host has none. What it makes is checked by signature, not trusted. */
export const bootstrapImage = "docker.io/library/debian:stable-slim";

const paths = {
  sources: "/tmp/debkiln-sources.list",
  caBundle: `/etc/apt/${bundleName}`,
};

/** Where a bootstrap tells what it is at, and where what it makes goes. */
export interface BootstrapRun {
  readonly task: Task;
  readonly said: BootstrapPhases;
  readonly output: BootstrapOutput;
}

/** As on the host, in a container of a registry image: without mounts, so that no privilege is needed. */
export async function bootstrapInContainer(
  kiln: Kiln,
  plan: BootstrapPlan,
  { task, said, output }: BootstrapRun,
): Promise<void> {
  const image = await pullBootstrapImage(kiln, task);
  await using container = await kiln.engine.create({
    image: image.id,
    name: containerName(kiln, "bootstrap"),
    labels: containerLabels(kiln, "bootstrap"),
    network: "host",
    hostname: "debkiln",
    environment: { ...(await kiln.network.proxies()), DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
    volumes: ["/tmp"],
    capabilities: [...capabilities, "SYS_CHROOT", "MKNOD"],
    limits: {},
    architecture: image.architecture,
  });
  const keys = bootstrapKeys(plan);
  await putNetworkFiles(kiln, container, keys);
  const run = (argv: string[]) => container.run(argv, { stdout: said, stderr: said, signal: kiln.signal });
  const mirror = plan.repositories?.[0]?.uris[0] ?? "";
  const installed = await run(["sh", "-c", installMmdebstrap, "sh", mirror]);
  if (installed.exitCode !== 0) throw bootstrapFailure(said.text, plan);
  const where = keys.size === 0 ? paths : { ...paths, keyring: keyringDirectory };
  const argv = ["mmdebstrap", "--mode=root", ...mmdebstrapArguments(plan, where)];
  const epoch = plan.epoch === null ? {} : { SOURCE_DATE_EPOCH: String(plan.epoch) };
  const make = async (stdout: Writable) => {
    const options = { stdout, stderr: said, environment: epoch, signal: kiln.signal };
    const { exitCode } = await container.run(argv, options);
    // A tar that ended too soon is a consequence.
    if (exitCode !== 0) throw bootstrapFailure(said.text, plan);
  };
  await piped(make, (tar) => output.tar(tar));
  const sources = new Tail(null);
  await container.run(["cat", paths.sources], { stdout: sources, signal: kiln.signal });
  output.sources(sources.text);
}

/** From the target's mirror when it has the image's own suite, as behind a firewall it must be, else as the image has it. */
const installMmdebstrap = `
. /etc/os-release
try() { apt-get -q "$@" update && apt-get -q -y --no-install-recommends "$@" install mmdebstrap; }
echo "deb $1 $VERSION_CODENAME main" > /tmp/debkiln.list
{ [ -n "$1" ] && try -o Dir::Etc::sourcelist=/tmp/debkiln.list -o Dir::Etc::sourceparts=/dev/null; } || try
`;

async function pullBootstrapImage(kiln: Kiln, task: Task): Promise<Image> {
  const present = await kiln.engine.image(bootstrapImage);
  if (present !== null) return present;
  const { architecture } = await kiln.engine.about();
  task.note(`pulling ${bootstrapImage}`);
  return kiln.engine.pull(bootstrapImage, {
    architecture,
    signal: kiln.signal,
    log: (text) => task.log(text),
  });
}
