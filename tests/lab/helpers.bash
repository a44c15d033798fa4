# What the lab's tests share: simulated devices, the program and its answers, the kernel log.
# shellcheck shell=bash
# status, output, stderr are set by bats' run
# shellcheck disable=SC2154,SC2034

# Also read by scripts that bats runs: bats traps every command of a test, which under TCG makes a loop of bash 20 times slower.

# shellcheck source-path=SCRIPTDIR source=klog.bash
. "$(dirname "${BASH_SOURCE[0]}")/klog.bash"

SIMS=/sys/kernel/config/migsim
BACKGROUND=()
# What meson builds of this directory.
TOOLS=$(dirname "$(command -v vfio-migctl)")/../tests/lab

lab_setup() {
	[ -n "${MIGCTL_LAB_KERNEL:-}" ] || {
		echo "these tests take devices apart: they run in the lab's guest only (tests/lab/suite)"
		return 1
	}
	trace_failures
}

setup() { lab_setup; }
teardown() { untraced lab_teardown; }

# bats notes before every command where it is, by a DEBUG trap: a quarter of what a test takes under TCG. Where a test fails
# is all that is wanted of it, and an ERR trap tells that, too; the place that bats itself then names is this one.
trace_failures() {
	trap - DEBUG
	set +T
	trap 'tell_failure "$BASH_COMMAND"; bats_error_trap' ERR
}

