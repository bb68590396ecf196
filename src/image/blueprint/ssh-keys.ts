import type { Notice } from "../plan.ts";
import { type Part, lines, sorted, textFile } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";
import { hasSshServer } from "./ssh-server.ts";

/**
 * SSH keys: in the image itself rather than in homes, so that a newer image can take a key away again. sshd looks there
 * besides the homes (sshd_config(5), AuthorizedKeysFile).
 * @throws Failure definition-invalid-value (usage) for what is no public key.
 */
export function sshKeyPart(definition: Definition): Part {
  const keys = keysByUser(definition);
  if (keys.size === 0) return {};
  return {
    entries: [
      textFile(
        "/etc/ssh/sshd_config.d/50-image-keys.conf",
        lines(`AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2 ${directory}/%u`),
        "customizations.user",
      ),
      ...[...keys].map(([user, list]) =>
        textFile(`${directory}/${user}`, lines(...sorted(list)), "customizations.user"),
      ),
    ],
    notices: hasSshServer(definition) ? [] : [withoutServer],
  };
}

const directory = "/usr/lib/ssh/authorized_keys.d";

function keysByUser(definition: Definition): Map<string, readonly string[]> {
  const { user, sshkey } = definition.blueprint.customizations;
  const given = [
    ...user.map(({ name, key }, at) => ({ name, text: key ?? "", path: ["user", String(at), "key"] })),
    ...sshkey.map((each, at) => ({ name: each.user, text: each.key, path: ["sshkey", String(at), "key"] })),
  ];
  const keys = new Map<string, readonly string[]>();
  for (const { name, text, path } of given) {
    const found = text
      .split("\n")
      .map((each) => each.trim())
      .filter((each) => each !== "" && !each.startsWith("#"));
    const wrong = found.find((each) => !isPublicKey(each));
    if (wrong !== undefined) throw noKey(definition, ["customizations", ...path], wrong);
    if (found.length > 0) keys.set(name, [...(keys.get(name) ?? []), ...found]);
  }
  return keys;
}

/** A key's bytes begin with the length and the name of its type, which stands before them in words, too (RFC 4253, 6.6). */
function isPublicKey(entry: string): boolean {
  for (const [, type = "", base64 = ""] of entry.matchAll(
    /(?<=^|\s)([a-z0-9@.-]+)\s+([A-Za-z0-9+/]{16,}={0,2})(?=\s|$)/g,
  )) {
    const bytes = Buffer.from(base64, "base64");
    if (bytes.length > 4 && bytes.toString("latin1", 4, 4 + bytes.readUInt32BE(0)) === type) return true;
  }
  return false;
}

function noKey({ place }: Definition, path: readonly string[], entry: string) {
  const isPrivate = entry.includes("PRIVATE KEY");
  return problem(place, path, {
    code: "definition-invalid-value",
    message: isPrivate
      ? "this is a private key"
      : "this is no public SSH key as authorized_keys has them (sshd(8))",
    hint: isPrivate
      ? "Put the public key there, of the file that ends in .pub; the private one is no longer a secret where others read the definition."
      : "Copy the one line of the file that ends in .pub.",
  });
}

const withoutServer: Notice = {
  name: "keys-without-server",
  message: "There are SSH keys, but openssh-server is not among the packages",
  hint: "Add the package openssh-server.",
};
