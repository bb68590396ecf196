/** A key of osbuild's blueprint that this definition does not take. */
export interface Refusal {
  /** Dotted; `[]` stands for any entry of a list. */
  readonly key: string;
  /** Why, and what to write instead. */
  readonly reason: string;
}

/**
 * The keys of osbuild's blueprint (osbuild/blueprint, pkg/blueprint) that make no sense on Debian or in a container
 * image. They are refused rather than passed over: a definition that has them means something that would not happen.
 */
export const refusals: readonly Refusal[] = [
  {
    key: "enabled_modules",
    reason:
      "Debian's archive has no module streams; name the suite under [debian] and the version with the package",
  },
  {
    key: "minimal",
    reason: "say it with variant and recommends under [debian]",
  },
  {
    key: "containers[].name",
    reason: "bootc pulls bound images by their reference and gives them no other name",
  },
  {
    key: "containers[].tls-verify",
    reason:
      "bootc reads nothing but the reference; configure the registry in /etc/containers/registries.conf.d",
  },
  {
    key: "containers[].local-storage",
    reason: "this host's image storage is not the same on another machine; push the image to a registry",
  },
  {
    key: "customizations.user[].expiredate",
    reason:
      "accounts are declared for systemd-sysusers, which knows no expiry; run chage in one of bootc.steps",
  },
  {
    key: "customizations.user[].force_password_reset",
    reason:
      "accounts are declared for systemd-sysusers, which cannot force it; give a key rather than a password that must be changed",
  },
  {
    key: "customizations.sshd.challenge_response_authentication",
    reason: "OpenSSH calls it kbd_interactive_authentication now, and so does osbuild",
  },
  {
    key: "customizations.bootloader",
    reason:
      "each host's boot loader is set up by `bootc install`: bootc.bootloader says which, bootc.kargs and bootc.install what it gets",
  },
  {
    key: "customizations.filesystem",
    reason:
      "a container image has no partitions: `bootc install` makes them. The root file system's type is bootc.install.filesystem.root.type; mounts are .mount units among customizations.files",
  },
  {
    key: "customizations.disk",
    reason:
      "a container image has no partitions: `bootc install` makes them, or you do before `bootc install to-filesystem`",
  },
  {
    key: "customizations.partitioning_mode",
    reason:
      "a container image has no partitions: bootc.install.block says what `bootc install to-disk` may do",
  },
  {
    key: "customizations.installation_device",
    reason: "the disk is named when the image is installed: `bootc install to-disk DEVICE`",
  },
  {
    key: "customizations.installer",
    reason: "it configures Anaconda, Fedora's installer; Debian's images are installed by `bootc install`",
  },
  {
    key: "customizations.iso",
    reason: "this makes a container image, not an ISO",
  },
  {
    key: "customizations.openscap",
    reason: "it needs Red Hat's remediation; run your own hardening in one of bootc.steps",
  },
  {
    key: "customizations.fips",
    reason:
      "Debian has neither crypto-policies nor validated modules, so that the image would only seem to be in FIPS mode",
  },
  {
    key: "customizations.rpm",
    reason: "Debian's packages are .debs; keys of repositories are gpgkeys under customizations.repositories",
  },
  {
    key: "customizations.dnf",
    reason:
      "Debian's package manager is apt; its configuration goes into /etc/apt/apt.conf.d by customizations.files",
  },
  {
    key: "customizations.rhsm",
    reason: "it registers hosts with Red Hat's subscription service",
  },
  {
    key: "customizations.fdo",
    reason:
      "Debian has no client of FIDO Device Onboard; hosts are onboarded by cloud-init or a unit of your own",
  },
  {
    key: "customizations.ignition",
    reason: "Debian has no Ignition in its initramfs; use cloud-init, or systemd's credentials",
  },
  {
    key: "customizations.firstboot",
    reason: "add a unit with ConditionFirstBoot=yes and its script with customizations.files",
  },
  {
    key: "customizations.containers-storage",
    reason: "bound images are in bootc's own storage, /usr/lib/bootc/storage on the host",
  },
  {
    key: "customizations.repositories[].metalink",
    reason: "apt knows no metalinks; give baseurls",
  },
  {
    key: "customizations.repositories[].mirrorlist",
    reason: "give baseurls; apt's own mirror lists are addresses that begin with mirror+",
  },
  {
    key: "customizations.repositories[].priority",
    reason:
      "dnf's priorities are not apt's pins; add a file to /etc/apt/preferences.d with customizations.files",
  },
  {
    key: "customizations.repositories[].sslverify",
    reason: "certificates are always verified; add your authority to customizations.cacerts",
  },
];
