# What a driver can do to a save: the device runs again, or it is said how it is left, and there is no file.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086 # backticks of the program; one test is one shell; what says reads; options are words
load helpers

setup() { lab_setup && own_dir; }

# The state of every device here; pre-copy offers the first quarter. EARLY is in that, LATE is in the rest; neither is where a
# window begins.
SIZE=65536
EARLY=5000
LATE=30000

# meets FAULT STATUS STATE SENTENCE...: one save of d under the fault. STATE: how the device is left.
meets() {
	sim_fault d clear && echo clear >"$SIMS/d/data_faults" || return
	case $1 in
	*' '*) sim_fault d "$1" ;;
	*) echo "$1" >"$SIMS/d/data_faults" ;;
	esac || return
	echo "$1"
	run_migctl "$2" save migsim-d s $OPTIONS && says "${@:4}" && left_in d "$3" && files_are
}
OPTIONS=

# passes FAULT: what a save, and what a restore, has to bear. It is whole.
passes() {
	sim_fault d clear && echo clear >"$SIMS/d/data_faults" || return
	case $1 in
	*' '*) sim_fault d "$1" ;;
	*) echo "$1" >"$SIMS/d/data_faults" ;;
	esac || return
	echo "$1"
	run_migctl 0 save migsim-d s --force && run_migctl 0 restore migsim-e s && same_state d e && left_in d running && rm s
}

two() { describe_sim d state_size=$SIZE "$@" && describe_sim e state_size=$SIZE "$@"; }

# ---- the calls

short() {
	two "$@" && passes 'data-read short times=0' && passes "data-read EINTR at=$EARLY times=3" && passes "data-read EINTR at=$LATE" || return
	# As a stream, or through a window, neither begins or ends on a boundary of anything.
	passes "data-read short at=$LATE"
}
@test "short reads and EINTR, v1" { untraced short protocol=v1; }
@test "short reads, EINTR and EAGAIN, v2" {
	untraced short protocol=v2 chunk_size=4000
	untraced passes "data-read EAGAIN at=$LATE times=2"
}
@test "short reads, hisi, which forgets what was read" { untraced short protocol=v1 profile=hisi; }

errnos() {
	two "protocol=$1" || return
	local at
	for at in $EARLY $LATE; do
		meets "data-read EIO at=$at" 1 running "reading the $2 migsim-d: Input/output error" || return
		meets "data-read ENODEV at=$at" 1 running "reading the $2 migsim-d: No such device" || return
	done
	run_migctl 0 save migsim-d s && rm s
	sim_fault d "data-read EIO at=$LATE" && run_migctl 1 save migsim-d s -j || return
	json '.error.kind == "failed" and .error.errno == "EIO" and .digest == null and .state == "running" and .bytes == 30000
		and .stop_usec > 0 and .fallout == null' && files_are
}
@test "EIO and ENODEV in the midst of the data, v1" { untraced errnos v1 'data of'; }
@test "EIO and ENODEV in the midst of the data, v2" { untraced errnos v2 'data_fd of'; }

@test "v2: GET_PRECOPY_INFO may fail, or not be there; MIG_DATA_SIZE is an estimate" {
	make_sim d protocol=v2 state_size=$SIZE
	make_sim e protocol=v2 state_size=$SIZE
	untraced meets 'precopy-info EIO' 1 running 'Input/output error'
	untraced passes 'precopy-info ENOTTY'
	untraced passes 'data-size EIO times=0'
	untraced passes 'data-size zero times=0'
}

registers() {
	local register
	two protocol=v1
	# The first pending_bytes is read for an estimate, and need not be there.
	passes 'pending EIO' || return
	for register in pending data-offset data-size; do
		meets "$register EIO times=2" 1 running ' of migsim-d: Input/output error' || return
		meets "$register short times=2" 1 running 'the driver of migsim-d breaks the protocol' ' has 4 of its 8 bytes' || return
	done
	meets "data-read zero at=$LATE" 1 running 'breaks the protocol: of the 4096 bytes of a window it gives only 1328' || return
	OPTIONS=--no-precopy meets 'pending EIO times=2' 1 running 'reading pending_bytes of migsim-d: Input/output error'
}
@test "v1: registers that fail or are too short" { untraced registers; }

