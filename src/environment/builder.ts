/** The user that builds, in every base. The home is one that does not exist, as on Debian's builders. */
export const builder = { name: "builder", uid: 1234, gid: 1234, home: "/sbuild-nonexistent" } as const;

/** Where sources are unpacked and built: the path that Debian's builders have used since 2022. */
export const buildDirectory = "/build/reproducible-path";
