import { describe, expect, test } from "vitest";
import { candidatesFor } from "../../../src/engine/candidates.ts";
import { endpointText, parseEndpoint } from "../../../src/engine/endpoint.ts";

describe("parseEndpoint", () => {
  test.for([
    ["/run/x.sock", { type: "unix", path: "/run/x.sock" }],
    ["unix:///run/x.sock", { type: "unix", path: "/run/x.sock" }],
    ["tcp://10.0.0.1:2375", { type: "tcp", secure: false, host: "10.0.0.1", port: 2375 }],
    ["tcp://builder.example:2376", { type: "tcp", secure: true, host: "builder.example", port: 2376 }],
    ["http://builder.example", { type: "tcp", secure: false, host: "builder.example", port: 80 }],
    ["tcp://[::1]:99", { type: "tcp", secure: false, host: "[::1]", port: 99 }],
    [
      "ssh://ann@builder.example",
      { type: "ssh", host: "builder.example", port: null, user: "ann", path: null },
    ],
    [
      "ssh://ann@builder.example:2222/run/user/1000/podman/podman.sock",
      {
        type: "ssh",
        host: "builder.example",
        port: 2222,
        user: "ann",
        path: "/run/user/1000/podman/podman.sock",
      },
    ],
  ] as const)("reads %s", ([text, endpoint]) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  test.for([
    "",
    "podmann",
    "unix://run/x.sock",
    "unix:///run/\0x",
    "ftp://host/",
    "tcp://",
    "tcp://host:2375/path",
    "ssh://-oProxyCommand=evil/",
    "ssh://-oProxyCommand=evil@host/",
    "ssh://ann:secret@host/",
    "ssh://host/a:b",
    "ssh://host/%zz",
    "ssh://host/a%0Ab",
  ])("refuses %j", (text) => {
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({ fault: "usage", code: "bad-endpoint" }),
    );
  });

  test.for(["unix:///run/x.sock", "tcp://host:2375", "ssh://ann@host:22/run/x.sock", "ssh://host"])(
    "writes %s again",
    (text) => {
      expect(endpointText(parseEndpoint(text))).toBe(text);
    },
  );
});

describe("candidatesFor", () => {
  const environment = { XDG_RUNTIME_DIR: "/run/user/1000" };

  test("an address that was given is the only one", () => {
    const found = places({ endpoint: "/run/x.sock", environment: { DOCKER_HOST: "tcp://host:1" }, uid: 0 });

    expect(found).toEqual(["unix:///run/x.sock"]);
  });

  test("a user who is not root gets rootless podman before all that runs as root", () => {
    expect(places({ endpoint: undefined, environment, uid: 1000 })).toEqual([
      "unix:///run/user/1000/podman/podman.sock",
      "service",
      "unix:///run/podman/podman.sock",
      "unix:///var/run/docker.sock",
    ]);
  });

  test("a login whose XDG_RUNTIME_DIR is another one is also looked for in its usual place", () => {
    expect(
      places({ endpoint: "podman", environment: { XDG_RUNTIME_DIR: "/tmp/run" }, uid: 1000 }).slice(0, 2),
    ).toEqual(["unix:///tmp/run/podman/podman.sock", "unix:///run/user/1000/podman/podman.sock"]);
  });

  test("root gets rootful podman, then docker", () => {
    expect(places({ endpoint: undefined, environment, uid: 0 })).toEqual([
      "unix:///run/podman/podman.sock",
      "service",
      "unix:///var/run/docker.sock",
    ]);
  });

  test("DOCKER_HOST goes before CONTAINER_HOST, and both before the usual places", () => {
    const variables = { CONTAINER_HOST: "unix:///c.sock", DOCKER_HOST: "unix:///d.sock" };

    expect(places({ endpoint: "", environment: variables, uid: 0 }).slice(0, 3)).toEqual([
      "unix:///d.sock",
      "unix:///c.sock",
      "unix:///run/podman/podman.sock",
    ]);
  });

  test("the words podman and docker narrow the search", () => {
    expect(places({ endpoint: "docker", environment, uid: 1000 })).toEqual(["unix:///var/run/docker.sock"]);
    expect(places({ endpoint: "podman", environment, uid: 0 })).toEqual([
      "unix:///run/podman/podman.sock",
      "service",
    ]);
  });

  test("a variable that is no address is named", () => {
    expect(() => places({ endpoint: undefined, environment: { DOCKER_HOST: "nonsense" }, uid: 0 })).toThrow(
      /DOCKER_HOST/,
    );
  });
});

function places(seeker: Parameters<typeof candidatesFor>[0]): string[] {
  return candidatesFor(seeker).map(({ place }) =>
    place.type === "service" ? "service" : endpointText(place),
  );
}
