import { registerHooks } from "node:module";
import type Docker from "dockerode";

/**
 * dockerode's class, without what it loads and we never use: gRPC for BuildKit sessions, ssh2 (ssh goes through our own
 * tunnel) and tar-fs (tars come from our own writer) cost 100 ms and 17 MB at every start.
 */
export async function loadDockerode(): Promise<typeof Docker> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      unused.has(specifier) ? { url: "node:string_decoder", shortCircuit: true } : next(specifier, context),
  });
  try {
    return (await import("dockerode")).default;
  } finally {
    hooks.deregister();
  }
}

const unused: ReadonlySet<string> = new Set(["@grpc/grpc-js", "@grpc/proto-loader", "ssh2", "tar-fs"]);
