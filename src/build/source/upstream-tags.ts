/**
 * The tags that may hold the upstream source of a version, the likeliest first: in the form that debian/gbp.conf gives
 * (gbp.conf(5), upstream-tag), as git-buildpackage and DEP 14 have it, and as upstreams name their own.
 */
export function upstreamTags(version: string, own: string | null): readonly string[] {
  const forms = [...(own === null ? [] : [own]), "upstream/%(version)s", "v%(version)s", "%(version)s"];
  return [...new Set(forms.map((form) => filled(form, version)))];
}

/** `%(version)s`, `%(hversion)s` with dashes for dots, and `%(version%A%B)s` with B for A. */
function filled(form: string, version: string): string {
  return form.replace(
    /%\((h?)version(?:%([^%])%((?:[^%\\]|\\%)*))?\)s/g,
    (_, dashes: string, from?: string, to?: string) => {
      const replaced =
        from === undefined || to === undefined
          ? version
          : version.replaceAll(from, to.replaceAll("\\%", "%"));
      const clean = sanitized(replaced);
      return dashes === "" ? clean : clean.replaceAll(".", "-");
    },
  );
}

/** In the characters that git allows (DEP 14, "Version mangling"). */
function sanitized(version: string): string {
  return version
    .replace(/\.(?=\.|$|lock$)/g, ".#")
    .replaceAll("~", "_")
    .replaceAll(":", "%");
}
