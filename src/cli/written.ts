import { z } from "zod";
import { parseDuration } from "../base/duration.ts";
import { asFailure } from "../base/failure.ts";
import { parseSize } from "../base/size.ts";

/** Text that is read by a function which throws on bad form; its complaint becomes the schema's. */
function text<T>(read: (text: string) => T) {
  return z.string().transform((written, context) => {
    try {
      return read(written);
    } catch (thrown) {
      const failure = asFailure(thrown);
      context.addIssue(`${failure.message}. ${failure.hint ?? ""}`.trim());
      return z.NEVER;
    }
  });
}

/** Written as "15m", read as milliseconds. */
export const duration = text(parseDuration);
/** Written as "4G", read as bytes. */
export const size = text(parseSize);
/** A size that is a limit: a bare number was meant with a unit, and nothing runs in so little. */
export const limit = size.refine((bytes) => bytes >= 16 * 1024 ** 2, {
  message: 'It takes 16M or more, written as "4G"',
});