# ---- the window

windows() {
	local size
	two protocol=v1 "$@" || return
	passes unaligned && passes offset-moves || return
	size=$(run_migctl 0 show migsim-d -j && gojq '.regions[0].size' <<<"$output")
	meets bad-offset=0 1 running 'breaks the protocol: data_offset 0x0 lies in the header' &&
		meets bad-offset=31 1 running 'data_offset 0x1f lies in the header' &&
		meets "bad-offset=$size" 1 running "4096 bytes at data_offset $(printf 0x%x "$size") do not fit" &&
		meets "bad-offset=$((size - 4095))" 1 running 'do not fit into a region of' &&
		meets bad-offset=0xffffffffffffffff 1 running 'data_offset 0xffffffffffffffff do not fit' &&
		meets "bad-size=$size" 1 running "$size bytes at data_offset" 'do not fit' &&
		meets bad-size=0xffffffffffffffff 1 running '18446744073709551615 bytes at data_offset' 'do not fit'
}
@test "v1: data_offset and data_size outside the region; unaligned and moving is fine" { untraced windows; }
@test "v1: the same where the window is mapped" { untraced windows mmap=1; }

# A device at work may have nothing for now; one that is stopped may not promise for ever. Time is the bound in pre-copy.
endless() {
	local never='the driver of migsim-d breaks the protocol: data that never ends: pending_bytes is '
	describe_sim d protocol=v1 state_size=10000000 chunk_size=65536 || return
	OPTIONS=--no-precopy meets bad-size=0 1 running "$never" ', and data_size is 0' &&
		OPTIONS=--precopy-until=0.2s meets bad-size=0 1 running "$never" ', and data_size is 0' &&
		OPTIONS=--precopy-until=0.2s meets pending-forever 1 running "$never" ', no less than '
}
@test "v1: pending_bytes that never shrinks" {
	local begin
	begin=$(now_ms)
	untraced endless
	echo "# $(($(now_ms) - begin)) ms" >&3
}

# ---- the transitions

# faults PROTOCOL INTO OUT: _ERROR on the way into pre-copy and stop-and-copy and out of it, and by itself amid the data
faults() {
	local arc said
	two "protocol=$1" || return
	for arc in 'running->pre-copy' "$2->stop-copy" 'stop-copy->stop' "stop->$3"; do
		said="migsim-d faulted: asked ${arc%->*} -> ${arc#*->}, the driver said EIO, and the device is in _ERROR"
		meets "$arc error" 9 error "$said" && err_has 'hint: recover with: vfio-migctl reset migsim-d' &&
			out_has 'state         error' || return
		OPTIONS=--reset-on-error meets "$arc error" 9 running "$said" && out_has 'reset accepted, state running' || return
		meets "$arc error-ok" 9 error 'the device is in _ERROR' || return
	done
	for arc in $EARLY $LATE; do
		meets "data-read error at=$arc" 9 error 'Input/output error; the device faulted, and it is left in error' || return
	done
	# It says nothing: what it gives afterwards looks like an end, or is none.
	meets "data-read error-ok at=$LATE" 9 error 'faulted' && [ "$1" = v2 ] || says 'faulted by itself: it was in stop-copy' || return
	sim_fault d clear "data-read error at=$LATE" && run_migctl 9 save migsim-d s -j || return
	json '.error.kind == "faulted" and .state == "error" and .digest == null and .fallout.state == "error"' && files_are
}
@test "a device that faults, v1" { untraced faults v1 pre-copy running; }
@test "a device that faults, v2" { untraced faults v2 pre-copy-p2p running-p2p; }

naks() {
	local arc
	two "protocol=$1" || return
	meets 'running->pre-copy nak errno=EBUSY' 7 running 'refused running -> pre-copy (EBUSY); the state is still running' || return
	for arc in "$2->stop-copy" 'stop-copy->stop' "stop->$3"; do
		meets "$arc nak errno=EBUSY" 7 running "the driver of migsim-d refused ${arc%->*} -> ${arc#*->} (EBUSY)" || return
		meets "$arc lie=resuming" 8 running 'migsim-d is astray' 'the state is resuming; the device was reset, and is running' || return
	done
	# It cannot be brought back, and that is said.
	meets "stop->$3 nak times=0" 8 stop "refused stop -> $3" 'bringing it back failed too' 'it is left in stop' &&
		err_has '`reset` should bring it to running'
}
@test "a device that refuses, or goes astray, v1" { untraced naks v1 pre-copy running; }
@test "a device that refuses, or goes astray, v2" { untraced naks v2 pre-copy-p2p running-p2p; }

