import { Readable } from "node:stream";
import type { ChainSource } from "../../../../src/build/chain/member.ts";
import type { BuildRequest } from "../../../../src/build/request.ts";
import { binariesOfControl } from "../../../../src/debian/source-binaries.ts";
import { sourceFromControl } from "../../../../src/debian/source-package.ts";
import { Target } from "../../../../src/environment/target.ts";

/** A source of a chain from its debian/control, for amd64. */
export function source(control: string, more: Partial<BuildRequest> = {}): ChainSource {
  const [, name = ""] = /^Source: (\S+)/m.exec(control) ?? [];
  const changelog = `${name} (1.0) trixie; urgency=low\n\n  * x\n\n -- A <a@b.example>  Sat, 01 Mar 2025 12:00:00 +0000\n`;
  const request: BuildRequest = {
    source: {
      package: sourceFromControl({ control, changelog, format: "3.0 (native)" }),
      layout: "dsc",
      directory: null,
      dscName: `${name}_1.0.dsc`,
      treeName: `${name}-1.0`,
      origin: name,
      origTarballs: [],
      digest: null,
      files: [],
      tar: () => Readable.from([]),
    },
    target: Target.parse({ suite: "trixie", architecture: "amd64" }),
    archive: { main: null, extra: [], key: null },
    wanted: { any: true, all: true, source: false },
    profiles: [],
    buildOptions: [],
    jobs: null,
    limits: {},
    diskBytes: null,
    deadlines: { totalMs: 1, silenceMs: 1 },
    output: "/nowhere",
    onFailure: null,
    ...more,
  };
  return { request, binaries: binariesOfControl(control, name) };
}

/** A debian/control: with fields of the source, and one binary package for `any` of its name unless others are given. */
export function stanza(name: string, fields: readonly string[], ...binaries: readonly string[]): string {
  const head = [`Source: ${name}`, "Maintainer: A <a@b.example>", ...fields].join("\n");
  const all = binaries.length > 0 ? binaries : [`Package: ${name}\nArchitecture: any`];
  return [head, ...all].map((each) => `${each}\n`).join("\n");
}
