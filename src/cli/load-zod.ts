import { registerHooks } from "node:module";

/**
 * Loads zod without its messages in fifty languages, which are a third of its loading time; English, which it loads by
 * name, stays. Whoever imports it later gets what is loaded.
 */
export async function loadZod(): Promise<void> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "../locales/index.js"
        ? { url: "node:string_decoder", shortCircuit: true }
        : next(specifier, context),
  });
  try {
    await import("zod");
  } finally {
    hooks.deregister();
  }
}
