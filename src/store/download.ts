import type { Agent, IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { Failure } from "../base/failure.ts";
import { agentsFor } from "../base/http-agents.ts";
import { http } from "../base/http.ts";
import { withoutSecrets } from "../base/without-secrets.ts";
import { isLocal, openLocal } from "./local-file.ts";

export interface DownloadOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Must be read or destroyed. */
  readonly body: Readable;
}

/** Gives what an http or https address answers with 200 or, to a conditional request, 304; and files by their addresses. */
export type Download = (uri: string, options?: DownloadOptions) => Promise<Answer>;

export interface DownloaderOptions {
  /** `http_proxy`, `https_proxy` and `no_proxy`; asked at the first download. */
  readonly proxies: () => Promise<Readonly<Record<string, string>>>;
  /** PEM file of further certificate authorities; the system's own are always trusted. */
  readonly caBundle?: string;
}

const attempts = 4;
const redirects = 5;
const silenceMs = 30_000;

/**
 * Makes a downloader: keep-alive, proxies, redirects, and new attempts with growing pauses when the network or server
 * fails in a way that may pass.
 * @throws Failure (from the downloader, all infrastructure) mirror-unreachable, not-found, download-refused.
 */
export function downloader(options: DownloaderOptions): Download {
  let agents: ((uri: URL) => Agent) | null = null;
  return async (uri, request = {}) => {
    if (isLocal(uri)) return { status: 200, headers: {}, body: await openLocal(uri) };
    const agentOf = (agents ??= agentsFor({ proxyEnv: await options.proxies(), caBundle: options.caBundle }));
    for (let attempt = 1; ; attempt++) {
      const answer = await follow(uri, agentOf, request).catch((thrown: unknown) => unreachable(uri, thrown));
      if (!(answer instanceof Failure)) {
        if (answer.status === 200 || answer.status === 304) return answer;
        answer.body.destroy();
      }
      const failure = answer instanceof Failure ? answer : refusal(uri, answer.status);
      request.signal?.throwIfAborted();
      if (attempt === attempts || !failure.details["mayPass"]) throw failure;
      await setTimeout(200 * 2 ** attempt, undefined, { signal: request.signal });
    }
  };
}

async function follow(uri: string, agentOf: (uri: URL) => Agent, options: DownloadOptions): Promise<Answer> {
  let at = parseUri(uri);
  for (let hop = 0; hop <= redirects; hop++) {
    const body = await request(at, agentOf(at), options);
    const status = body.statusCode ?? 0;
    const location = body.headers.location;
    if (status < 300 || status === 304 || status >= 400 || location === undefined) {
      return { status, headers: body.headers, body };
    }
    body.destroy();
    const next = parseUri(new URL(location, at).href);
    if (at.protocol === "https:" && next.protocol !== "https:") break;
    at = next;
  }
  throw new Failure(
    "infrastructure",
    "download-refused",
    `${withoutSecrets(uri)} redirects too often or away from https`,
    {
      hint: "Check the mirror's address.",
    },
  );
}

function request(uri: URL, agent: Agent, options: DownloadOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = uri.protocol === "https:" ? httpsGet : http.get;
    const headers = { "user-agent": "debkiln", ...options.headers };
    const sent = get(uri, { agent, headers, ...(options.signal ? { signal: options.signal } : {}) }, resolve);
    sent.on("error", reject);
    sent.setTimeout(silenceMs, () => sent.destroy(new Error(`no answer for ${silenceMs / 1000} s`)));
  });
}

function parseUri(text: string): URL {
  const uri = URL.parse(text);
  if (uri !== null && (uri.protocol === "http:" || uri.protocol === "https:")) return uri;
  throw new Failure("usage", "bad-uri", `${withoutSecrets(text)} is not an http or https address`, {
    hint: "Give mirrors and repositories as http:// or https:// addresses.",
  });
}

function unreachable(address: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const uri = withoutSecrets(address);
  const said = thrown instanceof Error ? thrown.message || String(thrown) : String(thrown);
  // Node goes on after a semicolon with advice about itself.
  const reason = said.replace(/;.*/s, "");
  const name = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return new Failure("infrastructure", "mirror-unreachable", `Cannot reach ${uri}: ${reason || name}`, {
    hint: name.includes("CERT")
      ? "Name the certificate authority's PEM file with ca_bundle (--ca-bundle)."
      : "Check the network, the mirror's address and the proxy settings; --frozen builds from what is cached.",
    details: { uri, mayPass: !name.includes("CERT") && name !== "ENOTFOUND" },
    cause: thrown,
  });
}

function refusal(address: string, status: number): Failure {
  const uri = withoutSecrets(address);
  if (status === 404 || status === 410) {
    return new Failure("infrastructure", "not-found", `${uri} is not there (HTTP ${status})`, {
      hint: "The mirror may be between two states, or lack this suite or architecture; try again or another mirror.",
      details: { uri, status, mayPass: false },
    });
  }
  return new Failure("infrastructure", "download-refused", `${uri} answers HTTP ${status}`, {
    hint:
      status >= 500
        ? "The mirror or proxy has a fault; try again later."
        : "Check the mirror's address and rights.",
    details: { uri, status, mayPass: status >= 500 || status === 429 },
  });
}
