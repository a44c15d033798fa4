# Drivers that do not answer: exit 10 on time, said where it hangs, and what becomes of the device.
load helpers

LIMIT=0.5 # s, for each call
LATE=2000 # ms, the most that exit 10 may come after the limit

# no_answer COMMAND...: exit 10 within the limit and what TCG needs; shows where the task is.
no_answer() {
	local begin took
	begin=$(now_ms)
	run_migctl 10 "$@" --timeout $LIMIT || return
	took=$(($(now_ms) - begin))
	echo "# $* : $took ms" >&3
	[ "$took" -le $((500 + LATE)) ] || { echo "$*: took $took ms"; return 1; }
	err_has 'no answer from the driver within 0.5 s' && err_has 'migsim_fault_wait'
}

# hangs PROTOCOL FAULT COMMAND...: killable and uninterruptible, in one device each
hangs() { untraced hang_both_ways "$@"; }

hang_both_ways() {
	local proto=$1 where=$2
	shift 2
	[ -e "$SIMS/k" ] || make_sim k "protocol=$proto" && [ -e "$SIMS/u" ] || make_sim u "protocol=$proto" || return

	# The task ends, so the device is free by the time the command is back.
	sim_fault k "$where hang"
	no_answer "$1" migsim-k "${@:2}" && err_has 'the call could be ended and the device is closed' && stat_is k open_now 0 || return
	run_migctl 0 get migsim-k || return

	# This one stays until the driver lets go, and so does the device.
	sim_fault u "$where hang-d"
	no_answer "$1" migsim-u "${@:2}" && err_has 'cannot be ended before the driver lets go' || return
	if [ "$where" = open ]; then
		# The kernel has the group's lock while the driver opens the device: the next one waits for that.
		run_migctl 10 get migsim-u --timeout $LIMIT && err_has 'vfio_group_fops_open' || return
	else
		run_migctl 4 get migsim-u -j && json '.error.kind == "busy" and (.error.hint | startswith("process "))' || return
	fi
	echo 1 >"$SIMS/u/release"
	poll 5 freed u || { echo "not free after release"; return 1; }
	run_migctl 0 get migsim-u && stat_is u open_now 0
}

# The group's node goes last, and lets one in at a time.
freed() { stat_is "$1" open_now 0 >/dev/null && (exec 9<>"$(group_node "$1")") 2>/dev/null; }

@test "v2: a get that hangs" { hangs v2 get get; }
@test "v2: an arc that hangs" { hangs v2 'running->running-p2p' set running-p2p stop; }
@test "v2: a reset that hangs" { hangs v2 reset reset; }
@test "v2: an open that hangs" { hangs v2 open get; }
@test "v2: an info that hangs" { hangs v2 info reset; }
@test "v1: a read of device_state that hangs" { hangs v1 read-state get; }
@test "v1: an arc that hangs" { hangs v1 'running->stop' set stop running; }
@test "v1: a reset that hangs" { hangs v1 reset reset; }
@test "v1: an open that hangs" { hangs v1 open get; }
@test "v1: an info that hangs" { hangs v1 info get; }
@test "v1: a region-info that hangs" { hangs v1 region-info get; }

@test "what hangs is told in JSON too" {
	make_sim d
	sim_fault d 'get hang-d'
	migctl 10 get migsim-d -j --timeout $LIMIT
	json '.error.kind == "timeout" and .error.task_ended == false and .error.task > 1 and .state == null
		and any(.error.stack[]; contains("migsim_fault_wait")) and (.error.hint | contains("keeps the device open"))'
	[ -d "/proc/$(gojq .error.task <<<"$output")" ]
}

# The task that is left behind must not hold the pipes of the command that left it.
@test "a reader of the output is not held up by the task left behind" {
	local begin
	make_sim d
	sim_fault d 'get hang-d'
	begin=$(now_ms)
	# shellcheck disable=SC2016 # for the inner shell
	output=$(timeout 20 bash -c 'vfio-migctl get migsim-d --timeout 0.5 2>&1 | cat; exit "${PIPESTATUS[0]}"') || status=$?
	[ "$status" -eq 10 ]
	[ $(($(now_ms) - begin)) -le $((500 + LATE)) ]
	stat_is d hanging 1
}

@test "slow, but in time, is no hang; --timeout 0 waits" {
	local begin
	make_sim d
	sim_fault d 'running->running-p2p delay ms=1000'
	migctl 0 set migsim-d running-p2p --timeout 10 -j
	json '.steps[0].usec >= 1000000 and .outcome == "accepted"'
	sim_fault d 'get hang ms=2000'
	begin=$(now_ms)
	migctl 0 get migsim-d --timeout 0
	[ $(($(now_ms) - begin)) -ge 2000 ]
	stat_is d open_now 0
}
