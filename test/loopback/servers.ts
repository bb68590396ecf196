import {
  createServer as createHttp,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttps } from "node:https";
import { type Server, type Socket, connect } from "node:net";
import { pipeline } from "node:stream";

/** A server of this process on 127.0.0.1, with what was asked of it. */
export interface Loopback extends AsyncDisposable {
  readonly url: string;
  /** `METHOD URL` of each request, in order. */
  readonly requests: string[];
}

type Answer = (asked: IncomingMessage, answer: ServerResponse) => void;

/** A server whose every answer is given by a function; with https when it gets a key and certificate. */
export async function serve(
  answer: Answer,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Loopback> {
  const requests: string[] = [];
  const noted: Answer = (asked, reply) => {
    requests.push(`${asked.method} ${asked.url}`);
    answer(asked, reply);
  };
  const server = tls === undefined ? createHttp(noted) : createHttps(tls, noted);
  return listening(server, tls === undefined ? "http" : "https", requests);
}

/** A mirror that gives what another one has, under the same paths. */
export function mirrorOf(upstream: string): Answer {
  return (asked, answer) => forward(new URL(`${upstream}${asked.url}`), asked, answer);
}

/** An http proxy: absolute addresses are fetched, CONNECT opens a tunnel. */
export async function serveProxy(): Promise<Loopback> {
  const requests: string[] = [];
  const server = createHttp((asked, answer) => {
    requests.push(`${asked.method} ${asked.url}`);
    forward(new URL(asked.url ?? ""), asked, answer);
  });
  server.on("connect", (asked, socket, head) => {
    requests.push(`CONNECT ${asked.url}`);
    const [host = "", port = ""] = (asked.url ?? "").split(":");
    const tunnel = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      tunnel.write(head);
      pipeline(tunnel, socket, tunnel, () => {});
    });
    tunnel.on("error", () => socket.destroy());
    socket.on("error", () => tunnel.destroy());
  });
  return listening(server, "http", requests);
}

function forward(to: URL, asked: IncomingMessage, answer: ServerResponse): void {
  const headers = { ...asked.headers, host: to.host, connection: "close" };
  const sent = httpRequest(to, { method: asked.method, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    pipeline(got, answer, () => {});
  });
  sent.on("error", () => answer.writeHead(502).end());
  sent.end();
}

async function listening(server: Server, scheme: string, requests: string[]): Promise<Loopback> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return {
    url: `${scheme}://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
