import { z } from "zod";

/** The parts of the engines' answers that debkiln reads (Docker Engine API 1.41 and podman's libpod API 4). */

const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {});

export const ImageAnswer = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Created: z.string(),
  Size: z.number(),
  Architecture: z.string(),
  Variant: z.string().nullish(),
  Config: z.object({ Labels }).loose().nullish(),
  RootFS: z.object({ Layers: z.array(z.string()).nullish() }),
});
export type ImageAnswer = z.infer<typeof ImageAnswer>;

export const ImageListAnswer = z.array(z.object({ Id: z.string() }));

export const ContainerListAnswer = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()),
    Labels,
    State: z.string(),
    /** Seconds since the epoch. */
    Created: z.number(),
  }),
);

export const VolumeListAnswer = z.object({
  Volumes: z
    .array(z.object({ Name: z.string(), Labels, CreatedAt: z.string().default("1970-01-01T00:00:00Z") }))
    .nullish()
    .transform((volumes) => volumes ?? []),
});

export const ContainerAnswer = z.object({
  State: z.object({ Running: z.boolean(), OOMKilled: z.boolean(), ExitCode: z.int() }),
});

export type ContainerAnswer = z.infer<typeof ContainerAnswer>;

export const CommitAnswer = z.object({ Id: z.string() });

export const ExecAnswer = z.object({ Running: z.boolean(), ExitCode: z.int().nullish() });

export const DockerInfo = z.object({
  ServerVersion: z.string(),
  Driver: z.string(),
  Architecture: z.string(),
  NCPU: z.int(),
  MemTotal: z.number(),
  CgroupVersion: z.string().default("1"),
  CgroupDriver: z.string(),
  MemoryLimit: z.boolean(),
  PidsLimit: z.boolean().default(true),
  SecurityOptions: z.array(z.string()).nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
});

export const PodmanInfo = z.object({
  host: z.object({
    arch: z.string(),
    variant: z.string().nullish(),
    cpus: z.int(),
    memTotal: z.number(),
    cgroupVersion: z.string(),
    cgroupControllers: z.array(z.string()).nullish(),
    security: z.object({ rootless: z.boolean() }),
  }),
  store: z.object({ graphDriverName: z.string() }),
  version: z.object({ Version: z.string() }),
});

/** A line of a build's, pull's, load's or import's progress. */
export const ProgressAnswer = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  progress: z.string().optional(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).nullish(),
});
export type ProgressAnswer = z.infer<typeof ProgressAnswer>;

/** What HEAD of a container's archive says about a path (header X-Docker-Container-Path-Stat, base64 of JSON). */
export const PathStat = z.object({
  name: z.string(),
  /** Go's fs.FileMode, not stat(2)'s: the directory bit is 1 << 31, that of a symbolic link 1 << 27. */
  mode: z.number(),
  linkTarget: z.string().nullish(),
});
export type PathStat = z.infer<typeof PathStat>;
