import { Failure } from "../base/failure.ts";
import { withoutSecrets } from "../base/without-secrets.ts";

const attempts = 3;

/**
 * Does a download that is of use only as a whole, again when its connection breaks off in the middle or gives wrong bytes:
 * a stale cache on the way may have given those.
 * @throws Failure mirror-unreachable (infrastructure) when it always breaks off, and what the work raises.
 */
export async function retryBrokenOff<T>(
  uri: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      signal?.throwIfAborted();
      const failure = brokeOff(uri, thrown);
      if (attempt === attempts || !mayPass(failure)) throw failure;
    }
  }
}

function mayPass(thrown: unknown): boolean {
  return thrown instanceof Failure && (thrown.code === "checksum-mismatch" || "brokeOff" in thrown.details);
}

/** What a connection that ends too early throws, as a Failure; anything else as it came. */
function brokeOff(uri: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof Failure || !("code" in thrown)) return thrown;
  if (!early.test(String(thrown.code))) return thrown;
  const shown = withoutSecrets(uri);
  return new Failure("infrastructure", "mirror-unreachable", `${shown} broke off: ${thrown.message}`, {
    hint: "Check the network and the mirror; what has been downloaded is kept.",
    details: { uri: shown, brokeOff: true },
    cause: thrown,
  });
}

const early = /^(ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_STREAM_PREMATURE_CLOSE|HPE_.*)$/;