tell_failure() {
	local status=$? i file
	[[ " ${FUNCNAME[*]} " = *" $BATS_TEST_NAME "* ]] || return "$status"
	printf '%s: status %d\n' "$1" "$status"
	for ((i = 1; i < ${#FUNCNAME[@]}; i++)); do
		file=${BASH_SOURCE[i]##*/}
		[[ $file != bats.*.src ]] || file=${BATS_TEST_FILENAME##*/}
		printf '  line %d of %s, in %s\n' "${BASH_LINENO[i - 1]}" "$file" "${FUNCNAME[i]}"
		[ "${FUNCNAME[i]}" != "$BATS_TEST_NAME" ] || break
	done
	return "$status"
}

# Every part is done whatever the others find; bats looks at the status of the last command only.
lab_teardown() {
	local bad=0 pid
	for pid in "${BACKGROUND[@]}"; do kill -KILL "$pid" 2>/dev/null; done
	if compgen -G "$SIMS/*/" >/dev/null; then
		no_hazards || bad=1
		remove_sims || bad=1
	fi
	devlink_remove || bad=1
	klog_new || bad=1
	return "$bad"
}

# ---- the kernel log

# What it says since the last look. Nothing falls between two tests, and the first one answers for the boot.
klog_new() {
	local hits
	hits=$(dmesg --read-clear | grep -E -A 25 -e "$KLOG_BUGS") || return 0
	printf 'the kernel log says:\n%s\n' "$hits"
	return 1
}

# ---- simulated devices: migsim-NAME, see migsim/README.md

# make_sim NAME [ATTRIBUTE=VALUE]...
make_sim() { untraced describe_sim "$@"; }

describe_sim() {
	local dir=$SIMS/$1 word
	shift
	mkdir "$dir" || return
	# It clears what was said with another protocol's words.
	for word; do [[ $word != protocol=* ]] || echo "${word#*=}" >"$dir/protocol" || return; done
	for word; do [[ $word = protocol=* ]] || echo "${word#*=}" >"$dir/${word%%=*}" || return; done
	echo 1 >"$dir/live"
}

# sim_fault NAME LINE...
sim_fault() {
	local name=$1 line
	shift
	for line; do echo "$line" >"$SIMS/$name/faults" || return; done
}

# sim_stat NAME KEY
sim_stat() {
	local text
	text=$'\n'$(<"$SIMS/$1/stats")
	text=${text#*$'\n'"$2 "}
	echo "${text%%$'\n'*}"
}

# stat_is NAME KEY VALUE
stat_is() {
	local got
	got=$(sim_stat "$1" "$2")
	[ "$got" = "$3" ] || { echo "$1: $2 is '$got', not $3"; return 1; }
}

sim_get() { cat "$SIMS/$1/$2"; }

# The states passed, one arc a line: FROM TO.
sim_arcs() { cut -d ' ' -f 1,2 "$SIMS/$1/trace"; }

group_node() { echo "/dev/vfio/$(sim_get "$1" group)"; }

no_hazards() { ! grep -s '^hazards [1-9]' "$SIMS"/*/stats; }

sims_gone() {
	local devices
	read -r devices <"$SIMS/devices"
	[ "$devices" = 0 ]
}

remove_sims() {
	rmdir "$SIMS"/*/ || return
	poll 10 sims_gone || { echo "simulated devices are still held open"; return 1; }
}

# mtty_make UUID, mtty_remove UUID: the kernel's sample device, an mdev
MTTY=/sys/class/mdev_bus/mtty
mtty_make() { echo "$1" >"$MTTY/mdev_supported_types/mtty-2/create"; }
mtty_remove() { [ ! -e "/sys/bus/mdev/devices/$1" ] || echo 1 >"/sys/bus/mdev/devices/$1/remove"; }

# ---- an SR-IOV NIC: igb, where the lab has one

# The PF's netdev, the PF and its VFs as PCI addresses.
PF=${MIGCTL_LAB_PF:-} PF_NETDEV=enp2s0f0 VF0='' VF1=''
PCI=/sys/bus/pci/devices

need_nic() { [ -n "$PF" ] || skip "${MIGCTL_LAB_NO_PF:-no SR-IOV NIC in this guest (lab run --nic igb)}"; }

# nic_setup: two VFs, VF0 on vfio-pci, VF1 on no driver. What is there already stays: making them takes half a second.
nic_setup() {
	need_nic
	untraced nic_make
}

nic_make() {
	local netdev
	netdev=$(ls "$PCI/$PF/net") || return
	[ "$netdev" = "$PF_NETDEV" ] || ip link set "$netdev" name "$PF_NETDEV" || return
	[ "$(<"$PCI/$PF/sriov_numvfs")" = 2 ] || echo 2 >"$PCI/$PF/sriov_numvfs" || return
	VF0=$(readlink "$PCI/$PF/virtfn0") VF1=$(readlink "$PCI/$PF/virtfn1")
	VF0=${VF0##*/} VF1=${VF1##*/}
	bind_driver "$VF0" vfio-pci && bind_driver "$VF1" none
}

nic_remove() { [ -z "$PF" ] || echo 0 >"$PCI/$PF/sriov_numvfs"; }

# ---- devlink of the PF: see migdevlink/README.md

DEVLINKS=/sys/kernel/config/migdevlink
DEVLINK=$DEVLINKS/$PF

# devlink_setup [PORT...]: the NIC and a live instance in switchdev mode, with these ports (vf0 vf1), not migratable
devlink_setup() {
	need_nic
	untraced devlink_make "$@"
}

devlink_make() {
	local port
	[ $# -gt 0 ] || set -- vf0 vf1
	nic_make && modprobe migdevlink && mkdir "$DEVLINK" || return
	for port; do set -- "$@" "$DEVLINK/$port" && shift; done
	mkdir "$@" && instance_set eswitch=switchdev live=1
}

# instance_set ATTRIBUTE=VALUE..., port_set PORT ATTRIBUTE=VALUE...
instance_set() { set_attributes "$DEVLINK" "$@"; }
port_set() { set_attributes "$DEVLINK/$1" "${@:2}"; }
set_attributes() {
	local dir=$1 word
	shift
	for word; do echo "${word#*=}" >"$dir/${word%%=*}" || return; done
}
port_get() { cat "$DEVLINK/$1/$2"; }

# The handle of a port, as devlink(8) takes it.
port_handle() { echo "pci/$PF/$(port_get "$1" index)"; }

# Empty directories are the ports; an instance with ports in it stays.
devlink_remove() {
	local dir
	for dir in "$DEVLINKS"/*/; do
		[ -d "$dir" ] || continue
		! compgen -G "$dir*/" >/dev/null || rmdir "$dir"*/ || return
		rmdir "$dir" || return
	done
}

# The kernel's own devlink without a device: netdevsim ID is netdevsim/netdevsimID, with two physical ports, info and a
# health reporter "dummy"; two VFs with ports by sriov_numvfs in switchdev mode. Debug kernel only.
NETDEVSIM=/sys/bus/netdevsim
netdevsim_make() { modprobe netdevsim && echo "$1 2" >$NETDEVSIM/new_device; }
netdevsim_fail() { echo "$2" >"/sys/kernel/debug/netdevsim/netdevsim$1/health/break_health"; }
netdevsim_remove() { [ ! -e "$NETDEVSIM/devices/netdevsim$1" ] || echo "$1" >$NETDEVSIM/del_device; }

# bind_driver ADDRESS DRIVER|none: by driver_override, its module loaded; with none nothing binds it
bind_driver() {
	local dir=$PCI/$1 now
	now=$(readlink "$dir/driver") || true
	[ "${now##*/}" != "$2" ] || return 0
	[ "$2" = none ] || [ -e "/sys/bus/pci/drivers/$2" ] || modprobe "$2" || return
	echo "$2" >"$dir/driver_override" || return
	[ -z "$now" ] || echo "$1" >"$dir/driver/unbind" || return
	[ "$2" = none ] || { echo "$1" >/sys/bus/pci/drivers_probe && [ -e "$dir/driver" ]; }
}

# ---- saved states

# For setup: in an empty directory of the test's own, all files are the program's.
own_dir() { mkdir "$BATS_TEST_TMPDIR/states" && cd "$BATS_TEST_TMPDIR/states" || return; }

# files_are NAME...: in the working directory, hidden ones too, and no others
files_are() {
	local have
	have=$(shopt -s nullglob dotglob && echo *)
	[ "$have" = "$*" ] || { echo "files: '$have', not '$*'"; return 1; }
}

# left_in NAME STATE: when it was closed. The simulator tells, for a `get` would open it anew.
left_in() {
	local words=(stop running stop-copy pre-copy resuming 5 error) state
	state=$(<"$SIMS/$1/state")
	[[ $state != 0x* ]] || state=${words[state]}
	[ "$state" = "$2" ] || { echo "$1 was left in $state, not $2"; return 1; }
}

# same_state FROM TO: by the simulator's own sums TO loaded what FROM gave, in the same transactions.
same_state() {
	local from=$SIMS/$1 to=$SIMS/$2
	[ "$(<"$to/load_result")" = ok ] || { echo "$2: load_result is $(<"$to/load_result")"; return 1; }
	[[ $(<"$from/checksum") = *[1-9a-f]* ]] || { echo "$1 gave nothing"; return 1; }
	[ "$(<"$from/checksum") $(<"$from/window_sizes")" = "$(<"$to/loaded_checksum") $(<"$to/loaded_window_sizes")" ] || {
		echo "$2 loaded something else than $1 gave"
		return 1
	}
}

# says WORDS...: one error, in one line of stderr, with all of these in it. Notes, progress and hints are none.
says() {
	local line error='' words
	while IFS= read -r line; do
		[[ $line =~ ^vfio-migctl:\ [a-z-]+:\  ]] || continue
		[ -z "$error" ] || { show_run 'more than one error'; return 1; }
		error=$line
	done <<<"$stderr"
	for words; do [[ $error = *"$words"* ]] || { show_run "the error lacks: $words"; return 1; }; done
}

# ---- the program

# untraced COMMAND...: without bats' trap before every command, which is most of what a test costs under TCG.
untraced() {
	local -
	set +T
	"$@"
}

# migctl STATUS ARGUMENT...: runs it and wants this exit status. Then $output is its stdout, $stderr its stderr.
migctl() { untraced run_migctl "$@"; }

run_migctl() {
	local want=$1
	shift
	status=0
	output=$(vfio-migctl "$@" 2>"$BATS_TEST_TMPDIR/stderr") || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/stderr")
	[ "$status" -eq "$want" ] || { show_run "vfio-migctl $*: exit $status, not $want"; return 1; }
}

show_run() { printf '%s\nstdout: %s\nstderr: %s\n' "$1" "$output" "${stderr:-}"; }

# json FILTER: of the last run's stdout
json() { gojq -e "$1" <<<"$output" >/dev/null || { show_run "not so: $1"; return 1; }; }

out_has() { [[ $output = *"$1"* ]] || { show_run "stdout lacks: $1"; return 1; }; }
err_has() { [[ $stderr = *"$1"* ]] || { show_run "stderr lacks: $1"; return 1; }; }
err_lacks() { [[ $stderr != *"$1"* ]] || { show_run "stderr has: $1"; return 1; }; }
first_is() { [ "${output%%$'\n'*}" = "$1" ] || { show_run "the first line is not: $1"; return 1; }; }

# both STATUS FIRST-LINE FILTER ARGUMENT...: the same in text and in JSON. Under -j nothing else is said.
both() { untraced run_both "$@"; }

run_both() {
	local want=$1 first=$2 filter=$3
	shift 3
	run_migctl "$want" "$@" && first_is "$first" || return
	run_migctl "$want" "$@" -j && json "$filter" || return
	[ -z "$stderr" ] || { show_run "-j talks on stderr"; return 1; }
}

# ---- time

now_ms() { local t=${EPOCHREALTIME/./}; echo $((t / 1000)); }

# wait_until SECONDS COMMAND...
wait_until() { untraced poll "$@"; }

poll() {
	local end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@" >/dev/null; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# A child in the background, ended by teardown; file 3 is bats' own. Its pid is $!.
background() {
	"$@" 3>&- &
	BACKGROUND+=($!)
}

# ended PID: waits for a child; $status is its exit status.
ended() {
	status=0
	wait "$1" || status=$?
}

need_debug() { [ "$MIGCTL_LAB_KERNEL" = debug ] || skip "$1"; }
