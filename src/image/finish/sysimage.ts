const sysimage = "usr/lib/sysimage";

/**
 * Where in /usr that lies which describes the image: `usr/lib/sysimage/dpkg` for `var/lib/dpkg`. What was elsewhere in
 * /var keeps its directory's name.
 */
export function sysimagePath(path: string): string {
  return `${sysimage}/${path.replace(/^var\/(?:lib\/)?/, "")}`;
}
