import { identityTexts } from "./host-identity.ts";
import { orderless } from "./stable-order.ts";

const files = new Set([
  "etc/passwd",
  "etc/group",
  "etc/shadow",
  "etc/gshadow",
  "usr/sbin/policy-rc.d",
  "var/lib/dpkg/status",
  "var/lib/dpkg/diversions",
  "var/lib/dpkg/statoverride",
  "var/lib/apt/extended_states",
  ...identityTexts.map(([path]) => path),
  ...Object.keys(orderless),
]);

const directories = [
  /^(?:usr\/lib|etc)\/(?:sysusers|tmpfiles)\.d\/[^/]+\.conf$/,
  /^(?:usr\/lib|usr\/local\/lib|etc)\/systemd\/system\/[^/]+(?:\.d\/[^/]+\.conf)?$/,
  // dracut's units, which systemd's directory has links to.
  /^usr\/lib\/.*\.(?:service|socket|target|timer|path|mount)$/,
  /^var\/lib\/dpkg\/triggers\/[^/]+$/,
];

/** Whether verbs read this file: small ones all. */
export function isSystemText(path: string): boolean {
  return files.has(path) || directories.some((pattern) => pattern.test(path));
}
