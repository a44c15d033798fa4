# Shared by the lab's parts: words to the person, the cache, locks. Sourced by tests/lab/lab.
# shellcheck shell=bash

say() { printf 'lab: %s\n' "$*" >&2; }

# die STATUS SENTENCE: 2 is usage, 125 is the lab itself, as env(1) and podman(1) use it.
die() {
	local status=$1
	shift
	say "$*"
	exit "$status"
}

lab_cache_init() {
	LAB_CACHE=${MIGCTL_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vfio-migctl-lab}
	mkdir -p "$LAB_CACHE" || die 125 "cannot make the cache $LAB_CACHE; name another place in MIGCTL_LAB_CACHE"
	LAB_CACHE=$(realpath "$LAB_CACHE")
	[[ $LAB_CACHE != *[[:space:]:]* ]] ||
		die 125 "make cannot build in '$LAB_CACHE', for its space or colon; name another place in MIGCTL_LAB_CACHE"
}

# with_lock NAME COMMAND...: one at a time per NAME; says so when it has to wait.
with_lock() {
	local file=$LAB_CACHE/$1.lock fd
	shift
	exec {fd}>"$file" || die 125 "cannot write $file"
	if ! flock -n "$fd"; then
		say "waiting for another setup that holds $file"
		flock "$fd"
	fi
	"$@" {fd}>&-
	local status=$?
	exec {fd}>&-
	return "$status"
}

# need_space MIB WHAT
need_space() {
	local free
	free=$(df --output=avail -BM "$LAB_CACHE" | tail -n 1 | tr -dc 0-9)
	[ "$free" -ge "$1" ] || die 125 "$2 needs $1 MiB in $LAB_CACHE, which has $free MiB free;" \
		"make room, or name another place in MIGCTL_LAB_CACHE"
}

# By content: the same file in another checkout is the same.
hash_files() { for file; do sha256sum <"$file"; done | sha256sum | cut -c1-32; }

# step DIR KEY FILES COMMAND...: make the cache directory DIR once. COMMAND gets a directory to fill; only when it is
# done is that renamed to DIR, with KEY (what it was made from) and the checksums of FILES (globs), which a later run compares.
step_done() {
	local dir=$LAB_CACHE/$1
	[ -e "$dir/.key" ] && [ "$(<"$dir/.key")" = "$2" ] && (cd "$dir" && sha256sum --check --status .sums)
}

step() {
	local name=$1 key=$2 files=$3 dir=$LAB_CACHE/$1 part
	shift 3
	! step_done "$name" "$key" || return 0
	# A name of our own: what an earlier, interrupted run started may still be writing to its own.
	rm -rf "$dir".part.* 2>/dev/null
	mkdir -p "$LAB_CACHE/${name%/*}"
	part=$(mktemp -d "$dir.part.XXXXXX") || die 125 "cannot write $dir"
	chmod 755 "$part"
	"$@" "$part" || die 125 "could not make $dir"
	# shellcheck disable=SC2086 # FILES is a list of globs
	(cd "$part" && sha256sum -- $files >.sums) || die 125 "could not make $dir: $files missing"
	printf '%s\n' "$key" >"$part/.key"
	rm -rf "$dir"
	mv "$part" "$dir"
}
