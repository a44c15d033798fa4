# Debian packages: what is missing, installing it, fetching without installing. Sourced by tests/lab/lab.
# shellcheck shell=bash

PACKAGE_SECTIONS="build test lab debug"

packages_of() {
	local section
	# Before the pipe below, in which a die would end no more than its own part.
	for section; do
		[[ " $PACKAGE_SECTIONS " = *" $section "* ]] || die 2 "no package section '$section' (there are: $PACKAGE_SECTIONS)"
	done
	for section; do
		sed -n "s/^$section: *//p" "$LAB_DIR/packages"
	done | tr -s ' ' '\n' | sort -u
}

packages_missing() {
	local have
	# dpkg-query fails as a whole when one of the names is unknown to it; what it prints is still right.
	have=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *//p')
	comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$have")
}

apt_do() { DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 "$@"; }

apt_update_once() {
	[ -z "${APT_UPDATED:-}" ] || return 1
	[ "$(id -u)" = 0 ] || return 1
	APT_UPDATED=1
	say "refreshing apt's package lists"
	apt_do update >&2
}

# packages_install NAME...: those that are missing, with one retry after apt-get update (stale or absent lists).
packages_install() {
	local missing
	mapfile -t missing < <(packages_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || die 125 "missing packages and not root; run as root, or: apt-get install ${missing[*]}"
	say "installing ${missing[*]}"
	apt_do install --no-install-recommends "${missing[@]}" >&2 ||
		{ apt_update_once && apt_do install --no-install-recommends "${missing[@]}" >&2; } ||
		die 125 "apt-get install ${missing[*]} failed (see above); mend apt's sources and run it again"
}

packages_need() {
	local names
	names=$(packages_of "$@") || exit
	mapfile -t names <<<"$names"
	packages_install "${names[@]}"
}

# What `apt-get download` would fetch: "file sha256" of one NAME[=VERSION].
deb_facts() {
	apt-get --print-uris download "$1" 2>/dev/null | sed -n "s/^'[^']*' \([^ ]*\) [0-9]* SHA256:\([0-9a-f]*\)$/\1 \2/p"
}

# deb_fetch NAME[=VERSION]: into the cache unless it is there whole; prints its path.
deb_fetch() {
	local facts file sum part
	facts=$(deb_facts "$1")
	if [ -z "$facts" ]; then
		apt_update_once || true
		facts=$(deb_facts "$1")
	fi
	[ -n "$facts" ] || die 125 "apt knows no package '$1'; the lab wants Debian 12 or newer with its security archive:" \
		"check apt's sources and run 'apt-get update'"
	file=${facts% *} sum=${facts#* }
	if ! sha256sum --check --status <<<"$sum  $LAB_CACHE/debs/$file" 2>/dev/null; then
		say "fetching $file"
		rm -rf "$LAB_CACHE"/debs/part.* # of interrupted runs: we hold the lock
		part=$(mktemp -d "$LAB_CACHE/debs/part.XXXXXX")
		# root's own fetches: apt would rather drop to _apt, which cannot write here.
		(cd "$part" && apt-get -q -o APT::Sandbox::User=root download "$1" >&2) ||
			die 125 "could not fetch $1; check the network and apt's sources, and run it again"
		sha256sum --check --status <<<"$sum  $part/$file" || die 125 "$file came damaged; run it again"
		mv "$part/$file" "$LAB_CACHE/debs/$file"
		rmdir "$part"
	fi
	printf '%s\n' "$LAB_CACHE/debs/$file"
}

# debs_unpack DIR NAME[=VERSION]...
debs_unpack() {
	local dir=$1 deb
	shift
	mkdir -p "$LAB_CACHE/debs" "$dir"
	for name; do
		deb=$(with_lock debs deb_fetch "$name") || exit
		dpkg -x "$deb" "$dir" || die 125 "could not unpack $deb"
	done
}
