import { Failure } from "../base/failure.ts";

/** Where an engine is. */
export type Endpoint =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "tcp"; readonly secure: boolean; readonly host: string; readonly port: number }
  | {
      readonly type: "ssh";
      readonly host: string;
      readonly port: number | null;
      readonly user: string | null;
      /** The socket's path over there; null: the first usual one that can be written to. */
      readonly path: string | null;
    };

/** Reads an endpoint: `unix:///path`, `/path`, `tcp://host:port`, `http(s)://host:port`, `ssh://user@host[:port][/path]`. @throws Failure bad-endpoint (usage). */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith("/")) return unix(text, text);
  if (text.startsWith("unix://")) return unix(text.slice("unix://".length), text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw bad(text);
  // A host that begins with a dash would be an option to ssh.
  if (!/^(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname)) throw bad(text);
  switch (url.protocol) {
    case "tcp:":
    case "http:":
    case "https:":
      return tcp(url, text);
    case "ssh:":
      return ssh(url, text);
    default:
      throw bad(text);
  }
}

/** The endpoint as text again, the form shown to users. */
export function endpointText(endpoint: Endpoint): string {
  if (endpoint.type === "unix") return `unix://${endpoint.path}`;
  const port = endpoint.port === null ? "" : `:${endpoint.port}`;
  if (endpoint.type === "tcp") return `${endpoint.secure ? "https" : "tcp"}://${endpoint.host}${port}`;
  return `ssh://${endpoint.user === null ? "" : `${endpoint.user}@`}${endpoint.host}${port}${endpoint.path ?? ""}`;
}

function unix(path: string, text: string): Endpoint {
  if (!path.startsWith("/") || path.includes("\0")) throw bad(text);
  return { type: "unix", path };
}

function tcp(url: URL, text: string): Endpoint {
  if (url.username !== "" || !["", "/"].includes(url.pathname)) throw bad(text);
  const secure = url.protocol === "https:" || url.port === "2376";
  const usual = url.protocol === "http:" ? 80 : url.protocol === "https:" ? 443 : 2375;
  return { type: "tcp", secure, host: url.hostname, port: url.port === "" ? usual : Number(url.port) };
}

function ssh(url: URL, text: string): Endpoint {
  const user = decoded(url.username, text);
  const path = decoded(url.pathname, text);
  if (user !== "" && !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(user)) throw bad(text);
  // ssh's -L takes colons as its own separators.
  if (/[:\p{Cc}]/u.test(path)) throw bad(text);
  return {
    type: "ssh",
    host: url.hostname,
    port: url.port === "" ? null : Number(url.port),
    user: user === "" ? null : user,
    path: ["", "/"].includes(path) ? null : path,
  };
}

function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw bad(text);
  }
}

function bad(text: string): Failure {
  return new Failure("usage", "bad-endpoint", `${JSON.stringify(text)} is not an engine's address`, {
    hint: "Give unix:///path, tcp://host:port, ssh://user@host[:port][/path], or the words podman or docker.",
  });
}
