import { expect, test } from "vitest";
import { imageName } from "../../../src/cli/image-sbom.ts";

test.each([
  ["registry.example/os/server:trixie", "registry.example/os/server"],
  ["docker://registry.example:5000/server", "registry.example:5000/server"],
  [`localhost/server@sha256:${"a".repeat(64)}`, "localhost/server"],
  ["containers-storage:localhost/server:latest", "localhost/server"],
  ["oci:out/server.oci:latest", "server.oci"],
  ["out/server.oci", "server.oci"],
  ["./rootfs", "rootfs"],
  ["/srv/server.tar", "server.tar"],
])("a bill of materials calls %s %s", (place, name) => {
  expect(imageName(place)).toBe(name);
});
