import {
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { badAnswer, unreachable } from "./registry-failure.ts";

export type Headers = Readonly<Record<string, string>>;

/** One request, as it goes over the wire. */
export interface Sent {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers: Headers;
  /** A stream must have as many bytes as the header content-length says. */
  readonly body?: Uint8Array | string | Readable;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read or destroyed. */
  readonly body: IncomingMessage;
  readonly url: URL;
}

/** How long the other side may be silent: some registries hash or copy a whole blob before they answer. */
const silenceMs = 180_000;

/**
 * Sends one request and gives the answer, whatever its status; redirects are not followed. An answer that comes before
 * the whole body was sent ends the sending. @throws the system's error when the connection fails, and the body's own.
 */
export function exchange(
  { method, url, headers, body }: Sent,
  agent: Agent,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? httpsRequest : httpRequest;
    const sent = request(url, { method, agent, signal, headers: { "user-agent": "debkiln", ...headers } });
    sent.setTimeout(silenceMs, () => sent.destroy(new Error(`no answer for ${silenceMs / 1000} s`)));
    sent.on("error", reject);
    sent.on("close", () => {
      if (body instanceof Readable) body.destroy();
    });
    sent.on("response", (answer) => {
      if (body instanceof Readable && !body.readableEnded) {
        body.unpipe(sent).destroy();
        answer.once("close", () => sent.destroy());
      }
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer, url });
    });
    if (body instanceof Readable) body.on("error", (error) => sent.destroy(error)).pipe(sent);
    else sent.end(body);
  });
}

/** The first bytes of an answer's body as text, for messages; the rest is dropped. */
export async function readBeginning({ body }: Answer, longest: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      const bytes: Buffer = chunk;
      chunks.push(bytes);
      size += bytes.length;
      if (size >= longest) break;
    }
  } catch {
    // The status alone says enough.
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks).subarray(0, longest);
}

/** An answer's whole body. @throws Failure bad-registry-answer when it is too long, registry-unreachable (infrastructure). */
export async function readAll({ body, url }: Answer, longest: number, action: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      const bytes: Buffer = chunk;
      chunks.push(bytes);
      size += bytes.length;
      if (size > longest)
        throw badAnswer(url.host, `it answers with more than ${longest} bytes to: ${action}`);
    }
    return Buffer.concat(chunks);
  } catch (thrown) {
    throw unreachable(url.host, action, thrown);
  } finally {
    body.destroy();
  }
}
