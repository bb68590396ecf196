import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ImageManifest } from "../../src/oci/image-spec.ts";
import { serve } from "./servers.ts";

/** What goes wrong with a request. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The connection is cut when so many bytes of the request's (PUT, PATCH) or the answer's body (GET) have passed. */
  | { readonly cutAfter: number }
  /** Bytes that are answered instead of what is asked for. */
  | { readonly instead: Uint8Array };

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
}

export interface RegistryOptions {
  /** Called for each request with its place among those of the same method and path. */
  readonly fault?: (asked: Asked, time: number) => Fault | null;
  /** The Authorization header that it wants, and what it answers without it. */
  readonly auth?: { readonly header: string; readonly challenge: (base: string) => string };
  readonly referrers?: boolean;
  /** Addresses other than those of the API. */
  readonly besides?: (asked: IncomingMessage, answer: ServerResponse) => boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A registry in this process's memory that does what the distribution-spec says, but for its faults. */
export async function serveRegistry(options: RegistryOptions = {}) {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Stored>();
  const uploads = new Map<string, Buffer>();
  const asked: Asked[] = [];
  const times = new Map<string, number>();
  let base = "";

  const handle = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "", base);
    const method = request.method ?? "";
    const each = { method, url, headers: request.headers };
    asked.push(each);
    if (options.besides?.(request, answer) === true) return;
    const key = `${method} ${url.pathname}`;
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    if (options.auth !== undefined && request.headers.authorization !== options.auth.header) {
      request.resume();
      return reply(answer, 401, { "www-authenticate": options.auth.challenge(base) });
    }
    const fault = options.fault?.(each, time) ?? null;
    if (fault !== null && "status" in fault) {
      request.resume();
      return reply(answer, fault.status, fault.headers ?? {}, fault.body ?? "");
    }
    const send = (status: number, headers: Record<string, string>, whole: Buffer) => {
      const body = fault !== null && "instead" in fault ? Buffer.from(fault.instead) : whole;
      answer.writeHead(status, { ...headers, "content-length": String(body.length) });
      if (method === "HEAD") return answer.end();
      if (fault === null || !("cutAfter" in fault)) return answer.end(body);
      answer.write(body.subarray(0, fault.cutAfter), () => request.socket.destroy());
      return undefined;
    };
    const [, repository = "", kind = "", name = ""] =
      /^\/v2\/(.+?)\/(blobs|manifests|uploads|referrers)\/(.*)$/.exec(
        url.pathname.replace("/blobs/uploads/", "/uploads/"),
      ) ?? [];
    if (url.pathname === "/v2/") return reply(answer, 200);
    if (kind === "blobs") {
      const blob = blobs.get(`${repository} ${name}`);
      if (blob === undefined) return error(answer, 404, "BLOB_UNKNOWN");
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      if (from === 0) return void send(200, {}, blob);
      return void send(
        206,
        { "content-range": `bytes ${from}-${blob.length - 1}/${blob.length}` },
        blob.subarray(from),
      );
    }
    if (kind === "manifests" && method === "PUT") {
      const bytes = await read(request, null);
      const digest = digestOf(bytes);
      const stored = { type: request.headers["content-type"] ?? "", bytes };
      for (const each of [name, digest]) manifests.set(`${repository} ${each}`, stored);
      return reply(answer, 201, { "docker-content-digest": digest });
    }
    if (kind === "manifests") {
      const found = manifests.get(`${repository} ${name}`);
      if (found === undefined) return error(answer, 404, "MANIFEST_UNKNOWN");
      const headers = { "content-type": found.type, "docker-content-digest": digestOf(found.bytes) };
      return void send(200, headers, found.bytes);
    }
    if (kind === "referrers" && options.referrers === true) {
      const found = [...manifests].flatMap(([key, stored]) => referrer(key, stored, repository, name));
      const unique = [...new Map(found.map((each) => [each.digest, each])).values()];
      const index = { schemaVersion: 2, mediaType: indexType, manifests: unique };
      return reply(answer, 200, { "content-type": indexType }, JSON.stringify(index));
    }
    if (kind === "uploads") {
      if (method === "POST") {
        const mounted = blobs.get(`${url.searchParams.get("from")} ${url.searchParams.get("mount")}`);
        if (mounted !== undefined) {
          blobs.set(`${repository} ${url.searchParams.get("mount")}`, mounted);
          return reply(answer, 201);
        }
        const id = String(uploads.size + 1);
        uploads.set(id, Buffer.alloc(0));
        return reply(answer, 202, { location: `/v2/${repository}/blobs/uploads/${id}?state=a%2Fb` });
      }
      const held = uploads.get(name);
      if (held === undefined) return error(answer, 404, "BLOB_UPLOAD_UNKNOWN");
      const location = `${url.pathname}?state=a%2Fb`;
      const range = (bytes: Buffer) => ({ location, range: `0-${Math.max(0, bytes.length - 1)}` });
      if (method === "GET") return reply(answer, 204, range(held));
      if (method === "DELETE") {
        uploads.delete(name);
        return reply(answer, 204);
      }
      const begin = Number(/^(\d+)-/.exec(String(request.headers["content-range"]))?.[1] ?? held.length);
      if (begin !== held.length) {
        request.resume();
        return reply(answer, 416, range(held));
      }
      const cut = fault !== null && "cutAfter" in fault ? fault.cutAfter : null;
      const bytes = Buffer.concat([held, await read(request, cut)]);
      uploads.set(name, bytes);
      if (cut !== null) return void request.socket.destroy();
      if (method === "PATCH") return reply(answer, 202, range(bytes));
      const digest = url.searchParams.get("digest") ?? "";
      if (digestOf(bytes) !== digest) return error(answer, 400, "DIGEST_INVALID");
      uploads.delete(name);
      blobs.set(`${repository} ${digest}`, bytes);
      return reply(answer, 201, { "docker-content-digest": digest });
    }
    return error(answer, 404, "NAME_UNKNOWN");
  };

  const server = await serve((request, answer) => {
    handle(request, answer).catch(() => answer.destroy());
  }, options.tls);
  base = server.url;
  return {
    url: server.url,
    host: new URL(server.url).host,
    /** Every request, in order. */
    asked,
    blobs,
    manifests,
    requests: () => asked.map(({ method, url }) => `${method} ${url.pathname}`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function reply(answer: ServerResponse, status: number, headers = {}, body: Uint8Array | string = ""): void {
  answer.writeHead(status, headers).end(body);
}

function error(answer: ServerResponse, status: number, code: string): void {
  reply(answer, status, {}, JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
}

const indexType = "application/vnd.oci.image.index.v1+json";

function referrer(key: string, { type, bytes }: Stored, repository: string, subject: string) {
  const content = ImageManifest.partial().parse(JSON.parse(bytes.toString()));
  if (!key.startsWith(`${repository} `) || content.subject?.digest !== subject) return [];
  const { artifactType, annotations } = content;
  return [{ mediaType: type, digest: digestOf(bytes), size: bytes.length, artifactType, annotations }];
}

/** A request's body, or its beginning. */
async function read(request: IncomingMessage, longest: number | null): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    chunks.push(bytes);
    size += bytes.length;
    if (longest !== null && size >= longest) break;
  }
  return Buffer.concat(chunks).subarray(0, longest ?? undefined);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
