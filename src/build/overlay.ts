import type { BuildRequest } from "./request.ts";
import type { Step } from "./step.ts";

/**
 * Fills a tree that is `debian/` alone with the upstream source of its original tarballs, as dpkg-source would unpack them: the top
 * directory stripped, components in directories of their own, and nothing of an upstream's debian/.
 */
export function overlayStep({ source }: BuildRequest, directory: string, tree: string): Step {
  const tarballs = source.origTarballs.filter((name) => !name.endsWith(".asc"));
  const argv = ["sh", "-c", script, "sh", tree, ...tarballs];
  return { phase: "unpack", title: "Unpack the original tarballs", argv, directory };
}

const script = `
set -e
tree=$1; shift
for each; do
  component=\${each#*.orig}; component=\${component%%.tar.*}; component=\${component#-}
  unpacked=$(mktemp -d)
  tar --no-same-owner -xf "$each" -C "$unpacked"
  top=$unpacked
  only=$(ls -A "$unpacked")
  if [ "$(printf '%s\\n' "$only" | wc -l)" = 1 ] && [ -d "$unpacked/$only" ] && [ ! -L "$unpacked/$only" ]; then top=$unpacked/$only; fi
  if [ -n "$component" ]; then
    rm -rf "$tree/$component"; mkdir "$tree/$component"; cp -a "$top/." "$tree/$component/"
  else
    rm -rf "$top/debian"; cp -a "$top/." "$tree/"
  fi
  rm -rf "$unpacked"
done`;
