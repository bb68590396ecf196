import type { ClientRequest } from "node:http";
import { text } from "node:stream/consumers";
import { http } from "../base/http.ts";

/** A container's removal, begun. */
export interface Removal {
  /** When this process may end and the removal takes place all the same: as soon as an engine of its own has been told of it. */
  readonly assured: Promise<void>;
  readonly gone: Promise<void>;
}

/** Removals that an engine behind a socket has been told of. Neither podman nor docker gives one up when nobody waits for it. */
export class Removals {
  readonly #socketPath: string;
  readonly #open = new Set<ClientRequest>();

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Begins one. `otherwise` is what is done when the engine does not just do it. */
  begin(id: string, otherwise: () => Promise<void>): Removal {
    const path = `/containers/${id}?force=true&v=true`;
    const request = http.request({ socketPath: this.#socketPath, method: "DELETE", path, agent: false });
    this.#open.add(request);
    // "finish": all of it has been handed to the system, so the engine gets it whatever becomes of us.
    const sent = new Promise<void>((resolve) => request.once("finish", resolve));
    const gone = answerTo(request)
      .finally(() => this.#open.delete(request))
      .then((isGone) => (isGone ? undefined : otherwise()));
    request.end();
    const assured = Promise.race([sent, gone]);
    // Whoever waits for one of the two hears of a failure; the other must not end the process with it.
    assured.catch(() => undefined);
    return { assured, gone };
  }

  /** Lets this process end though answers are outstanding. */
  leave(): void {
    for (const request of this.#open) request.socket?.unref();
  }
}

/** Whether the engine says that it has removed the container. */
function answerTo(request: ClientRequest): Promise<boolean> {
  return new Promise((resolve) => {
    request.once("error", () => resolve(false));
    request.once("response", (answer) => {
      void text(answer).then(
        () => resolve(answer.statusCode === 204 || answer.statusCode === 200),
        () => resolve(false),
      );
    });
  });
}
