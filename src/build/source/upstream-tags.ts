/**
 * The tags that may hold the upstream source of a version, the likeliest first: as debian/gbp.conf says (gbp.conf(5),
 * upstream-tag), as git-buildpackage and DEP 14 have it, and as upstreams name their own.
 */
export function upstreamTags(version: string, configuration: string): readonly string[] {
  const [, own] = /^upstream-tag\s*=\s*(\S+)\s*$/m.exec(configuration) ?? [];
  const forms = [...(own === undefined ? [] : [own]), "upstream/%(version)s", "v%(version)s", "%(version)s"];
  return [...new Set(forms.map((form) => filled(form, version)))];
}

/** `%(version)s`, and `%(version%A%B)s` with B for A, in the characters that git allows (DEP 14). */
function filled(form: string, version: string): string {
  return form.replace(/%\(version(?:%(.)%(.))?\)s/g, (_, from?: string, to?: string) => {
    const replaced = from === undefined || to === undefined ? version : version.replaceAll(from, to);
    return replaced.replaceAll("~", "_").replaceAll(":", "%").replaceAll("..", ".#.");
  });
}
