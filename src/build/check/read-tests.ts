import { Writable } from "node:stream";
import { Failure } from "../../base/failure.ts";
import { type PackageTest, parseTestControl } from "../../debian/test-control.ts";
import { readInside } from "../source/read-inside.ts";
import { type CheckBench, type Subject, checkDirectory } from "./check.ts";
import { directoryTar, sourceTar } from "./content.ts";
import { openCheckEnvironment } from "./prepare.ts";

const file = "debian/tests/control";
const longest = 1024 ** 2;

/**
 * The tests of the source; none when it names none. A source package is unpacked for that in a container.
 * @throws Failure bad-control-data (package), and what opening an environment raises.
 */
export async function readTests(subject: Subject, bench: CheckBench): Promise<readonly PackageTest[]> {
  const { directory } = subject.source;
  const text =
    directory === null ? await unpacked(subject, bench) : await readInside(directory, file, longest);
  return text === null || text.trim() === "" ? [] : parseTestControl(text, file);
}

async function unpacked({ source }: Subject, { place, task }: CheckBench): Promise<string | null> {
  const wanted = { request: { depends: "", conflicts: "" }, architecture: "target" } as const;
  await using environment = await openCheckEnvironment(place, "source", wanted, task);
  const { container } = environment;
  const { signal } = place.kiln;
  await container.put("/build", directoryTar("check"), signal);
  await container.put(checkDirectory, sourceTar(source)(), signal);
  const chunks: Buffer[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  const script = `dpkg-source --no-check -x "$1" "$2" > /dev/null || exit 3
cd "$2" && [ -f ${file} ] && [ ! -L ${file} ] || exit 4
head -c ${longest} ${file}`;
  const argv = ["sh", "-c", script, "sh", source.dscName ?? "", source.treeName];
  const { exitCode } = await container.run(argv, { directory: checkDirectory, stdout, signal });
  if (exitCode === 4) return null;
  if (exitCode === 0) return Buffer.concat(chunks).toString("utf8");
  throw new Failure("package", "unpack-failed", `The source does not unpack (exit code ${exitCode})`, {
    hint: "It did for the build: the disk may be full.",
  });
}
