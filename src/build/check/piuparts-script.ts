/** Exit codes of the scripts, and the step that each of them says has failed. */
export const failedSteps: ReadonlyMap<number, string> = new Map([
  [10, "installing"],
  [11, "removing"],
  [12, "installing again"],
  [13, "purging"],
  [14, "upgrading"],
  [15, "installing after purging"],
]);

/** The exit code when the packages that are upgraded from do not install themselves. */
export const notInstallable = 20;

/** The names of the files that are upgraded from begin so, as no package's name does (Policy 5.6.1). */
export const oldPrefix = ".old_";

/**
 * What both scripts are made of. A snapshot has a line for each file: path, kind with mode and owner, and what it holds; that is its
 * size, and under /etc its checksum too. `compare BEFORE AFTER LEFT GONE CHANGED` prints a marked line for each difference, and
 * ignores what files hold where CHANGED is `other`.
 */
export const functions = `
snapshot() {
  { find / -xdev \\( -path /build -o -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp \\) -prune \\
      -o -type d -printf '%p\\t%y %#m %U:%G\\n' -o -printf '%p\\t%y %#m %U:%G %l\\t%s\\n'
    find /etc -xdev -type f -exec sha256sum {} + | sed 's/^\\([^ ]*\\)  \\(.*\\)$/\\2\\tcontent\\t\\1/'
  } | LC_ALL=C sort > "/build/$1"
}
compare() {
  awk -F '\\t' -v left="$3" -v gone="$4" -v changed="$5" '
    changed == "other" && $2 == "content" { next }
    { path = $1; at = $2 == "content" ? path FS $2 : path; is = changed == "other" ? $2 : $2 FS $3 }
    NR == FNR { before[at] = is; paths[path] = 1; next }
    { after[path] = 1 }
    !(path in paths) { if (at == path) print "debkiln: " left " " path; next }
    before[at] != is && !(path in told) { print "debkiln: " changed " " path; told[path] = 1 }
    END { for (path in paths) if (!(path in after)) print "debkiln: " gone " " path }' "/build/$1" "/build/$2" | LC_ALL=C sort
}
step() { printf '\\n--- %s\\n' "$*"; "$@"; }
put() { step dpkg --force-unsafe-io --auto-deconfigure --install "$@"; }
take() { step dpkg --force-unsafe-io "$@"; }
`;

/** Installs, removes, installs again and purges the packages whose files its arguments are. */
export const freshScript = `${functions}
names=$(for deb; do dpkg-deb --field "$deb" Package; done)
snapshot before
put "$@" || exit 10
take --remove $names || exit 11
put "$@" || exit 12
take --purge $names || exit 13
snapshot after
compare before after left gone changed
`;

/**
 * Sees first what the packages that are upgraded from leave behind by themselves, then what those leave that are installed over them,
 * and last what an upgraded system has otherwise than one that they were installed in afresh.
 */
export const upgradeScript = `${functions}
names=$(for deb; do dpkg-deb --field "$deb" Package; done)
old=$(for deb in ${oldPrefix}*; do dpkg-deb --field "$deb" Package; done)
snapshot before
put ${oldPrefix}* || exit ${notInstallable}
take --remove $old && take --purge $old || echo "debkiln: stuck"
snapshot old
compare before old old-left old-gone old-changed
put ${oldPrefix}* || exit ${notInstallable}
put "$@" || exit 14
dpkg-query --show --showformat='\${Conffiles}\\n' $names | sed -n 's/^ \\(.*\\) [^ ]* obsolete$/debkiln: obsolete \\1/p'
snapshot upgraded
take --remove $names || exit 11
take --purge $names || exit 13
snapshot after
compare before after left gone changed
put "$@" || exit 15
snapshot fresh
compare fresh upgraded extra lacking other
`;
