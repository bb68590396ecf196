import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LayerSummary, compareLayers } from "../../src/image/diff/compare-layers.ts";
import { componentsOf } from "../../src/image/layers/components.ts";
import { compressed } from "../../src/image/layers/encoder.ts";
import { layerEntries } from "../../src/image/layers/layer-entries.ts";
import { type SourcedImage } from "../../src/image/open-image.ts";
import { LayerReader } from "../../src/image/tree/read-layers.ts";
import { tarOfEntries, tarSize } from "../../src/image/tree/write-tar.ts";
import { imageOf } from "../../src/oci/layout-image.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { readImage } from "../../src/oci/read-image.ts";
import { measure } from "./measure.ts";
import type { Bench, Row } from "./scenarios.ts";

const definition = fileURLToPath(new URL("../../images/server.toml", import.meta.url));

/** The layers that a new kernel brings, whatever else is new. */
const kernelLayers = /^(?:source:linux|system:initramfs)/;

/**
 * What updates cost hosts: the server definition with trixie as it was released, then with its security updates; and of the
 * second image what a change of one package alone would cost at worst, and how many layers it would leave.
 */
export async function updates(bench: Bench): Promise<Row[]> {
  bench.say("updates of an image");
  const directory = await mkdtemp(join(bench.engine.directory, "updates-"));
  const text = await readFile(definition, "utf8");
  await build(bench, directory, "released", text.replace("[debian]", "[debian]\nupdates = false"));
  await build(bench, directory, "updated", text, "--previous", `oci:${join(directory, "released")}`);
  const [before, after] = await Promise.all(
    ["released", "updated"].map((name) => openLayoutImage(join(directory, name))),
  );
  if (before === undefined || after === undefined) throw new Error("no images");
  const { added } = compareLayers(before.image, after.image);
  const userspace = added.filter(({ name }) => !kernelLayers.test(name ?? ""));
  const worst = await worstOverheads(after, join(directory, "scratch"));
  await rm(directory, { recursive: true });
  const layers = after.image.manifest.layers.length;
  return [
    row(
      `Security update of the server image, but for kernel and initramfs (${userspace.length} layers)`,
      sizeOf(userspace),
      12,
    ),
    row("Beyond the kernel and its initramfs, a kernel update", worst.kernel, 2),
    row(`Beyond its own size, an update of one package (at worst, ${worst.name})`, worst.package, 1.5),
    {
      what: `Layers that a change of one package touches (a package's and the last, of ${layers}), in percent`,
      ours: 200 / layers,
      rival: null,
      unit: "%",
      goal: { kind: "at-most", value: 3 },
    },
  ];
}

function row(what: string, bytes: number, mostMegabytes: number): Row {
  return {
    what,
    ours: bytes / 1e6,
    rival: null,
    unit: "MB",
    goal: { kind: "at-most", value: mostMegabytes },
  };
}

async function build(
  bench: Bench,
  directory: string,
  name: string,
  text: string,
  ...words: string[]
): Promise<void> {
  const file = join(directory, `${name}.toml`);
  await writeFile(file, text);
  const output = ["--output", `oci:${join(directory, name)}`];
  await measure({
    argv: [bench.debkiln, "image", "build", file, ...output, ...words],
    environment: bench.engine.environment,
  });
}

async function openLayoutImage(directory: string): Promise<SourcedImage> {
  const source = await openLayout(directory);
  return { source, image: await readImage(source, await imageOf(source, null)) };
}

interface Overheads {
  /** Of all packages but the kernel the one whose change alone makes hosts fetch most that is not its own. */
  readonly name: string;
  readonly package: number;
  readonly kernel: number;
}

/** What is fetched with a component although it did not change: the rest of its layer, and the last layer. */
async function worstOverheads({ source, image }: SourcedImage, scratch: string): Promise<Overheads> {
  await mkdir(scratch);
  const tree = await new LayerReader(scratch, new AbortController().signal).treeOf(source, image);
  const components = new Map((await componentsOf(tree)).map((each) => [each.name, each]));
  const layers = compareLayers({ ...image, manifest: { ...image.manifest, layers: [] } }, image).added;
  const last = sizeOf(layers.filter(({ name }) => name === "last"));
  let worst: Overheads = { name: "", package: 0, kernel: 0 };
  for (const { components: members, sizeBytes } of layers) {
    for (const name of members.filter((each) => !each.startsWith("system:"))) {
      const entries = layerEntries(
        tree,
        [components.get(name)].flatMap((each) => each ?? []),
      );
      let own = 0;
      for await (const chunk of compressed(tarOfEntries(entries), tarSize(entries), "zstd"))
        own += chunk.length;
      const overhead = Math.max(0, sizeBytes - own) + last;
      if (name.startsWith("linux")) worst = { ...worst, kernel: Math.max(worst.kernel, overhead) };
      else if (overhead > worst.package) worst = { ...worst, name, package: overhead };
    }
  }
  return worst;
}

function sizeOf(layers: readonly LayerSummary[]): number {
  return layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
