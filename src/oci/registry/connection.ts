import type { Agent } from "node:http";
import type { Readable } from "node:stream";
import { Failure } from "../../base/failure.ts";
import { agentsFor } from "../../base/http-agents.ts";
import { errorCode } from "../../base/system-error.ts";
import { dockerHub } from "../reference.ts";
import type { FindCredentials } from "./credentials.ts";
import { Authenticator } from "./authenticator.ts";
import { readCertificates } from "./certificates.ts";
import { type Answer, exchange, type Headers, type Sent } from "./exchange.ts";
import { refusal } from "./refusal.ts";
import { badAnswer, plainHttp, unreachable } from "./registry-failure.ts";
import { patiently, type Patience, type Pause, pauseReally } from "./retry.ts";

/** How registries are reached, the same for all of a command's. */
export interface RegistryAccess {
  /** `http_proxy`, `https_proxy` and `no_proxy`. */
  readonly proxies: Readonly<Record<string, string>>;
  /** PEM file of further certificate authorities. */
  readonly caBundle?: string | undefined;
  readonly credentials: FindCredentials;
  /** `unverified` takes any certificate, and http from a registry that does not speak TLS (`--tls-verify=false`). */
  readonly tls: "verified" | "unverified";
  /** Where certs.d directories of the user are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly pause?: Pause;
}

/** What to ask of a registry. */
export interface Ask {
  readonly method: Sent["method"];
  /** Below the registry's root (`/v2/...`), or whole, as the registry gave it. */
  readonly url: string | URL;
  readonly headers?: Headers;
  /** Opened anew for each attempt. */
  readonly body?: Uint8Array | (() => Promise<Readable>);
  /** What is being done, for messages: "push registry.example/a:b". */
  readonly action: string;
  /** Statuses that the caller deals with; every other is a failure. */
  readonly expect: readonly number[];
  /** How often it is tried when it fails in a way that may pass. */
  readonly tries?: "several" | "one";
}

const redirects = 5;

/** Requests to one registry on behalf of one repository: authorized, redirected, repeated as needed. */
export class Connection {
  readonly registry: string;
  readonly patience: Patience;
  private readonly access: RegistryAccess;
  private readonly authenticator: Authenticator;
  private reached: Promise<Reached> | null = null;

  constructor(registry: string, repository: string, scopes: readonly string[], access: RegistryAccess) {
    this.registry = registry;
    this.access = access;
    this.patience = { pause: access.pause ?? pauseReally, signal: access.signal };
    this.authenticator = new Authenticator({
      registry,
      scopes,
      credentials: () => access.credentials(registry, repository),
      send: (sent) => this.askTokenServer(sent),
    });
  }

  /**
   * Sends a request and gives the answer, which has one of the expected statuses.
   * @throws Failure registry-unreachable, registry-unauthorized, registry-denied, image-not-found, registry-busy,
   * registry-full, registry-failed, bad-registry-answer (all infrastructure), and those of credentials.
   */
  async ask(ask: Ask): Promise<Answer> {
    const attempt = async () => {
      const answer = await this.authorized(ask);
      if (ask.expect.includes(answer.status)) return answer;
      throw await refusal(answer, ask.action);
    };
    return ask.tries === "one" ? await attempt() : await patiently(this.patience, attempt);
  }

  /** An address as the registry gave it, made whole; it may be relative to the one that was asked. */
  resolve(location: string, asked: URL): URL {
    const url = URL.parse(location, asked.href);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw badAnswer(this.registry, `it redirects to "${location.slice(0, 200)}"`);
    }
    // A registry behind a proxy that ends TLS may not know that it has any.
    if (asked.protocol === "https:" && url.protocol === "http:" && url.hostname === asked.hostname) {
      url.protocol = "https:";
      url.port = asked.port;
    }
    if (asked.protocol === "https:" && url.protocol === "http:") {
      throw badAnswer(this.registry, `it redirects from https to ${url.origin}`);
    }
    return url;
  }

  private async authorized(ask: Ask): Promise<Answer> {
    for (let renewals = 0; ; renewals++) {
      const used = this.authenticator.header;
      const answer = await this.follow(ask, used);
      if (answer.status !== 401 || renewals === mostRenewals) return answer;
      await this.authenticator.renew(answer, used, ask.action);
    }
  }

