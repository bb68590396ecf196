import { z } from "zod";
import { accountId, accountName, imagePath, line, localPath, mode, word } from "./texts.ts";

/** crypt(5): what Debian's libcrypt verifies and still calls strong enough. */
const passwordHash = z.string().regex(/^\$(?:y|gy|7|2[aby]|6|5)\$[!-9;-~]+$/, {
  error:
    "expected a hash that begins with $y$, $6$ or the like (crypt(5)): no password stands in a definition",
});

const sshKeys = z.string().regex(/^[\x20-\x7e\n\t]*\S[\x20-\x7e\n\t]*$/, {
  error: "expected public keys as authorized_keys has them, one a line (sshd(8))",
});

const User = z.strictObject({
  name: accountName.describe("The user's name"),
  description: line
    .regex(/^[^:]*$/, { error: "expected text without colons" })
    .optional()
    .describe("The user's full name"),
  password: passwordHash.optional().describe("The password's hash (crypt(5)), such as `mkpasswd` prints it"),
  key: sshKeys.optional().describe("Public SSH keys, one a line"),
  home: imagePath.optional().describe("The home directory; default: /home/NAME"),
  shell: imagePath.default("/bin/bash").describe("The login shell"),
  groups: z.array(accountName).default([]).describe("Further groups; administrators are in Debian's sudo"),
  uid: accountId
    .optional()
    .describe("The user's id: needed, since files in /var keep it from image to image"),
  gid: accountId.optional().describe("The id of the user's own group; default: the user's id"),
});

const Group = z.strictObject({
  name: accountName.describe("The group's name"),
  gid: accountId.optional().describe("Its id: needed, as a user's"),
});

const SshKey = z.strictObject({
  user: accountName.describe("A user of the image: one of the definition, root, or a package's"),
  key: sshKeys.describe("Public SSH keys, one a line"),
});

const owner = z.union([accountName, accountId], { error: "expected an account's name or id" });

const Node = {
  path: imagePath.describe("Its absolute path"),
  user: owner.default("root").describe("Its owner, by name or id"),
  group: owner.default("root").describe("Its group, by name or id"),
};

const File = z
  .strictObject({
    ...Node,
    mode: mode.default("0644").describe("Its permissions, in octal"),
    data: z.string().optional().describe("Its content, as text"),
    uri: localPath
      .regex(/^(?:file:\/\/\/|(?![a-z][a-z0-9+.-]*:))/i, { error: "expected a path or a file: address" })
      .optional()
      .describe("A file on this machine that has its content: a path from the definition's directory"),
  })
  .refine(({ data, uri }) => data === undefined || uri === undefined, {
    error: "expected data or uri, not both",
  });

const Directory = z.strictObject({
  ...Node,
  mode: mode.default("0755").describe("Its permissions, in octal"),
  ensure_parents: z
    .boolean()
    .optional()
    .describe("osbuild's: here, missing parents are made in any case, as root's and with mode 0755"),
});

const serviceNames = z.array(
  z.string().regex(/^[A-Za-z0-9:_.\\@-]+$/, { error: "expected a unit's name (systemd.unit(5))" }),
);

const SshServer = z.strictObject({
  password_authentication: z.boolean().optional().describe("Whether users may log in by password"),
  kbd_interactive_authentication: z
    .boolean()
    .optional()
    .describe("Whether users may answer PAM's questions (Debian's default: no)"),
  permit_root_login: z
    .union([z.boolean(), z.enum(["yes", "no", "prohibit-password", "forced-commands-only"])], {
      error: "expected true, false, prohibit-password or forced-commands-only",
    })
    .optional()
    .describe("Whether root may log in, or by `prohibit-password` (the default), `forced-commands-only`"),
  client_alive_interval: z
    .int()
    .min(0)
    .max(0x7fffffff)
    .optional()
    .describe("After how many seconds of silence a client is asked whether it is there; 0 is never"),
});

const Repository = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/, { error: "expected letters, digits, dots, dashes and underscores" })
    .describe("The repository's id: the name of its .sources file"),
  name: line.optional().describe("What it is, for people"),
  baseurls: z
    .array(z.url({ protocol: /^(?:https?|file)$/ }))
    .min(1)
    .describe("Its addresses (URIs)"),
  suites: z
    .array(word)
    .min(1)
    .describe("Its suites; one that ends in a slash is a path. Not osbuild's, but apt needs it"),
  components: z.array(word).default([]).describe("Its components. Not osbuild's, but apt needs it"),
  gpgkeys: z
    .array(
      z
        .string()
        .regex(
          /^\s*-----BEGIN PGP PUBLIC KEY BLOCK-----(?!.*-----BEGIN)[\x20-\x7e\s]*-----END PGP PUBLIC KEY BLOCK-----\s*$/s,
          { error: "expected an armored public key in full: keys are not fetched" },
        ),
    )
    .length(1, { error: "expected one key: apt checks a source with one (it may hold several certificates)" })
    .describe("The armored key that it is signed with, in a list as osbuild has it"),
  gpgcheck: z
    .literal(true, { error: "expected true: apt takes no unsigned packages" })
    .optional()
    .describe("May only be true"),
  repo_gpgcheck: z
    .literal(true, { error: "expected true: apt takes no unsigned indices" })
    .optional()
    .describe("May only be true"),
  enabled: z.boolean().default(true).describe("Whether hosts use it"),
  filename: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,200}$/, { error: "expected a file's name" })
    .optional()
    .describe("The name of its file in /etc/apt/sources.list.d; default: the id"),
  install_from: z
    .boolean()
    .default(false)
    .describe("Whether this image is built from it too, as with debian.repositories"),
});

