import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { asFailure } from "../../src/base/failure.ts";
import { connectEngine } from "../../src/engine/connect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ping } from "../../src/engine/ping.ts";
import { findProgram, startPodmanService } from "../../src/engine/private-service.ts";
import { type Authority, makeAuthority } from "./authority.ts";
import { describeEngines } from "./engines.ts";
import { createContainer, openEngine } from "./test-image.ts";

describeEngines("An engine over TCP", (tested) => {
  let engine: Engine;
  let image: string;

  beforeAll(async () => {
    const place = await openEngine(tested);
    ({ engine, image } = place);
    return () => place[Symbol.asyncDispose]();
  });

  test("is found, and tells itself from the other kind", async () => {
    await using forwarder = await forward(tested.endpoint);
    await using remote = await connectEngine({ endpoint: forwarder.endpoint, environment: {} });

    const about = await remote.about();

    expect(about).toEqual({ ...(await engine.about()), endpoint: forwarder.endpoint });
  });

  test("with TLS takes who shows a certificate that it trusts, and nobody else", async () => {
    using ours = makeAuthority();
    using other = makeAuthority();
    await using forwarder = await forward(tested.endpoint, ours);
    const connectAs = (variables: NodeJS.ProcessEnv) =>
      connectEngine({
        endpoint: forwarder.endpoint,
        environment: { HOME: "/nonexistent", DOCKER_TLS_VERIFY: "1", ...variables },
      });
    copyFileSync(join(ours.directory, "ca.pem"), join(other.directory, "ca.pem"));

    await using remote = await connectAs({ DOCKER_CERT_PATH: ours.directory });
    await using container = await createContainer(remote, image);
    const said: string[] = [];
    const stdout = new PassThrough().on("data", (chunk) => said.push(String(chunk)));
    const { exitCode } = await container.run(["sh", "-c", "cat; exit 7"], {
      input: Readable.from([Buffer.from("given\n")]),
      stdout,
    });
    const unknown = await connectAs({ DOCKER_CERT_PATH: other.directory }).catch(asFailure);
    const distrustful = await connectAs({}).catch(asFailure);
    const plain = await connectAs({ DOCKER_TLS_VERIFY: "" }).catch(asFailure);

    expect([exitCode, said.join("")]).toEqual([7, "given\n"]);
    expect(unknown).toMatchObject({ code: "no-engine", hint: expect.stringContaining("DOCKER_CERT_PATH") });
    expect(distrustful).toMatchObject({
      message: expect.stringContaining("no authority that is trusted"),
      hint: expect.stringContaining("ca.pem"),
    });
    expect(plain).toMatchObject({ code: "no-engine", hint: expect.stringContaining("DOCKER_TLS_VERIFY=1") });
  });

  test("that goes away during a command is said to be lost", async () => {
    await using forwarder = await forward(tested.endpoint);
    await using remote = await connectEngine({ endpoint: forwarder.endpoint, environment: {} });
    const container = await createContainer(remote, image);
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        forwarder.cut();
        done();
      },
    });

    const failure = await container.run(["sh", "-c", "echo ready; sleep 600"], { stdout }).catch(asFailure);
    await engine.removeContainer(container.id);

    expect(failure).toMatchObject({ fault: "infrastructure", code: "engine-lost" });
  });

  test("is taken when its address was given, wherever DOCKER_HOST points", async () => {
    await using given = await connectEngine({
      endpoint: tested.endpoint,
      environment: { DOCKER_HOST: "tcp://127.0.0.1:1" },
    });

    expect(await given.image(image)).not.toBeNull();
  });

  test("is taken when DOCKER_HOST does not answer and CONTAINER_HOST does, which is told", async () => {
    const told: string[] = [];
    await using second = await connectEngine({
      environment: { DOCKER_HOST: "tcp://127.0.0.1:1", CONTAINER_HOST: tested.endpoint },
      passedOver: (message) => void told.push(message),
    });

    expect(await second.image(image)).not.toBeNull();
    expect(told).toEqual([
      `DOCKER_HOST is tcp://127.0.0.1:1, which does not answer (nothing listens there): ${tested.endpoint} is used instead`,
    ]);
  });
});