  /** The login goes to the registry's own host only: a redirect leads to a storage that has its own, in the address. */
  private async follow(ask: Ask, authorization: string | null): Promise<Answer> {
    const { root, agentOf } = await this.reach(ask.action);
    let url = new URL(ask.url, root);
    for (let hop = 0; hop <= redirects; hop++) {
      const own = url.origin === root.origin;
      const headers = {
        ...ask.headers,
        ...(own && authorization !== null ? { authorization } : {}),
      };
      const answer = await this.send(await sentOf(ask, url, headers), agentOf(url), ask.action);
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
      answer.body.destroy();
      url = this.resolve(location, url);
    }
    throw badAnswer(this.registry, "it redirects without end");
  }

  private async send(sent: Sent, agent: Agent, action: string): Promise<Answer> {
    const { signal } = this.access;
    try {
      return await exchange(sent, agent, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw unreachable(sent.url.host, action, thrown);
    }
  }

  /** Finds out once how the registry is to be spoken to. */
  private reach(action: string): Promise<Reached> {
    return (this.reached ??= this.findRoot(action).catch((thrown: unknown) => {
      this.reached = null;
      throw thrown;
    }));
  }

  private async findRoot(action: string): Promise<Reached> {
    const { access, registry } = this;
    const { authorities, client } = await readCertificates(registry, access.environment);
    const options = {
      proxyEnv: withoutLoopback(access.proxies),
      caBundle: access.caBundle,
      authorities,
      verify: access.tls === "unverified" ? "nothing" : "certificate",
    } as const;
    const others = agentsFor(options);
    const own = client === null ? others : agentsFor({ ...options, client });
    const host = registry === dockerHub ? "registry-1.docker.io" : registry;
    const https = new URL(`https://${host}/`);
    const http = new URL(`http://${host}/`);
    const speaksTls = access.tls === "verified" || (await this.handshake(https, own(https), action));
    const root = speaksTls ? https : http;
    return { root, agentOf: (url) => (url.host === root.host ? own(url) : others(url)) };
  }

  private async handshake(url: URL, agent: Agent, action: string): Promise<boolean> {
    try {
      const answer = await this.send(
        { method: "GET", url: new URL("/v2/", url), headers: {} },
        agent,
        action,
      );
      answer.body.destroy();
      return true;
    } catch (thrown) {
      if (thrown instanceof Failure && isPlain(thrown.cause, url)) return false;
      throw thrown;
    }
  }

  private async askTokenServer(sent: Sent): Promise<Answer> {
    const action = `get a token for ${this.registry}`;
    const { agentOf } = await this.reach(action);
    return await patiently(this.patience, async () => {
      const answer = await this.send(sent, agentOf(sent.url), action);
      if (answer.status >= 500 || answer.status === 429) throw await refusal(answer, action);
      return answer;
    });
  }
}

interface Reached {
  readonly root: URL;
  readonly agentOf: (url: URL) => Agent;
}

/** Whether http may be what a registry speaks that does not answer to https. */
function isPlain(thrown: unknown, { port }: URL): boolean {
  return plainHttp(thrown) || (port === "" && errorCode(thrown) === "ECONNREFUSED");
}

/** A token may run out in the middle of a long push. */
const mostRenewals = 2;

async function sentOf({ method, body }: Ask, url: URL, headers: Headers): Promise<Sent> {
  if (body === undefined) return { method, url, headers: bodyless(method, headers) };
  if (body instanceof Uint8Array)
    return { method, url, headers: { ...headers, "content-length": String(body.length) }, body };
  return { method, url, headers, body: await body() };
}

/** Without a length Node sends an empty POST or PUT in chunks, which some registries and proxies refuse. */
function bodyless(method: Sent["method"], headers: Headers): Headers {
  return ["POST", "PUT", "PATCH"].includes(method) ? { ...headers, "content-length": "0" } : headers;
}

/** As podman and docker do, registries on this machine are asked without a proxy. */
function withoutLoopback(proxies: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const none = [proxies["no_proxy"], "localhost", "127.0.0.1", "[::1]"].filter((each) => each);
  return { ...proxies, no_proxy: none.join(",") };
}