/** `[customizations]`, with osbuild's names and meanings. */
export const Customizations = z.strictObject({
  hostname: z
    .string()
    .regex(
      /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
      {
        error: "expected a host name (hostname(7))",
      },
    )
    .optional()
    .describe("The host name; without it, hosts take it from DHCP or cloud-init"),
  kernel: z
    .strictObject({
      name: z
        .string()
        .regex(/^(?:generic|cloud|rt|[a-z0-9][a-z0-9+.]*-[a-z0-9+.-]+)$/, {
          error: "expected generic, cloud, rt or the name of a kernel's package",
        })
        .optional()
        .describe(
          "`generic`, `cloud` (virtual machines only, a third of the size), `rt`, or a kernel's package; default: the kernel among packages, else generic",
        ),
      append: line.default("").describe("Kernel arguments, separated by spaces"),
    })
    .prefault({})
    .describe("The kernel"),
  user: z.array(User).default([]).describe("Users"),
  group: z.array(Group).default([]).describe("Groups"),
  sshkey: z.array(SshKey).default([]).describe("SSH keys of users that are there without the definition"),
  sshd: SshServer.prefault({}).describe("The SSH server (sshd_config(5))"),
  timezone: z
    .strictObject({
      timezone: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/, {
          error: "expected a zone such as Europe/Berlin",
        })
        .optional()
        .describe("The time zone, such as Europe/Berlin; default: UTC"),
      ntpservers: z
        .array(word)
        .default([])
        .describe("NTP servers, for systemd-timesyncd or, if it is among the packages, chrony"),
    })
    .prefault({})
    .describe("Time"),
  locale: z
    .strictObject({
      languages: z
        .array(
          z.string().regex(/^[A-Za-z]+(?:_[A-Za-z]+)?(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?$/, {
            error: "expected a locale such as en_GB.UTF-8",
          }),
        )
        .default([])
        .describe("Locales; the first is the system's. Default: C.UTF-8"),
      keyboard: z
        .string()
        .regex(/^[a-z]+(?:\([a-z0-9_-]+\))?$/i, {
          error: 'expected an XKB layout such as "de", "de(nodeadkeys)"',
        })
        .optional()
        .describe('The keyboard\'s XKB layout, if need be with its variant: "de(nodeadkeys)"'),
    })
    .prefault({})
    .describe("Language and keyboard"),
  services: z
    .strictObject({
      enabled: serviceNames.default([]).describe("Units that hosts start"),
      disabled: serviceNames.default([]).describe("Units that hosts do not start by themselves"),
      masked: serviceNames.default([]).describe("Units that cannot be started at all"),
    })
    .prefault({})
    .describe("Services, as presets (systemd.preset(5))"),
  firewall: z
    .strictObject({
      ports: z
        .array(
          z.string().regex(/^(?:[a-z][a-z0-9-]*|\d{1,5}(?:-\d{1,5})?):(?:tcp|udp|sctp|dccp)$/, {
            error: 'expected a port and a protocol, such as "22:tcp", "6000-6010:udp" or "imap:tcp"',
          }),
        )
        .default([])
        .describe("Ports to open"),
      services: z
        .strictObject({
          enabled: z.array(word).default([]).describe("firewalld's services to open"),
          disabled: z.array(word).default([]).describe("firewalld's services to close"),
        })
        .prefault({})
        .describe("firewalld's services (firewall-cmd --get-services)"),
      zones: z
        .array(
          z.strictObject({
            name: word.describe("The zone's name"),
            sources: z.array(word).min(1).describe("Addresses and networks that belong to it"),
          }),
        )
        .default([])
        .describe("firewalld's zones and what belongs to them"),
    })
    .optional()
    .describe(
      "The firewall: nftables, or firewalld when it is among the packages, services or zones are given",
    ),
  files: z.array(File).default([]).describe("Files to add"),
  directories: z.array(Directory).default([]).describe("Directories to add"),
  repositories: z
    .array(Repository)
    .default([])
    .describe("Repositories that apt knows on hosts and in derived images"),
  cacerts: z
    .strictObject({
      pem_certs: z
        .array(
          z.string().regex(/^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----\s*$/, {
            error: "expected one certificate in PEM form",
          }),
        )
        .default([])
        .describe("Certificates of authorities that hosts trust, in PEM form"),
    })
    .prefault({})
    .describe("Certificate authorities"),
});
export type Customizations = z.infer<typeof Customizations>;
