# What a driver can do to a restore: it never runs on with a part. It is reset, or it is said how it is left.
# shellcheck disable=SC2034,SC2086 # what says reads; options are words
load helpers

setup() { lab_setup && own_dir; }

SIZE=65536
LATE=30000 # amid the data, and where no window begins
OPTIONS=

# saved PROTOCOL [ATTRIBUTE=VALUE]...: a state in s, and a device d that is to have it. What d was before is generation 5.
saved() {
	describe_sim a "protocol=$1" state_size=$SIZE generation=77 && describe_sim d "protocol=$1" state_size=$SIZE generation=5 "${@:2}" &&
		run_migctl 0 save migsim-a s
}

arm() {
	sim_fault d clear && echo clear >"$SIMS/d/data_faults" || return
	case $1 in
	*' '*) sim_fault d "$1" ;;
	*) echo "$1" >"$SIMS/d/data_faults" ;;
	esac
}

# passes FAULT: what a restore has to bear
passes() {
	echo "$1"
	arm "$1" && run_migctl 0 restore migsim-d s && same_state a d && left_in d running && echo 5 >"$SIMS/d/generation"
}

# meets FAULT STATUS STATE RESETS SENTENCE...: one restore of d under the fault. STATE: how it is left, RESETS: after how many.
meets() {
	local resets
	echo "$1"
	resets=$(sim_stat d resets)
	arm "$1" && run_migctl "$2" restore migsim-d s $OPTIONS && says "${@:5}" && left_in d "$3" && stat_is d resets $((resets + $4)) &&
		[ "$(<"$SIMS/d/generation")" = 5 ] && files_are s
}

# Of what is reset after the driver's own failure
RESET='; the device was reset, and is running'

data() {
	local errno
	saved "$1" && passes 'data-write short times=0' && passes "data-write EINTR at=$LATE times=3" || return
	for errno in EIO ENODEV EINVAL; do
		meets "data-write $errno at=$LATE" 1 running 1 "writing the $2 migsim-d: " "$RESET" || return
	done
	meets "data-write zero at=$LATE" 1 running 1 'the driver of migsim-d breaks the protocol' ' took nothing of ' "$RESET" || return
	arm "data-write EIO at=$LATE" && run_migctl 1 restore migsim-d s -j || return
	json '.error.kind == "failed" and .error.errno == "EIO" and .digest == null and .state == "running" and .bytes == 30000 and .load_usec == 0'
}
@test "short writes, EINTR, EIO, ENODEV in the midst of the data, v1" { untraced data v1 'data of'; }
@test "short writes, EINTR, EIO, ENODEV in the midst of the data, v2" { untraced data v2 'data_fd of'; }

registers() {
	saved v1 "$@" && passes unaligned && passes offset-moves || return
	meets 'data-offset EIO' 1 running 1 'reading data_offset of migsim-d: Input/output error' "$RESET" &&
		meets 'data-offset short' 1 running 1 'data_offset has 4 of its 8 bytes' "$RESET" &&
		meets 'data-size EIO' 1 running 1 'writing data_size of migsim-d: Input/output error' "$RESET" &&
		meets 'data-size short' 1 running 1 'of the 8 bytes of data_size it took 4' "$RESET" &&
		meets 'data-size zero' 1 running 1 'of the 8 bytes of data_size it took 0' "$RESET" &&
		meets bad-offset=0 1 running 1 'data_offset 0x0 lies in the header' "$RESET" &&
		meets bad-offset=31 1 running 1 'data_offset 0x1f lies in the header' "$RESET" &&
		meets bad-offset=100000 1 running 1 '4096 bytes at data_offset 0x186a0 do not fit into a region of ' "$RESET" &&
		meets bad-offset=0xffffffffffffffff 1 running 1 'do not fit into a region of' "$RESET"
}
@test "v1: registers that fail, data_offset outside the region" { untraced registers; }
@test "v1: the same where the window is mapped" { untraced registers mmap=1; }

# A window of the device is too small for what was saved by larger ones: transactions are kept, so it cannot have it.
@test "v1: a transaction larger than the region" {
	untraced saved v1
	make_sim w protocol=v1 state_size=$SIZE chunk_size=$SIZE
	make_sim n protocol=v1 state_size=$SIZE chunk_size=1024
	migctl 0 save migsim-w w --no-precopy
	migctl 1 restore migsim-n w
	says "$SIZE bytes does not fit at data_offset 0x20" "$RESET"
	left_in n running
	stat_is n resets 1
}

# arcs PROTOCOL BEFORE AFTER: the states before RESUMING and after the load
arcs() {
	local said
	saved "$1" || return
	# On the way there nothing is lost yet.
	said="$2 -> resuming"
	meets '*->resuming nak errno=EBUSY' 7 running 0 "refused $said (EBUSY)" &&
		meets '*->resuming error' 9 error 0 "migsim-d faulted: asked $said" && out_has 'state         error' &&
		OPTIONS=--reset-on-error meets '*->resuming error' 9 running 1 "migsim-d faulted: asked $said" && out_has 'reset accepted' || return
	# The load: what was given is in it by now.
	said='resuming -> stop'
	meets 'resuming->stop nak errno=EBUSY' 7 running 1 "refused $said (EBUSY)" "$RESET" &&
		meets 'resuming->stop error' 9 running 1 "faulted: asked $said, the driver said EIO" "$RESET" &&
		meets 'resuming->stop error-ok' 9 running 1 "faulted: asked $said, the driver said success" "$RESET" &&
		meets 'resuming->stop lie=resuming' 8 running 1 "astray: asked $said" "$RESET" &&
		meets "data-write error at=$LATE" 1 running 1 'Input/output error' "$RESET" || return
	# It is loaded, and whole, and does not run.
	arm "stop->$3 nak" && run_migctl 7 restore migsim-d s && says "refused stop -> $3" 'the state is still stop' && left_in d stop &&
		[ "$(<"$SIMS/d/load_result")" = ok ]
}
@test "a device that faults, refuses or goes astray, v1" { untraced arcs v1 running running; }
@test "a device that faults, refuses or goes astray, v2" { untraced arcs v2 stop running-p2p; }

