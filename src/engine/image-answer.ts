import { type Digest, isDigest } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import type { ImageAnswer } from "./answers.ts";
import type { Image } from "./engine.ts";
import { debianNameOf } from "./platform.ts";

/** An engine's answer as the port has it. */
export function imageOf(answer: ImageAnswer): Image {
  return {
    id: digestOfId(answer.Id),
    references: answer.RepoTags ?? [],
    architecture: debianNameOf(answer.Architecture, answer.Variant),
    labels: answer.Config?.Labels ?? {},
    created: new Date(answer.Created),
    sizeBytes: answer.Size,
    layers: answer.RootFS.Layers?.length ?? 0,
  };
}

/** podman's commit gives ids without `sha256:`. */
function digestOfId(id: string): Digest {
  const digest = id.startsWith("sha256:") ? id : `sha256:${id}`;
  if (isDigest(digest)) return digest;
  throw new Failure(
    "infrastructure",
    "engine-failed",
    `The engine gave ${JSON.stringify(id)} as an image's id`,
    {
      hint: "Run `debkiln doctor`: this engine may be too old.",
    },
  );
}
