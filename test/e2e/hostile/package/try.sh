# try NAME COMMAND...: runs an attempt, which succeeds with 0.
try() {
	name=$1
	shift
	if said=$(timeout 10 "$@" 2>&1 </dev/null); then echo "GOT $name: $said"; else echo "held $name"; fi
}
