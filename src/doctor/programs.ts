/** Where programs are that an ordinary user's PATH need not have. */
export const programDirectories: readonly string[] = [
  "/usr/local/sbin",
  "/usr/sbin",
  "/sbin",
  "/usr/local/bin",
  "/usr/bin",
  "/bin",
  "/usr/lib/podman",
  "/usr/libexec/podman",
];

/** What `docker.io` and `podman` do not pull in by themselves, and what makes bases. */
export const lookedForPrograms = [
  "podman",
  "crun",
  "runc",
  "dockerd",
  "newuidmap",
  "newgidmap",
  "slirp4netns",
  "pasta",
  "netavark",
  "aardvark-dns",
  "iptables",
  "nft",
  "mmdebstrap",
  "zstd",
  "apt-get",
  "update-binfmts",
  "sudo",
] as const;

export type Program = (typeof lookedForPrograms)[number];
