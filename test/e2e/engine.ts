import { type TestedEngine, engines } from "../engine/engines.ts";

/** The engine on which everything is tried that does not depend on the engine: rootless podman if it is there. */
export const mainEngine: TestedEngine = engines.find(({ name }) => /rootless/.test(name)) ??
  engines[0] ?? { name: "none", endpoint: "unix:///nonexistent/engine.sock" };
