import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import tar from "tar-stream";
import type { Container, ContainerSpec, Engine, Image } from "../../src/engine/engine.ts";
import { type TestedEngine, connect } from "./engines.ts";

/** Debian's busybox-static: the whole content of the test image. */
const busybox = "/bin/busybox";

const applets = [
  ..."sh cat chmod chown dd echo false grep head id kill ls mkdir ps rm seq sha256sum sleep stat tail tar tr".split(
    " ",
  ),
  ..."true wc hostname env test touch mount".split(" "),
];

/** A name that no other test run has. */
export function uniqueName(): string {
  return `debkiln-test-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
}

/** A tar of the given entries: a directory ends in a slash, a link begins with `->`. */
export function tarOf(
  entries: Readonly<Record<string, string | Buffer>>,
  owner: { readonly uid?: number; readonly gid?: number } = {},
): Readable {
  const pack = tar.pack();
  for (const [name, content] of Object.entries(entries)) {
    if (name.endsWith("/")) pack.entry({ ...owner, name, type: "directory", mode: 0o755 });
    else if (typeof content === "string" && content.startsWith("->")) {
      pack.entry({ ...owner, name, type: "symlink", linkname: content.slice(2) });
    } else pack.entry({ ...owner, name, mode: 0o755 }, content);
  }
  pack.finalize();
  return Readable.from(pack);
}

/** The test image's root filesystem. */
export function rootfs(): Readable {
  return tarOf({
    "bin/": "",
    "bin/busybox": readFileSync(busybox),
    ...Object.fromEntries(applets.map((name) => [`bin/${name}`, "->busybox"])),
    ...Object.fromEntries(["build/", "dev/", "etc/", "proc/", "sys/", "tmp/"].map((name) => [name, ""])),
    "etc/passwd": "root:x:0:0:root:/:/bin/sh\nbuilder:x:1234:4321:builder:/build:/bin/sh\n",
    "etc/group": "root:x:0:\nbuilder:x:4321:\n",
  });
}

/** An engine that has the test image. Disposing removes the image. */
export async function openEngine(
  tested: TestedEngine,
): Promise<AsyncDisposable & { readonly engine: Engine; readonly image: string }> {
  const engine = await connect(tested);
  const { reference: image } = await importTestImage(engine);
  return {
    engine,
    image,
    [Symbol.asyncDispose]: async () => {
      await engine.removeImage(image);
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** As `openEngine`, with a container of the image. */
export async function openContainer(
  tested: TestedEngine,
  spec: Partial<ContainerSpec>,
): Promise<Awaited<ReturnType<typeof openEngine>> & { readonly container: Container }> {
  const place = await openEngine(tested);
  const container = await createContainer(place.engine, place.image, spec);
  return {
    ...place,
    container,
    [Symbol.asyncDispose]: async () => {
      await container[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Imports the test image under a name of its own. */
export async function importTestImage(
  engine: Engine,
  {
    changes = [],
    architecture,
  }: { readonly changes?: readonly string[]; readonly architecture?: string } = {},
): Promise<Image & { readonly reference: string }> {
  const reference = `localhost/${uniqueName()}:image`;
  const image = await engine.import(rootfs(), reference, {
    changes,
    architecture: architecture ?? (await hostArchitecture(engine)),
  });
  return { ...image, reference };
}

/** Creates a container of an image with what most tests need. */
export async function createContainer(
  engine: Engine,
  image: string,
  spec: Partial<ContainerSpec> = {},
): Promise<Container> {
  return await engine.create({
    image,
    name: uniqueName(),
    labels: {},
    network: "none",
    hostname: "kiln",
    environment: {},
    volumes: [],
    capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID", "KILL"],
    limits: {},
    architecture: await hostArchitecture(engine),
    ...spec,
  });
}

async function hostArchitecture(engine: Engine): Promise<string> {
  return (await engine.about()).architecture;
}
