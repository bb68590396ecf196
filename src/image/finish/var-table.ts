import type { VarOutcome } from "../plan.ts";

/**
 * What becomes of something below /var, of which hosts get nothing but at installation:
 * - `image`: it says what the image is made of, so it moves to /usr/lib/sysimage and a link leads there.
 * - `tmpfiles`: its directories and links come back at each boot, as tmpfiles.d(5) has it; its files go.
 * - `seed`: it moves to /usr/share/factory; a host that lacks it gets a copy, which is the host's from then on.
 * - `discard`: it goes and does not come back.
 */
export const outcomes = ["image", "tmpfiles", "seed", "discard"] as const satisfies readonly VarOutcome[];

/** What becomes of a path below /var, with all that is in it unless a longer path says otherwise. */
export interface VarRule {
  /** Relative to /var; `*` stands for any part of a name. */
  readonly path: string;
  readonly outcome: VarOutcome;
  readonly reason: string;
}

const made = "made from what packages ship, and the same on all hosts";
const maintainer = "what maintainer scripts remember";

/**
 * What Debian's packages are known to leave below /var. Directories need no rule: tmpfiles.d makes them on hosts. A file
 * without one stops the build, since nobody can tell whether hosts could do without it or would keep it for ever.
 */
export const varTable: readonly VarRule[] = [
  // The image's own: what it is made of.
  { path: "lib/dpkg", outcome: "image", reason: "dpkg's database" },
  {
    path: "lib/apt/extended_states",
    outcome: "image",
    reason: "which packages were installed as dependencies",
  },
  {
    path: "lib/aptitude/pkgstates",
    outcome: "image",
    reason: "which packages were installed as dependencies",
  },
  { path: "cache/debconf", outcome: "image", reason: "answers to packages' questions" },
  { path: "lib/pam", outcome: "image", reason: "what /etc/pam.d was made of" },
  { path: "lib/ucf", outcome: "image", reason: "what files of /etc were like in packages" },
  { path: "lib/sgml-base", outcome: "image", reason: made },
  { path: "lib/xml-core", outcome: "image", reason: made },
  { path: "lib/emacsen-common", outcome: "image", reason: maintainer },
  { path: "lib/dictionaries-common", outcome: "image", reason: maintainer },
  { path: "cache/dictionaries-common", outcome: "image", reason: made },
  { path: "lib/aspell", outcome: "image", reason: made },
  { path: "lib/ispell", outcome: "image", reason: made },
  { path: "cache/cracklib", outcome: "image", reason: made },
  { path: "lib/binfmts", outcome: "image", reason: maintainer },
  { path: "lib/ghostscript", outcome: "image", reason: made },
  { path: "lib/xfonts", outcome: "image", reason: made },
  { path: "lib/texmf", outcome: "image", reason: made },
  { path: "lib/tex-common", outcome: "image", reason: made },
  { path: "lib/php/modules", outcome: "image", reason: maintainer },
  { path: "lib/python", outcome: "image", reason: maintainer },
  { path: "lib/ghc", outcome: "image", reason: "shipped by packages" },
  { path: "lib/ocaml", outcome: "image", reason: "shipped by packages" },
  { path: "lib/ieee-data", outcome: "image", reason: "shipped by packages" },
  { path: "lib/locales", outcome: "image", reason: "shipped by packages" },
  { path: "lib/mecab", outcome: "image", reason: made },
  { path: "lib/uim", outcome: "image", reason: made },
  { path: "lib/libreoffice", outcome: "image", reason: made },
  { path: "lib/selinux", outcome: "image", reason: made },
  { path: "lib/polkit-1", outcome: "image", reason: "shipped by packages" },
  { path: "lib/command-not-found", outcome: "image", reason: made },
  { path: "lib/swcatalog", outcome: "image", reason: "shipped by packages" },
  { path: "lib/app-info", outcome: "image", reason: "shipped by packages" },
  { path: "lib/dkms", outcome: "image", reason: "which kernel modules were built" },

  // Parts of these that serve no image.
  { path: "cache/debconf/*-old", outcome: "discard", reason: "backups" },
  { path: "cache/debconf/tmp.ci", outcome: "discard", reason: "debconf's workshop" },
  { path: "lib/ucf/hashfile.*", outcome: "discard", reason: "backups" },
  { path: "lib/ucf/registry.*", outcome: "discard", reason: "backups" },
  { path: "lib/sgml-base/supercatalog.old", outcome: "discard", reason: "backups" },
  { path: "lib/binfmts/*.dpkg-*", outcome: "discard", reason: "backups" },

  // Made anew on hosts.
  { path: "backups", outcome: "tmpfiles", reason: "backups" },
  { path: "cache", outcome: "tmpfiles", reason: "caches, which programs fill again" },
  { path: "log", outcome: "tmpfiles", reason: "the installation's logs" },
  { path: "tmp", outcome: "tmpfiles", reason: "temporary files" },
  { path: "run", outcome: "tmpfiles", reason: "the link to /run" },
  { path: "lock", outcome: "tmpfiles", reason: "the link to /run/lock" },
  { path: "lib/apt", outcome: "tmpfiles", reason: "package lists" },
  { path: "lib/gdm3", outcome: "tmpfiles", reason: "gdm makes its settings when it starts" },
  { path: "lib/logrotate", outcome: "tmpfiles", reason: "when logs were rotated" },
  { path: "lib/snmp/mib_indexes", outcome: "tmpfiles", reason: "an index that programs make again" },
  { path: "lib/systemd/catalog", outcome: "tmpfiles", reason: "systemd makes it at boot" },
  { path: "lib/systemd/timers", outcome: "tmpfiles", reason: "when timers ran" },
  { path: "lib/munin-node/plugin-state", outcome: "tmpfiles", reason: "what plugins remember of a host" },

  // Gone for good: of the installation, or of one host.
  { path: "crash", outcome: "discard", reason: "crash reports of the installation" },
  { path: "lib/cloud", outcome: "discard", reason: "what cloud-init knows of one host" },
  { path: "lib/dbus/machine-id", outcome: "discard", reason: "a link to /etc/machine-id on hosts" },
  { path: "lib/apt/lists/lock", outcome: "discard", reason: "locks" },
  { path: "lib/initramfs-tools", outcome: "discard", reason: "which initramfs were made in the build" },
  { path: "lib/man-db/auto-update", outcome: "discard", reason: maintainer },
  { path: "lib/NetworkManager/secret_key", outcome: "discard", reason: "each host has its own" },
  { path: "lib/NetworkManager/seen-bssids", outcome: "discard", reason: "of one host" },
  { path: "lib/quota", outcome: "discard", reason: maintainer },
  { path: "lib/rkhunter/tmp", outcome: "discard", reason: "copies of the installation's account files" },
  { path: "lib/shells.state", outcome: "discard", reason: maintainer },
  { path: "lib/shim-signed", outcome: "discard", reason: maintainer },
  { path: "lib/ca-certificates-java", outcome: "discard", reason: maintainer },
  {
    path: "lib/systemd/deb-systemd-helper-enabled",
    outcome: "discard",
    reason: "presets say what is enabled",
  },
  {
    path: "lib/systemd/deb-systemd-helper-masked",
    outcome: "discard",
    reason: "links in /etc say what is masked",
  },
  {
    path: "lib/systemd/deb-systemd-user-helper-enabled",
    outcome: "discard",
    reason: "links in /etc say what is enabled",
  },
  {
    path: "lib/systemd/deb-systemd-user-helper-masked",
    outcome: "discard",
    reason: "links in /etc say what is masked",
  },
  { path: "lib/systemd/random-seed", outcome: "discard", reason: "each host has its own" },
  { path: "lib/systemd/credential.secret", outcome: "discard", reason: "each host has its own" },
  { path: "lib/systemd/rfkill", outcome: "discard", reason: "of one host" },
  { path: "lib/systemd/backlight", outcome: "discard", reason: "of one host" },
  { path: "lib/update-notifier", outcome: "discard", reason: maintainer },
  { path: "lib/urandom", outcome: "discard", reason: "each host has its own" },

  // A host's from its beginning.
  { path: "home", outcome: "seed", reason: "what users begin with" },
  { path: "roothome", outcome: "seed", reason: "what root begins with" },
  { path: "srv", outcome: "seed", reason: "what a host serves" },
  { path: "www", outcome: "seed", reason: "what a host serves" },
  { path: "games", outcome: "seed", reason: "scores" },
  { path: "log/wtmp", outcome: "seed", reason: "logins are recorded only if it is there" },
  { path: "log/btmp", outcome: "seed", reason: "logins are recorded only if it is there" },
  { path: "log/lastlog", outcome: "seed", reason: "logins are recorded only if it is there" },
  { path: "spool/cron/atjobs/.SEQ", outcome: "seed", reason: "the number of the next job" },
  { path: "lib/AccountsService", outcome: "seed", reason: "pictures and settings of users" },
  { path: "lib/alsa", outcome: "seed", reason: "how loud a host is" },
  { path: "lib/apache2", outcome: "seed", reason: "which modules and sites are enabled" },
  { path: "lib/exim4", outcome: "seed", reason: "configuration that exim makes from /etc" },
  { path: "lib/flatpak", outcome: "seed", reason: "an empty repository" },
  { path: "lib/nfs", outcome: "seed", reason: "what a host exports" },
  { path: "lib/apt-cacher-ng", outcome: "seed", reason: "lists of mirrors, which it updates" },
  { path: "lib/rkhunter", outcome: "seed", reason: "what it looks for, which it updates" },
  { path: "lib/smartmontools", outcome: "seed", reason: "what is known of drives, which it updates" },
  { path: "lib/plocate/CACHEDIR.TAG", outcome: "seed", reason: "keeps backups away" },
  { path: "lib/xkb", outcome: "seed", reason: "where X servers put compiled keymaps" },
  { path: "lib/systemd/linger", outcome: "seed", reason: "users whose services start at boot" },
];
