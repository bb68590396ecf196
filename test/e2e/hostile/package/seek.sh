#!/bin/bash
# Looks for what signs the results of its build: gpg's directory, the key, the agent, variables. What to look for is in ./signer.
. ./signer
. ./try.sh
where=$(find / -maxdepth 1 -type d ! -path / ! -path /proc ! -path /sys ! -path /usr)

for path in "$home" "/proc/1/root$home" "/host$home" "$HOME/.gnupg" /root/.gnupg /root/.local/share/sequoia /run/user; do
	try "list $path" bash -c 'ls -A "$0" | grep .' "$path"
done
try "connect $agent" perl -MIO::Socket::UNIX -e 'exit !IO::Socket::UNIX->new($ARGV[0])' "$agent"
try agents bash -c 'find "$@" -type s -name "S.*" 2> /dev/null | grep .' -- $where
try key-file bash -c 'find "$@" ! -readable -prune -o -name "*.key" -print 2> /dev/null | grep -F "$0"' "$keygrip" $where
try key bash -c 'grep -rlsaE "[(](shadowed-|protected-)?[p]rivate-key|BEGIN PGP [P]RIVATE KEY" "$@"' -- $where
try variables bash -c '(env; cat /proc/[0-9]*/environ | tr "\0" "\n") 2> /dev/null | grep -aE "^(GNUPGHOME|GPG_|DEB_SIGN|DEBSIGN|SSH_AUTH_SOCK|SEQUOIA_)|$0"' "$home"
try programs bash -c 'cat /proc/[0-9]*/comm | grep -E "^(gpg|gpg-agent|scdaemon|keyboxd|sq|debsign)$"'
