import { z } from "zod";
import { DigestText } from "../../base/digest.ts";

/** Which named environment something was built in: as records have it. */
export const NamedPlace = z.strictObject({ name: z.string(), image: DigestText }).readonly();
export type NamedPlace = z.infer<typeof NamedPlace>;
