import type { commandFiles } from "../../src/cli/commands/files.ts";

type Id = keyof typeof commandFiles;

/** The files that run commands on podman rootless, podman rootful and docker, with the commands whose effects they look at. */
export const provenBy = {
  "archive.test.ts": ["build"],
  "exported.test.ts": ["env:export", "image:pull", "scrub"],
  "image-lint.test.ts": ["image:diff", "image:inspect", "image:lint", "image:sbom"],
  "registry/registry.test.ts": ["image:push"],
  "tour.test.ts": [
    "apt",
    "chain",
    "cp",
    "deps",
    "doctor",
    "env:init",
    "env:list",
    "env:rm",
    "env:show",
    "env:update",
    "exec",
    "explain",
    "fetch",
    "gc",
    "install",
    "lock",
    "rdeps",
    "rebuild",
    "remove",
    "shell",
    "snapshot:create",
    "snapshot:list",
    "snapshot:restore",
    "snapshot:rm",
    "source",
    "targets",
    "upgrade",
  ],
} as const satisfies Readonly<Record<string, readonly Id[]>>;

/** Files that do so on rootless podman and docker alone: an image's base and its build take more than a minute on each engine. */
export const provenOnTwo = {
  "image/build.test.ts": ["image:build", "image:check"],
} as const satisfies Readonly<Record<string, readonly Id[]>>;

/** Commands that ask no engine. */
export const withoutEngine = [
  "completion",
  "config",
  "image:attach",
  "image:keygen",
  "image:policy",
  "image:sign",
  "image:verify",
  "repo:add",
  "repo:init",
  "repo:list",
  "repo:remove",
  "repo:sign",
  "repo:verify",
] as const satisfies readonly Id[];
