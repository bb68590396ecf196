import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { TestedEngine } from "../engine/engines.ts";
import {
  type DockerRegistry,
  type DockerRegistryOptions,
  startDockerRegistry,
} from "../loopback/docker-registry.ts";
import { type Place, openPlace } from "./bad-input/place.ts";
import { type Kiln, type KilnOptions, openKiln } from "./kiln.ts";

/** For which tests something is open: anew for each of the group or file that asks for it, or once for all of them. */
export type Span = "each test" | "all tests";

/** A kiln on an engine, to be asked for where tests are described. */
export function kilnFor(span: Span, engine: TestedEngine, options: KilnOptions = {}): Kiln {
  const kiln = opened(span, () => openKiln(engine, options));
  return {
    get directory() {
      return kiln().directory;
    },
    get environment() {
      return kiln().environment;
    },
    run: (...words) => kiln().run(...words),
    succeed: (...words) => kiln().succeed(...words),
    start: (...words) => kiln().start(...words),
    containers: () => kiln().containers(),
  };
}

/** A place with a directory for temporary files of its own, likewise. */
export function placeFor(span: Span, engine?: TestedEngine): Place {
  const place = opened(span, () => openPlace(engine));
  return {
    get directory() {
      return place().directory;
    },
    get environment() {
      return place().environment;
    },
    run: (...words) => place().run(...words),
    containers: () => place().containers(),
  };
}

/** Debian's docker-registry, likewise. */
export function registryFor(
  span: Span,
  options: () => Promise<DockerRegistryOptions> = async () => ({}),
): Pick<DockerRegistry, "host"> {
  const registry = opened(span, async () => startDockerRegistry(await options()));
  return {
    get host() {
      return registry().host;
    },
  };
}

/** What is open while a test runs: opened before it, in the order in which it was asked for, and disposed of after it. */
export function opened<T extends AsyncDisposable>(span: Span, open: () => Promise<T>): () => T {
  let current: T | null = null;
  const before = span === "each test" ? beforeEach : beforeAll;
  const after = span === "each test" ? afterEach : afterAll;
  before(async () => {
    current = await open();
  }, 900_000);
  after(async () => {
    await current?.[Symbol.asyncDispose]();
    current = null;
  });
  return () => {
    if (current === null) throw new Error("This is open while a test runs, and not before");
    return current;
  };
}