# ---- the output

full() {
	two "protocol=$1" state_size=300000 || return
	mkdir small && mount -t tmpfs -o size=128k small small || return
	run_migctl 1 save migsim-d small/s && says 'small/s after ' 'No space left on device' && left_in d running || return
	err_has 'there is room for 0 MiB: make more, or save elsewhere, or make it smaller with --compress' || return
	(cd small && files_are) || return
	# What is there already stays as it was.
	echo precious >small/s
	run_migctl 1 save migsim-d small/s --force && [ "$(<small/s)" = precious ] && (cd small && files_are s) || return
	run_migctl 1 save migsim-d small/t -j && json '.error.errno == "ENOSPC" and .state == "running" and .digest == null' || return
	umount small && rmdir small || return
	run_migctl 1 save migsim-d /dev/full && says '/dev/full' 'No space left on device' && left_in d running && files_are || return
	status=0
	stderr=$(vfio-migctl save migsim-d - 2>&1 >/dev/full) || status=$?
	[ "$status" -eq 1 ] && says 'cannot write to standard output' 'No space left on device' && left_in d running
}
full_disk() {
	local bad=0
	untraced full "$1" || bad=1
	! mountpoint -q small || umount small
	[ "$bad" -eq 0 ]
}
@test "a full disk, v1" { full_disk v1; }
@test "a full disk, v2" { full_disk v2; }

# What wanted it is gone; the device is brought back before anything else.
broken() {
	two "protocol=$1" state_size=3000000 || return
	{ vfio-migctl save migsim-d - 2>err && echo 0 >code || echo $? >code; } | head -c 100000 >part
	status=$(<code) stderr=$(<err) output=
	[ "$status" -eq 1 ] || { show_run "exit $status"; return 1; }
	says 'cannot write to standard output after ' 'Broken pipe' && err_has 'what was to read it has ended' && left_in d running || return
	# And what has the part knows it for one.
	run_migctl 11 inspect part && says 'the saved state is damaged: it ends at byte 100000'
}
@test "a broken pipe, v1" { untraced broken v1; }
@test "a broken pipe, v2" { untraced broken v2; }

# ---- time

# late FAULT SENTENCE: the deadline passes in this call of the driver
late() {
	local begin took
	sim_fault d clear "$1" || return
	begin=$(now_ms)
	run_migctl 10 save migsim-d s --timeout 0.3 || return
	took=$(($(now_ms) - begin))
	echo "# $1: $took ms" >&3
	[ "$took" -lt 2300 ] || { echo "$1: $took ms"; return 1; }
	says "$2" 'no answer from the driver within 0.3 s' && err_has 'migsim_fault_wait' && files_are && stat_is d open_now 0
}

hangs() {
	two "protocol=$1" || return
	late "data-read hang at=$EARLY" 'moving the data of migsim-d' && late "data-read hang at=$LATE" 'moving the data of migsim-d' &&
		late 'running->pre-copy hang' 'writing device_state pre-copy to migsim-d' && late '*->stop-copy hang' 'writing device_state stop-copy' &&
		late 'stop-copy->stop hang' 'writing device_state stop to' || return
	# The one that cannot be killed leaves a task behind, which lets go in its own time.
	sim_fault d clear "data-read hang-d at=$LATE" && run_migctl 10 save migsim-d s --timeout 0.3 -j || return
	json '.error.kind == "timeout" and .error.task_ended == false and .digest == null and .state == null' && files_are || return
	stat_is d hanging 1 && echo 1 >"$SIMS/d/release" && poll 5 stat_is d open_now 0
}
@test "the deadline passes, v1" {
	untraced hangs v1
	untraced late 'pending hang' 'migsim-d: no answer'
}
@test "the deadline passes, v2" {
	untraced hangs v2
	untraced late 'precopy-info hang' 'migsim-d: no answer'
}
