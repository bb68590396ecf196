import { Writable } from "node:stream";

/** Hands everything on to another stream, which it does not end, and tells when the first bytes come. Fails with the other one. */
export function tellingFirst(to: Writable, tell: () => void): Writable {
  let isFirst = true;
  const through = new Writable({
    write(chunk: Buffer, _, done) {
      if (isFirst) tell();
      isFirst = false;
      const takesMore = to.write(chunk, (error) => void (error && through.destroy(to.errored ?? error)));
      if (takesMore) done();
      else to.once("drain", () => done());
    },
  });
  to.once("error", (error) => through.destroy(error));
  return through;
}
