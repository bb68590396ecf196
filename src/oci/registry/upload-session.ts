import type { Readable } from "node:stream";
import type { Descriptor } from "../image-spec.ts";
import type { Connection } from "./connection.ts";
import type { Answer } from "./exchange.ts";
import { refusal } from "./refusal.ts";
import { badAnswer } from "./registry-failure.ts";
import type { Patience } from "./retry.ts";
import { requireDigest } from "./answer-digest.ts";
import { Failure } from "../../base/failure.ts";

/** An upload that the registry has begun (distribution-spec, Pushing a blob in chunks). */
export interface Session {
  /** Where its next request goes. */
  readonly url: URL;
  /** How many bytes the registry has. */
  readonly offset: number;
  /** The least that a chunk may have, unless it is the last. */
  readonly leastBytes: number;
}

/** The uploads of blobs into one repository, request by request. */
export class Uploads {
  private readonly connection: Connection;
  private readonly path: string;
  private readonly action: string;

  constructor(connection: Connection, repository: string, action: string) {
    this.connection = connection;
    this.path = `/v2/${repository}/blobs/uploads/`;
    this.action = action;
  }

  get registry(): string {
    return this.connection.registry;
  }

  get patience(): Patience {
    return this.connection.patience;
  }

  async begin(): Promise<Session> {
    const answer = await this.connection.ask({
      method: "POST",
      url: this.path,
      action: this.action,
      expect: [202],
    });
    return this.sessionOf(answer, 0);
  }

  /**
   * Asks for a blob of another repository of the same registry. Null when it was mounted; else an upload that may be used,
   * or no answer to the point.
   */
  async mount(blob: Descriptor, from: string): Promise<Session | "mounted" | "refused"> {
    const query = new URLSearchParams({ mount: blob.digest, from });
    const ask = { method: "POST", url: `${this.path}?${query.toString()}`, action: this.action } as const;
    const expect = [201, 202, 400, 401, 403, 404, 405];
    const answer = await this.connection.ask({ ...ask, expect });
    if (answer.status === 202) return this.sessionOf(answer, 0);
    answer.body.destroy();
    return answer.status === 201 ? "mounted" : "refused";
  }

  /** Sends the bytes of a blob from one offset to another. Tried once: what to do next, the upload's state says. */
  async send(session: Session, from: number, end: number, open: () => Promise<Readable>): Promise<Session> {
    const answer = await this.connection.ask({
      method: "PATCH",
      url: session.url,
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(end - from),
        "content-range": `${from}-${end - 1}`,
      },
      body: open,
      action: this.action,
      expect: [202, 404, 416],
      tries: "one",
    });
    if (answer.status !== 202) throw await outOfStep(answer, this.action, session);
    return this.sessionOf(answer, end, session);
  }

  /** Where an upload stands; null when the registry has given it up. */
  async state(session: Session, blob: Descriptor): Promise<Session | null> {
    const answer = await this.connection.ask({
      method: "GET",
      url: session.url,
      action: this.action,
      expect: [200, 202, 204, 400, 404, 405, 416],
    });
    if (answer.status >= 400) {
      answer.body.destroy();
      return null;
    }
    const state = this.sessionOf(answer, 0, session);
    return state.offset <= blob.size ? state : null;
  }

  /** Ends an upload; with a body, that is the whole blob. */
  async finish(session: Session, blob: Descriptor, open?: () => Promise<Readable>): Promise<void> {
    const url = new URL(session.url);
    url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(blob.digest)}`;
    const type = { "content-type": "application/octet-stream" };
    const answer = await this.connection.ask({
      method: "PUT",
      url,
      ...(open === undefined
        ? {}
        : { headers: { ...type, "content-length": String(blob.size) }, body: open }),
      action: this.action,
      expect: [201, 204],
      tries: "one",
    });
    answer.body.destroy();
    requireDigest(answer, blob.digest, this.registry);
  }

  /** Drops an upload that is not needed; that it cannot be dropped does no harm. */
  async cancel(session: Session): Promise<void> {
    const ask = { method: "DELETE", url: session.url, action: this.action, tries: "one" } as const;
    const answer = await this.connection.ask({ ...ask, expect: [200, 202, 204] }).catch(() => null);
    answer?.body.destroy();
  }

  private sessionOf({ headers, url, body }: Answer, otherwise: number, before?: Session): Session {
    body.destroy();
    const { location } = headers;
    if (location === undefined && before === undefined) {
      throw badAnswer(this.registry, "it begins an upload without saying where");
    }
    return {
      url: location === undefined ? url : this.connection.resolve(location, url),
      offset: offsetOf(headers["range"]) ?? otherwise,
      leastBytes: Number(/^\d{1,10}$/.exec(String(headers["oci-chunk-min-length"]))?.[0] ?? 0),
    };
  }
}

/** The first byte that is missing, by a Range of what is there. Distribution says "0-0" of an upload without any. */
function offsetOf(range: string | undefined): number | null {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(range ?? "")?.[1];
  if (last === undefined) return null;
  return last === "0" ? 0 : Number(last) + 1;
}

/** The registry has another part of the blob than was thought, or forgot the upload: its state says what. */
async function outOfStep(answer: Answer, action: string, { offset }: Session): Promise<Failure> {
  const failure = await refusal(answer, action);
  const details = { ...failure.details, mayPass: offset > 0 || answer.status === 404 };
  return new Failure("infrastructure", "registry-failed", failure.message, {
    hint: "The registry does not take up uploads that broke off; try again.",
    details,
  });
}
