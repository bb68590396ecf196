import { DigestText } from "../base/digest.ts";
import { z } from "zod";
import { Repository } from "../debian/repository.ts";
import { LockedPackage } from "./lock.ts";

/** A base image as it is remembered. */
export const Base = z.strictObject({
  /** Digest of its root filesystem's tar. */
  digest: DigestText,
  /** The suites that it was made of and that it is resolved against. */
  repositories: z.array(Repository).readonly(),
  packages: z.array(LockedPackage).readonly(),
});
export type Base = z.infer<typeof Base>;
