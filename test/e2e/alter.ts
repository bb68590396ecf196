import { type TestedEngine, connect } from "../engine/engines.ts";

/** Removes a package of an image behind debkiln's back, the labels kept; what comes of it is called `to`. */
export async function alterImage(
  tested: TestedEngine,
  reference: string,
  {
    remove = "hostname",
    to = reference,
    changes = [],
  }: { readonly remove?: string; readonly to?: string; readonly changes?: readonly string[] } = {},
): Promise<void> {
  await using engine = await connect(tested);
  const image = await engine.image(reference);
  await using container = await engine.create({
    image: reference,
    name: `debkiln-test-${process.pid}`,
    labels: {},
    network: "none",
    hostname: "debkiln",
    environment: {},
    volumes: [],
    capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
    limits: {},
    architecture: image?.architecture ?? "",
  });
  await container.run(["dpkg", "--purge", "--force-all", remove]);
  await container.commit(to, { changes });
}
