import { describe, expect, test } from "vitest";
import { differenceText } from "../../../src/cli/render/image-difference.ts";
import { summaryText } from "../../../src/cli/render/image-summary.ts";
import { chooseStyle } from "../../../src/cli/render/style.ts";
import type { ImageDifference } from "../../../src/image/diff/diff-images.ts";

const style = chooseStyle("never", {}, {});

const difference: ImageDifference = {
  before: { digest: "sha256:aa", architecture: "amd64", created: null },
  after: { digest: "sha256:bb", architecture: "amd64", created: null },
  packages: [
    { name: "curl", architecture: "amd64", source: "curl", before: "1", after: "2", direction: "upgraded" },
    { name: "sed", architecture: "amd64", source: "sed", before: null, after: "1", direction: "added" },
  ],
  files: [
    { path: "usr/bin/curl", change: "changed", aspects: ["content", "mode"] },
    { path: "usr/bin/\u001b[2Jsed\udcff", change: "added", aspects: [] },
  ],
  layers: {
    kept: 3,
    added: [{ digest: "sha256:cc", sizeBytes: 1_500_000, name: "calm:1", components: ["curl", "sed"] }],
    removed: [],
    fetchBytes: 1_600_000,
    totalBytes: 9_000_000,
  },
};

describe("the difference of two images", () => {
  test("is told in packages, files, layers and what a host fetches", () => {
    expect(differenceText(difference, { style, files: "list" })).toBe(
      [
        "sha256:aa",
        "sha256:bb",
        "",
        "Packages: 1 upgraded, 1 added",
        "  PACKAGE  BEFORE  AFTER",
        "  curl     1       2",
        "  sed      -       1",
        "",
        "Files: 1 changed, 1 added",
        "  ~ /usr/bin/curl (content, mode)",
        "  + /usr/bin/sed\ufffd",
        "",
        "Layers: 3 kept, 1 new, 0 gone",
        "  LAYER   SIZE    HAS",
        "  calm:1  1.5 MB  curl, sed",
        "",
        "A host that has the first fetches 1.6 MB of 9.0 MB.",
        "",
      ].join("\n"),
    );
  });

  test("counts files unless they are asked for, and says when there is none", () => {
    const text = differenceText({ ...difference, packages: [] }, { style, files: "count" });

    expect(text).toContain("Packages: no difference\n\nFiles: 1 changed, 1 added\n\nLayers:");
  });

  test("is none for the same image", () => {
    const same = { ...difference, before: difference.after };

    expect(differenceText(same, { style, files: "list" })).toBe("The images are the same: sha256:bb\n");
  });
});

test("an image's summary shows labels, attachments and layers, and shortens long lists", () => {
  const text = summaryText({
    digest: "sha256:aa",
    architecture: "amd64",
    os: "linux",
    created: "2026-01-01T00:00:00Z",
    sizeBytes: 2_000_000,
    labels: { b: "2\n3", a: "1" },
    annotations: {},
    layers: [
      { digest: "sha256:0123456789abcdef", sizeBytes: 1_000_000, name: null, components: [] },
      { digest: "sha256:bb", sizeBytes: 1_000_000, name: "last", components: Array.from("abcdefgh") },
    ],
    isPlanned: false,
    history: [],
    attached: [
      { type: null, digest: "sha256:cc", sizeBytes: 1, annotations: {} },
      {
        type: "application/a",
        digest: "sha256:dd",
        sizeBytes: 1,
        annotations: { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" },
      },
    ],
  });

  expect(text).toBe(
    [
      "Digest:   sha256:aa",
      "Platform: linux/amd64",
      "Created:  2026-01-01T00:00:00Z",
      "Size:     2.0 MB in 2 layers",
      "",
      "Labels:",
      "  a=1",
      "  b=2 3",
      "",
      "ATTACHED             DIGEST     OF KIND",
      "signatures (cosign)  sha256:cc",
      "application/a        sha256:dd  https://slsa.dev/provenance/v1",
      "",
      "LAYER                SIZE    HAS",
      "sha256:0123456789ab  1.0 MB",
      "last                 1.0 MB  a, b, c, d, e, f, and 2 more",
      "",
      "Not layered by debkiln: an image that is built after it shares no layer with it.",
      "",
    ].join("\n"),
  );
});
