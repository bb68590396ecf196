import type { IncomingHttpHeaders } from "node:http";
import https from "node:https";
import { http } from "../base/http.ts";
import type { About } from "./engine.ts";

/** How to reach an engine over HTTP; what node:http and docker-modem both take. */
export interface Route {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly protocol: "http" | "https";
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Asks for `/_ping` and tells podman from docker by the answer's headers: one round trip, where `version` takes podman
 * half a second. Throws node's own error (with `code`) when nothing answers.
 */
export function ping(route: Route, signal: AbortSignal): Promise<About["kind"]> {
  const { protocol, ...where } = route;
  return new Promise((resolve, reject) => {
    const request = (protocol === "https" ? https : http).get(
      { ...where, path: "/_ping", agent: false, signal },
      (answer) => {
        answer.resume();
        answer.once("error", reject);
        if (answer.statusCode === 200) resolve(kindOf(answer.headers));
        // Go's own answer to HTTP where it wants TLS.
        else if (answer.statusCode === 400 && protocol === "http" && where.socketPath === undefined)
          reject(Object.assign(new Error("it wants TLS"), { code: "PLAIN_TO_TLS" }));
        else reject(new Error(`it answered with status ${answer.statusCode} and is no container engine`));
      },
    );
    request.once("error", reject);
  });
}

function kindOf(headers: IncomingHttpHeaders): About["kind"] {
  return headers["libpod-api-version"] !== undefined || /libpod/i.test(String(headers.server))
    ? "podman"
    : "docker";
}
