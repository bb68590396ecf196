import { filesOf, readFiles } from "../tree/read.ts";
import type { Tree } from "../tree/tree.ts";

/** A magic number, flags, and then a time or a hash (PEP 552). */
const headerLength = 16;

/**
 * Compiled Python files that are good as long as their source has the time in them. With SOURCE_DATE_EPOCH in its
 * environment, Python compiles into files with the source's hash instead (py_compile); those stay.
 */
export async function readDatedBytecode(tree: Tree): Promise<ReadonlySet<string>> {
  const compiled = filesOf(tree).filter(
    ({ path }) => path.endsWith(".pyc") && path.includes("/__pycache__/"),
  );
  const dated = new Set<string>();
  for await (const [{ path }, header] of readFiles(compiled, headerLength)) {
    const isHashed = header.length === headerLength && (header.readUInt32LE(4) & 1) === 1;
    if (!isHashed) dated.add(path);
  }
  return dated;
}
