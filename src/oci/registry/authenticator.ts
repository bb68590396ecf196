import { z } from "zod";
import { Failure } from "../../base/failure.ts";
import { parseJson } from "../../base/parse-json.ts";
import type { Credentials } from "./credentials.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { type Answer, readBeginning, type Sent } from "./exchange.ts";
import { refusal } from "./refusal.ts";
import { badAnswer } from "./registry-failure.ts";

export interface AuthenticatorOptions {
  readonly registry: string;
  /** What is to be done, as token servers name it: `repository:NAME:pull,push`. */
  readonly scopes: readonly string[];
  /** The user's login, asked for when the registry wants one. */
  readonly credentials: () => Promise<Credentials | null>;
  /** Sends a request to a token server, as often as may help. */
  readonly send: (sent: Sent) => Promise<Answer>;
}

/** What a token server answers (distribution, token authentication; RFC 6749 for the second name). */
const TokenAnswer = z.looseObject({ token: z.string().optional(), access_token: z.string().optional() });

/** Makes the Authorization header for one registry, as the registry asks for it. */
export class Authenticator {
  /** What to send with the next request; null before the registry has asked for anything. */
  header: string | null = null;
  private readonly options: AuthenticatorOptions;
  private renewal: Promise<string> | null = null;

  constructor(options: AuthenticatorOptions) {
    this.options = options;
  }

  /**
   * Answers a 401. Requests that were refused at the same time share one renewal; one whose header was renewed meanwhile
   * needs none. @throws Failure registry-unauthorized (infrastructure) when there is no way in.
   */
  async renew(refused: Answer, used: string | null, action: string): Promise<void> {
    if (this.header !== used) {
      refused.body.destroy();
      return;
    }
    this.renewal ??= this.authorize(refused, action).finally(() => {
      this.renewal = null;
    });
    this.header = await this.renewal;
  }

  private async authorize(refused: Answer, action: string): Promise<string> {
    const challenges = parseChallenges(refused.headers["www-authenticate"] ?? "");
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      refused.body.destroy();
      return `Bearer ${await this.fetchToken(bearer, refused.url, action)}`;
    }
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    const credentials = basic ? await this.options.credentials() : null;
    if (credentials?.kind !== "password") throw await refusal(refused, action);
    const header = basicHeader(credentials);
    // Sent already: the registry does not know it.
    if (header === this.header) throw await refusal(refused, action);
    refused.body.destroy();
    return header;
  }

  private async fetchToken({ parameters }: Challenge, asked: URL, action: string): Promise<string> {
    const { registry } = this.options;
    const realm = URL.parse(parameters["realm"] ?? "");
    if (realm === null || !/^https?:$/.test(realm.protocol)) {
      throw badAnswer(registry, "it asks for a token, but not from an http or https address");
    }
    if (asked.protocol === "https:" && realm.protocol !== "https:") {
      throw badAnswer(registry, "it sends logins to an address without TLS");
    }
    const scopes = [...new Set([...this.options.scopes, ...words(parameters["scope"])])];
    const service = parameters["service"];
    const credentials = await this.options.credentials();
    const answer = await this.options.send(
      credentials?.kind === "identity-token"
        ? tokenByIdentity(realm, service, scopes, credentials.token)
        : tokenByPassword(realm, service, scopes, credentials),
    );
    if (answer.status !== 200) throw await tokenRefused(answer, action);
    const parsed = TokenAnswer.safeParse(parseJson(await readBeginning(answer, longestTokenBytes)));
    const token = parsed.success ? (parsed.data.token ?? parsed.data.access_token) : undefined;
    if (!token || !/^[\x21-\x7e]+$/.test(token)) throw badAnswer(realm.host, "its answer holds no token");
    return token;
  }
}

const longestTokenBytes = 256 * 1024;

function tokenByPassword(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  credentials: (Credentials & { kind: "password" }) | null,
): Sent {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (credentials !== null) url.searchParams.set("account", credentials.user);
  const headers = credentials === null ? {} : { authorization: basicHeader(credentials) };
  return { method: "GET", url, headers };
}

function tokenByIdentity(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  token: string,
): Sent {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: token,
    client_id: "debkiln",
  });
  if (service !== undefined) form.set("service", service);
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: realm, headers, body: form.toString() };
}

/** A token server that refuses a login with whatever status it likes says the same as the registry's 401. */
async function tokenRefused(answer: Answer, action: string): Promise<Failure> {
  const failure = await refusal(answer, action);
  if (answer.status >= 500 || answer.status === 429) return failure;
  return new Failure("infrastructure", "registry-unauthorized", failure.message, {
    hint: "The token server refuses the login: log in again with `podman login`.",
    details: failure.details,
  });
}

function basicHeader({ user, password }: Credentials & { kind: "password" }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(" ").filter((word) => word !== "");
}
