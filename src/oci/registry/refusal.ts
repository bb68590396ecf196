import { z } from "zod";
import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import { parseJson } from "../../base/parse-json.ts";
import { type Answer, readBeginning } from "./exchange.ts";

/** What registries say of errors (distribution-spec, Error Codes). */
const ErrorBody = z.looseObject({
  errors: z
    .array(
      z.looseObject({
        code: z.string().optional(),
        message: z.string().nullish(),
        detail: z.unknown().optional(),
      }),
    )
    .min(1),
});

/**
 * The failure of an answer that is no success, by its status and what the registry says with it. Its details have
 * `mayPass` and, where the registry names a time, `retryAfterMs`.
 */
export async function refusal(answer: Answer, action: string): Promise<Failure> {
  const { status, headers, url } = answer;
  const { codes, words } = said(await readBeginning(answer, longestErrorBytes));
  const full = status === 507 || /no space left|\bENOSPC\b|"Err":28\b|quota/i.test(words);
  const { code, hint, mayPass } = full && status !== 429 ? noSpace : kindOf(status);
  const reason = words === "" ? `HTTP ${status}` : `HTTP ${status}: ${printableLine(words).slice(0, 500)}`;
  const retryAfterMs = readRetryAfter(headers["retry-after"], Date.now());
  return new Failure("infrastructure", code, `Cannot ${action}: ${url.host} answers ${reason}`, {
    hint,
    details: { status, codes, mayPass, ...(retryAfterMs === null ? {} : { retryAfterMs }) },
  });
}

const longestErrorBytes = 64 * 1024;

interface Kind {
  readonly code: string;
  readonly hint: string;
  /** Whether the same request may be answered otherwise in a while. */
  readonly mayPass: boolean;
}

const noSpace: Kind = {
  code: "registry-full",
  hint: "The registry has no space left, or this account's share of it is used up: free some there.",
  mayPass: false,
};

function kindOf(status: number): Kind {
  if (status < 400)
    return {
      code: "bad-registry-answer",
      hint: "Check that the name leads to a registry, and not to some other server or a login page.",
      mayPass: false,
    };
  switch (status) {
    case 401:
      return {
        code: "registry-unauthorized",
        hint: "Log in with `podman login` or `docker login`, or name a file with logins with --authfile.",
        mayPass: false,
      };
    case 403:
      return {
        code: "registry-denied",
        hint: "This login may not do that: check the repository's name and the account's rights there.",
        mayPass: false,
      };
    case 404:
      return {
        code: "image-not-found",
        hint: "Check the name; some registries say this of what the login may not see, too.",
        mayPass: false,
      };
    case 429:
      return {
        code: "registry-busy",
        hint: "The registry has had too many requests from this account or address: try again later, or log in.",
        mayPass: true,
      };
    default:
      return {
        code: "registry-failed",
        hint:
          status >= 500
            ? "The registry or a proxy before it has a fault; try again later."
            : "The registry does not take this request; its words are in the message.",
        mayPass: status === 408 || (status >= 500 && status !== 501 && status !== 505),
      };
  }
}

function said(body: Buffer): { readonly codes: readonly string[]; readonly words: string } {
  const text = body.toString("utf8");
  const parsed = ErrorBody.safeParse(parseJson(text));
  // What is not in the registries' form is a proxy's page, say; only plain text is worth showing.
  if (!parsed.success) return { codes: [], words: /^\s*</.test(text) ? "" : text.trim() };
  const { errors } = parsed.data;
  const words = errors.map(({ code, message, detail }) =>
    [code, message, detail && JSON.stringify(detail)].filter((each) => each).join(" "),
  );
  return { codes: errors.map(({ code }) => code ?? ""), words: words.join("; ") };
}

/** Milliseconds to wait by a Retry-After header (RFC 9110, 10.2.3): seconds, or a date. */
export function readRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
