import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import { Failure } from "../base/failure.ts";
import { http } from "../base/http.ts";

/*
 * What docker-modem really gives where its types say ReadableStream or any: node's own classes, which is checked here
 * once for all.
 */

/** The body of a streamed answer. */
export function readableOf(answer: unknown): Readable {
  return answer instanceof Readable ? answer : unexpected("a stream");
}

/** A streamed answer with its headers. */
export function messageOf(answer: unknown): IncomingMessage {
  return answer instanceof http.IncomingMessage ? answer : unexpected("an HTTP answer");
}

/** A taken-over connection. */
export function socketOf(answer: unknown): Socket {
  return answer instanceof Socket ? answer : unexpected("a connection");
}

function unexpected(what: string): never {
  throw new Failure("infrastructure", "engine-failed", `The engine did not answer with ${what}`, {
    hint: "Run `debkiln doctor`: this engine or a proxy before it may not speak the Docker API.",
  });
}