describe("connectEngine", () => {
  test.for([
    ["unix:///nonexistent/engine.sock", "no such socket", "debkiln doctor"],
    ["tcp://127.0.0.1:1", "nothing listens there", "curl http://127.0.0.1:1/_ping"],
    ["https://127.0.0.1:1", "nothing listens there", "curl https://127.0.0.1:1/_ping"],
  ] as const)("says why nothing answers at %s", async ([endpoint, reason, hint]) => {
    const connecting = connectEngine({ endpoint, environment: {} });

    await expect(connecting).rejects.toMatchObject({ fault: "infrastructure", code: "no-engine" });
    await expect(connecting).rejects.toThrow(reason);
    await expect(connecting).rejects.toHaveProperty("hint", expect.stringContaining(hint));
  });

  test("says what ssh says when there is no way to the other host", async ({ skip }) => {
    skip((await findProgram("ssh", process.env)) === null, "there is no ssh client here");

    const connecting = connectEngine({ endpoint: "ssh://nobody@127.0.0.1:1", environment: process.env });

    await expect(connecting).rejects.toMatchObject({ code: "no-engine" });
    await expect(connecting).rejects.toThrow(/Connection refused/);
  });

  test("refuses a server that is no engine", async () => {
    await using server = await listen(undefined, (socket) =>
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    );

    const connecting = connectEngine({ endpoint: server.endpoint, environment: {} });

    await expect(connecting).rejects.toThrow("it answered with status 404 and is no container engine");
  });
});

describe("startPodmanService", () => {
  test("serves on a private socket until disposal, which leaves nothing", async ({ skip }) => {
    const podman = await findProgram("podman", process.env);
    if (podman === null) return skip("podman is not installed");
    const runtime = await mkdtemp(join(tmpdir(), "debkiln-test-"));
    const service = await startPodmanService(podman, answers, { ...process.env, XDG_RUNTIME_DIR: runtime });
    const kind = await ask(service.socketPath);
    await service[Symbol.asyncDispose]();

    expect(kind).toBe("podman");
    expect(existsSync(service.socketPath)).toBe(false);
    expect((await readdir(runtime)).filter((name) => name.startsWith("debkiln-"))).toEqual([]);
    await rm(runtime, { recursive: true });
    return undefined;
  });

  test("says what podman said when it does not start", async () => {
    const runtime = await mkdtemp(join(tmpdir(), "debkiln-test-"));
    const starting = startPodmanService("/bin/ls", answers, { XDG_RUNTIME_DIR: runtime });

    await expect(starting).rejects.toMatchObject({ fault: "infrastructure", code: "engine-service-failed" });
    await expect(starting).rejects.toThrow(/unrecognized option/);
    expect(await readdir(runtime)).toEqual([]);
    await rm(runtime, { recursive: true });
  });
});

function ask(socketPath: string): ReturnType<typeof ping> {
  return ping({ protocol: "http", socketPath }, AbortSignal.timeout(5000));
}

async function answers(socketPath: string): Promise<void> {
  await ask(socketPath);
}

interface Listener extends AsyncDisposable {
  readonly endpoint: string;
  /** Ends all connections and listens no more. */
  readonly cut: () => void;
}

/** A TCP port of this host that leads to a unix socket. */
function forward(endpoint: string, authority?: Authority): Promise<Listener> {
  return listen(authority, (socket) => {
    const target = connectSocket({ path: endpoint.replace("unix://", ""), allowHalfOpen: true });
    socket.pipe(target).pipe(socket);
    socket.on("error", () => target.destroy());
    socket.on("close", () => target.destroy());
    target.on("error", () => socket.destroy());
  });
}

/** With an authority over TLS, for those alone who have a certificate of its. */
async function listen(authority: Authority | undefined, serve: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    serve(socket);
  };
  const options = { allowHalfOpen: true };
  const server =
    authority === undefined
      ? createServer(options, accept)
      : createTlsServer({ ...options, ...certificates(authority) }, accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const address = server.address();
  const port = typeof address === "object" ? address?.port : address;
  return { endpoint: `tcp://127.0.0.1:${port}`, cut, [Symbol.asyncDispose]: async () => cut() };
}

function certificates({ directory }: Authority) {
  const read = (name: string) => readFileSync(join(directory, name));
  const own = { ca: read("ca.pem"), cert: read("server.pem"), key: read("server-key.pem") };
  return { ...own, requestCert: true, rejectUnauthorized: true };
}
