# Which QEMU: the installed one, or for --nic igb one that has an SR-IOV NIC. Sourced by tests/lab/lab.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # the lab's variables: nic from its options, nic_lack and qemu_bin for run.bash
#
# $LAB_CACHE/qemu/   QEMU of this Debian's backports, unpacked beside the installed one; apt's own folders in apt/

QEMU_DEBS="qemu-system-x86 qemu-system-common qemu-system-data"

# igb came with QEMU 8.0; Debian 12 has 7.2.
# Asked of one it does not know, QEMU says so on stderr with status 0.
qemu_has_igb() { [ -n "$("${qemu_bin[@]}" -device igb,help 2>/dev/null)" ]; }

# An apt with one source and folders of its own, so that this machine's sources and lists stay as they are. Below it all
# of packages.bash asks that one.
backports_apt() {
	local dir=$LAB_CACHE/apt mirror
	# shellcheck disable=SC2016 # apt's own format
	mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		sed -n "s/^$1 //p" | head -n 1)
	mkdir -p "$dir/lists/partial" "$dir/archives/partial" || return
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $1-backports main" \
		>"$dir/sources.list"
	cat >"$dir/apt.conf" <<-EOT
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State::Lists "$dir/lists";
		Dir::Cache "$dir";
		APT::Sandbox::User "root";
		Acquire::Retries "1";
		Acquire::http::Timeout "15";
	EOT
	export APT_CONFIG=$dir/apt.conf
	APT_UPDATED=1
	apt_do update >"$dir/update.log" 2>&1
}

qemu_make() {
	# shellcheck disable=SC2086 # a list of words
	debs_unpack "$1" $QEMU_DEBS &&
		find "$1" -type f ! -path '*/share/qemu/*' ! -name qemu-system-x86_64 -delete
}

qemu_fetch() (
	step_done qemu "$1" || {
		say "the installed QEMU has no igb; taking one from $2-backports"
		backports_apt "$2"
		[ -n "$(deb_facts "${QEMU_DEBS%% *}")" ] || exit 77
	}
	step qemu "$1" "usr/bin/qemu-system-x86_64 usr/share/qemu/qboot.rom" qemu_make
)

# qemu_pick: fills qemu_bin. Without igb where igb is wanted it says why in nic_lack and fails.
qemu_pick() {
	local codename dir=$LAB_CACHE/qemu missing
	qemu_bin=(qemu-system-x86_64)
	if [ "$nic" = none ] || qemu_has_igb; then return 0; fi
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	with_lock qemu qemu_fetch "$LAB_FORMAT:$codename" "$codename"
	case $? in
	0) ;;
	77)
		nic_lack="no SR-IOV NIC: the installed QEMU has no igb (8.0 has), and ${codename:-this system}-backports offers none"
		nic_lack+=" ($LAB_CACHE/apt/update.log)"
		return 1
		;;
	*) exit 125 ;;
	esac
	qemu_bin=("$dir/usr/bin/qemu-system-x86_64" -L "$dir/usr/share/qemu" -L /usr/share/qemu -L /usr/share/seabios)
	! qemu_has_igb || return 0
	missing=$(ldd "${qemu_bin[0]}" 2>&1 | sed -n 's/ => not found//p' | tr -d '\t' | tr '\n' ' ')
	nic_lack="no SR-IOV NIC: QEMU of $codename-backports does not run here (missing: ${missing:-nothing that ldd knows of})"
	qemu_bin=(qemu-system-x86_64)
	return 1
}
