# Booting the guest and running a command in it. Sourced by tests/lab/lab.
# shellcheck shell=bash

# Where QEMU puts the NICs (see qemu_args); the guest and the tests know them by these names only.
NIC=0000:00:10.0        # on vfio-pci, alone in its IOMMU group
HOSTNIC=0000:00:11.0    # on e1000e
NONVIABLE=0000:01:01.0  # on vfio-pci, but in one group with
OFFENDER=0000:01:02.0   # one on e1000e: both are behind one conventional PCI bridge
LINK=0000:00:13.0       # on e1000e, when there is another guest to talk to (--link)
PF=0000:02:00.0         # on igb, with SR-IOV, behind a port of its own (--nic igb)

# Seconds from power-on to the start of the command: 20 times what a busy machine was seen to take.
BOOT_LIMIT=180

# From the caller's environment into the guest.
PASS_ENV='^(MIGCTL_.*|BATS_LIB_PATH|BATS_TEST_TIMEOUT|BATS_NO_.*|TERM|NO_COLOR|CI|LANG|LC_ALL)$'

build_program() {
	[ -e "$LAB_TREE/meson.build" ] || die 125 "$LAB_TREE has no meson.build; nothing to build, or use --no-build"
	mkdir -p "$build"
	[ -e "$build/build.ninja" ] || packages_need build
	(
		exec 9>"$build/.lab-lock" && flock 9 &&
			{ [ -e "$build/build.ninja" ] || meson setup "$build" "$LAB_TREE"; } &&
			ninja -C "$build"
	) >"$run/build.log" 2>&1 && return
	tail -n 40 "$run/build.log" >&2
	die 125 "the program did not build in $build; mend it, or use --no-build"
}

# KVM may be announced, open, run the first instructions and still fail (nested, emulated): only a whole boot tells.
# Asked once per boot of this machine.
accel_pick() {
	local memo fd
	memo=$LAB_CACHE/accel.$(</proc/sys/kernel/random/boot_id)
	accel=${MIGCTL_LAB_ACCEL:-tcg}
	[ -z "${MIGCTL_LAB_ACCEL:-}" ] && { exec {fd}<>/dev/kvm; } 2>/dev/null || return 0
	exec {fd}>&-
	if [ ! -s "$memo" ]; then
		rm -f "$LAB_CACHE"/accel.*
		accel_try >"$run/accel" && mv "$run/accel" "$memo"
	fi
	accel=$(<"$memo")
}

# A kernel without a root file system: where KVM works it panics within a second or two, by which time it has run
# everything that counts. Where it does not, QEMU says so or is silent for ever.
# shellcheck disable=SC2154 # qemu_pick filled qemu_bin
accel_try() {
	local log=$run/kvm.log pid start=$SECONDS verdict=tcg
	timeout 20 "${qemu_bin[@]}" -accel kvm -cpu host -machine q35,kernel-irqchip=split,sata=off -smp 2 -m 256 -nodefaults \
		-no-reboot -display none -bios qboot.rom -kernel "$LAB_CACHE/$kernel/image/vmlinux" \
		-append "console=ttyS0 panic=-1" -serial "file:$log" </dev/null >"$log.err" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null && ! grep -qs 'KVM internal error' "$log.err"; do
		[ -s "$log" ] || [ $((SECONDS - start)) -lt 4 ] || break
		sleep 0.1
	done
	kill "$pid" 2>/dev/null
	wait "$pid"
	! grep -qs 'Kernel panic - not syncing: VFS' "$log" || verdict=kvm
	echo "$verdict"
}