# The driver's own judgement of what it was given: the state is that of a larger device, or it is damaged.
refused() {
	local said='the state is still resuming' code=7
	[ "$1" = v2 ] || said='and the device is in _ERROR' code=9
	describe_sim a "protocol=$1" state_size=$((SIZE + 8)) && describe_sim d "protocol=$1" state_size=$SIZE generation=5 || return
	run_migctl 0 save migsim-a s && meets 'get delay ms=1' $code running 1 'resuming -> stop' "$said" "$RESET" || return
	[ "$(<"$SIMS/d/load_result")" = foreign ] && rm s || return
	describe_sim c "protocol=$1" state_size=$SIZE && echo corrupt=$LATE >"$SIMS/c/data_faults" && run_migctl 0 save migsim-c s || return
	meets 'get delay ms=1' $code running 1 'resuming -> stop' "$said" "$RESET" && [ "$(<"$SIMS/d/load_result")" = corrupt ]
}
@test "a state that the driver does not take, v1" { untraced refused v1; }
@test "a state that the driver does not take, v2" { untraced refused v2; }

# What cannot be reset is left, and nobody is told that it runs.
stays() {
	local part='it holds a part of a state and offers no reset to be rid of it, and it is left in resuming'
	saved "$1" || return
	describe_sim n "protocol=$1" state_size=$SIZE reset=0 && sim_fault n "data-write EIO at=$LATE" || return
	run_migctl 8 restore migsim-n s && says 'Input/output error; ' "$part" && err_has 'unbind the device' && left_in n resuming || return
	meets "data-write EIO at=$LATE" 1 running 1 "$RESET" || return
	sim_fault d clear "data-write EIO at=$LATE" 'reset nak errno=EBUSY' && run_migctl 8 restore migsim-d s || return
	says 'Input/output error; ' 'VFIO_DEVICE_RESET' 'it is left in resuming' && err_has 'the reset did not help' && left_in d resuming || return
	sim_fault d clear "data-write EIO at=$LATE" 'reset lie=stop' && run_migctl 8 restore migsim-d s && says 'it is left in stop' &&
		left_in d stop || return
	sim_fault d clear "data-write EIO at=$LATE" 'reset hang' && run_migctl 10 restore migsim-d s --timeout 0.3 &&
		says 'Input/output error; then ' 'no answer' && stat_is d open_now 0 || return
	run_migctl 0 restore migsim-d s && same_state a d
}
@test "what cannot be reset is said to be left in resuming, v1" { untraced stays v1; }
@test "what cannot be reset is said to be left in resuming, v2" { untraced stays v2; }

# Found where nothing can begin, it is not touched; and where a load can, it is not asked how it came there.
from() {
	saved "$1" && describe_sim e "protocol=$1" state_size=$SIZE initial_state=error && describe_sim p "protocol=$1" state_size=$SIZE initial_state=stop || return
	run_migctl 6 restore migsim-e s && says 'migsim-e is in error: restoring begins in running, running-p2p or stop' && stat_is e sets 0 || return
	run_migctl 6 save migsim-e t && says 'migsim-e is in error: saving begins in' && stat_is e sets 0 && files_are s || return
	run_migctl 0 restore migsim-p s && same_state a p && left_in p running || return
	run_migctl 0 restore migsim-p s --leave-stopped && same_state a p && left_in p stop
}
@test "where a transfer begins and where it does not, v1" { untraced from v1; }
@test "where a transfer begins and where it does not, v2" { untraced from v2; }

# ---- time

# late FAULT SENTENCE: the deadline passes in this call of the driver
late() {
	local begin took
	sim_fault d clear "$1" || return
	begin=$(now_ms)
	run_migctl 10 restore migsim-d s --timeout 0.3 || return
	took=$(($(now_ms) - begin))
	echo "# $1: $took ms" >&3
	[ "$took" -lt 2300 ] || { echo "$1: $took ms"; return 1; }
	says "$2" 'no answer from the driver within 0.3 s' && err_has 'migsim_fault_wait' && stat_is d open_now 0
}

hangs() {
	saved "$1" || return
	late "data-write hang at=$LATE" 'moving the data of migsim-d' && late '*->resuming hang' 'writing device_state resuming to migsim-d' &&
		late 'resuming->stop hang' 'writing device_state stop to migsim-d' || return
	sim_fault d clear "data-write hang-d at=$LATE" && run_migctl 10 restore migsim-d s --timeout 0.3 -j || return
	json '.error.kind == "timeout" and .error.task_ended == false and .digest == null and .state == null' || return
	stat_is d hanging 1 && echo 1 >"$SIMS/d/release" && poll 5 stat_is d open_now 0 || return
	[ "$(<"$SIMS/d/generation")" = 5 ] && run_migctl 0 restore migsim-d s && same_state a d
}
@test "the deadline passes, v1" { untraced hangs v1; }
@test "the deadline passes, v2" { untraced hangs v2; }