# NAME VALUE... as a text the guest's shell sources.
vars() { while [ $# -gt 0 ]; do printf '%s=%q\n' "$1" "$2"; shift 2; done; }

# The part of the initramfs that is this run's: who we are, what to do. Appended to the cached part, as cpio allows.
initrd_make() {
	local lab=$run/initrd.d/lab release pf
	release=$(<"$LAB_CACHE/$kernel/image/release")
	mkdir -p "$lab"
	cp "$LAB_DIR/guest/init" "$run/initrd.d/init"
	chmod 755 "$run/initrd.d/init"
	[ "$nic" = igb ] && pf=$PF || pf=''
	vars MIGCTL_LAB_NIC "$NIC" MIGCTL_LAB_PF "$pf" MIGCTL_LAB_HOSTNIC "$HOSTNIC" MIGCTL_LAB_NONVIABLE "$NONVIABLE" MIGCTL_LAB_OFFENDER "$OFFENDER" \
		LAB_TREE "$LAB_TREE" LAB_BUILD "$build" LAB_CWD "$PWD" LAB_OUT "$out" LAB_TTY "$tty" \
		LAB_ROWS "$rows" LAB_COLS "$cols" LAB_MODULES "$LAB_CACHE/$kernel/image/lib/modules/$release" >"$lab/vars"
	printf '%s' "$PWD" >"$lab/cwd"
	printf '%s\0' "$@" >"$lab/argv"
	{
		printf '%s\0' HOME=/root USER=root LOGNAME=root SHELL=/bin/bash
		env -0 | grep -zE "${PASS_ENV%\$}=" || true
		printf '%s\0' "PATH=$build:$build/src:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
			"MIGCTL_LAB_KERNEL=$kernel" "MIGCTL_LAB_NIC=$NIC" "MIGCTL_LAB_HOSTNIC=$HOSTNIC" \
			"MIGCTL_LAB_NONVIABLE=$NONVIABLE" "MIGCTL_LAB_OFFENDER=$OFFENDER"
		[ -z "$link" ] || printf '%s\0' "MIGCTL_LAB_LINK=$LINK"
		[ -z "$pf" ] || printf '%s\0' "MIGCTL_LAB_PF=$pf"
		[ -z "$nic_lack" ] || printf '%s\0' "MIGCTL_LAB_NO_PF=$nic_lack"
		[ -z "$out" ] || printf '%s\0' MIGCTL_LAB_OUT=/out
	} >"$lab/env"
	(
		cat "$LAB_CACHE/$kernel/guest/mods.cpio" && cd "$run/initrd.d" && find . | cpio --quiet -o -H newc
	) >"$run/initrd" || die 125 "could not make the initramfs in $run"
}

# kasan_multi_shot: by itself KASAN reports the first bug of a boot only.
# nowatchdog, no_timer_check: a busy host starves the guest's processors, which is neither a lockup of its kernel nor
# a broken timer (for which it would panic).
# norandmaps, mitigations=off: an emulated processor keeps what it translated by address, and the same program at the same
# address is translated once. With one processor (see --cpus) a dynamic program then starts in 13 ms, not 90.
# Without -nodefaults, sata=off and qboot the firmware alone takes half a minute under TCG.
qemu_args() {
	local at append="intel_iommu=on log_buf_len=4M nowatchdog no_timer_check kasan_multi_shot norandmaps mitigations=off"
	qemu=("${qemu_bin[@]}" -name lab -machine "q35,kernel-irqchip=split,sata=off" -smp "$cpus" -m "$mem"
		-nodefaults -no-reboot -display none -bios qboot.rom
		-kernel "$LAB_CACHE/$kernel/image/vmlinux" -initrd "$run/initrd"
		-append "console=ttyS0 panic=-1 $append ${MIGCTL_LAB_APPEND:-}"
		-serial "file:$run/kernel.log"
		-device "intel-iommu,intremap=on"
		-virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
		-device virtio-serial-pci -chardev "file,id=mux,path=$run/mux"
		-device "virtserialport,chardev=mux,name=lab.mux")
	# A conventional bridge cannot tell its devices apart: those behind it share an IOMMU group.
	qemu+=(-device "pcie-pci-bridge,id=pci1,bus=pcie.0,addr=12")
	for at in bus=pcie.0,addr=10 bus=pcie.0,addr=11 bus=pci1,addr=1 bus=pci1,addr=2; do
		qemu+=(-device "e1000e,romfile=,$at")
	done
	[ "$nic" != igb ] || qemu+=(-device "pcie-root-port,id=rp0,bus=pcie.0,addr=0f" -device "igb,romfile=,bus=rp0")
	case $accel in
	kvm) qemu+=(-accel kvm -cpu host) ;;
	*) qemu+=(-accel "tcg,thread=multi" -cpu max) ;;
	esac
	[ -z "$out" ] || qemu+=(-virtfs "local,path=${out//,/,,},mount_tag=out,security_model=none,multidevs=remap")
	# Datagrams: whichever guest is first, and whatever becomes of the other.
	# Both guests are given the same two paths, each its own first: so their addresses differ.
	[[ $link && ${link%,*} < ${link#*,} ]] && mac=02 || mac=03
	[ -z "$link" ] || qemu+=(-netdev "dgram,id=link,local.type=unix,local.path=${link%,*},remote.type=unix,remote.path=${link#*,}"
		-device "e1000e,romfile=,bus=pcie.0,addr=13,netdev=link,mac=52:54:00:00:00:$mac")
	[ -z "$tty" ] || qemu+=(-chardev "stdio,id=tty,signal=off" -device "virtconsole,chardev=tty")
}

# QEMU has nothing to save: SIGKILL is the quick and certain end.
run_clean() {
	trap '' INT TERM HUP
	local pid
	for pid in ${qemu_pid:-} ${demux_pid:-}; do
		kill -KILL "$pid" && wait "$pid"
	done 2>/dev/null
	[ -z "${stty_was:-}" ] || stty "$stty_was"
	[ -z "$out" ] || [ ! -s "$run/kernel.log" ] || tr -d '\r' <"$run/kernel.log" >"$out/kernel.log"
	rm -rf "$run"
}

guest_failed() {
	local noise='has no peer'
	say "$1"
	if grep -qv "$noise" "$run/qemu.err"; then
		say "QEMU says:"
		grep -v "$noise" "$run/qemu.err" | tail -n 10 >&2
	fi
	if [ -s "$run/kernel.log" ]; then
		say "the end of the guest's kernel log:"
		tail -n 60 "$run/kernel.log" | tr -d '\r' >&2
	fi
	exit 125
}

run_guest() {
	mkfifo "$run/mux"
	perl "$LAB_DIR/lib/demux.pl" "$run/status" "$BOOT_LIMIT" "$time_limit" <"$run/mux" &
	demux_pid=$!
	# pdeathsig: QEMU must not outlive us even when we are killed outright.
	if [ -n "$tty" ]; then
		stty_was=$(stty -g)
		setpriv --pdeathsig KILL "${qemu[@]}" <&0 2>"$run/qemu.err" &
	else
		setpriv --pdeathsig KILL "${qemu[@]}" </dev/null >"$run/qemu.err" 2>&1 &
	fi
	qemu_pid=$!
	wait "$demux_pid"
	case $? in
	0) exit "$(<"$run/status")" ;;
	3) guest_failed "the guest ended before the command did" ;;
	4) guest_failed "the guest did not come up within $BOOT_LIMIT s" ;;
	5) guest_failed "the command did not end within $time_limit s (--time-limit)" ;;
	6) exit 141 ;; # as a process that SIGPIPE killed
	*) guest_failed "the reader of the guest's output failed" ;;
	esac
}

# The options of run, shell and demo; what follows them is left in $rest.
run_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
		--kernel | --nic | --cpus | --mem | --out | --link | --build | --time-limit)
			[ $# -gt 1 ] || die 2 "$1 wants a value"
			case $1 in
			--kernel) kernel=$2 ;;
			--nic) nic=$2 ;;
			--cpus) cpus=$2 ;;
			--mem) mem=$2 ;;
			--out) out=$2 ;;
			--link) link=$2 ;;
			--build)
				[ -e "$2/build.ninja" ] || die 2 "--build wants meson's build directory, and '$2' has no build.ninja"
				build=$2
				;;
			--time-limit) time_limit=$2 ;;
			esac
			shift 2
			;;
		--no-build) build_wanted='' && shift ;;
		--) shift && break ;;
		-*) die 2 "unknown option '$1' (see lab --help)" ;;
		*) break ;;
		esac
	done
	kernel_check distro debug
	nic_check none igb try
	[[ $mem =~ ^[1-9][0-9]{2,6}$ ]] || die 2 "--mem wants a number of MiB, 100 or more, not '$mem'"
	[[ $cpus =~ ^[1-9][0-9]?$ ]] || die 2 "--cpus wants a number of processors, not '$cpus'"
	[[ -z $link || $link =~ ^[^,]+,[^,]+$ ]] || die 2 "--link wants two paths, LOCAL,REMOTE, not '$link'"
	[[ $time_limit =~ ^[1-9][0-9]{0,6}$ ]] || die 2 "--time-limit wants a number of seconds, not '$time_limit'"
	build=$(realpath -m "$build")
	rest=("$@")
}

# lab_run COMMAND...: under the options that run_options left.
lab_run() {
	local accel rows=24 cols=80
	if [ -n "$out" ]; then
		mkdir -p "$out" || die 125 "cannot make $out"
		out=$(realpath "$out")
	fi
	lab_setup
	run=$(mktemp -d "${TMPDIR:-/tmp}/migctl-lab.XXXXXX") || die 125 "cannot make a temporary directory"
	trap run_clean EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	[ -z "$build_wanted" ] || build_program
	accel_pick
	[ -z "$tty" ] || read -r rows cols < <(stty size)
	initrd_make "$@"
	qemu_args
	run_guest
}
