# Signals in each phase of a save and of a restore: the call under way is finished, the device is brought back or reset, there is no
# file, and the process dies of the signal. After SIGKILL the next run finds nothing of the last one.
# shellcheck disable=SC2015,SC2016,SC2030,SC2031,SC2034 # a && b || tell; backticks; one test is one shell; what says reads
load helpers

setup() { lab_setup && own_dir; }

SIZE=65536
EARLY=5000 # in pre-copy
LATE=30000 # in stop-and-copy, amid the data of a load

# started FAULT COMMAND...: in the background, as a terminal would start it, and in the call that the fault holds up. PID is its.
started() {
	sim_fault d clear "$1" || return
	background env --default-signal=INT,TERM vfio-migctl "${@:2}" >../out 2>../err
	PID=$!
	poll 10 stat_is d hanging 1 || { echo "$*: it does not come to that"; cat ../err; return 1; }
}

# struck SIGNAL FAULT COMMAND...: and how it ends
struck() {
	echo "$*"
	started "$2" "${@:3}" || return
	kill -s "$1" "$PID"
	echo 1 >"$SIMS/d/release"
	ended "$PID"
	output=$(<../out) stderr=$(<../err)
	[ "$status" -eq $((128 + $(kill -l "$1"))) ] || { show_run "exit status $status"; return 1; }
}

# ---- save

# PROTOCOL BEFORE: the state before STOP_COPY
save_phases() {
	local signal fault
	describe_sim d "protocol=$1" state_size=$SIZE || return
	for fault in 'running->pre-copy' "data-read delay ms=9999 at=$EARLY" "$2->stop-copy" "data-read delay ms=9999 at=$LATE" 'stop-copy->stop'; do
		[[ $fault = *delay* ]] || fault+=' delay ms=9999'
		signal=INT
		[[ $fault = *delay*at* ]] || signal=TERM
		struck $signal "$fault" save migsim-d s && says 'interrupted ' && left_in d running && files_are || return
	done
	struck INT "data-read delay ms=9999 at=$LATE" save migsim-d s -j &&
		json '.error.kind == "failed" and .error.errno == "EINTR" and .digest == null and .state == "running"' && files_are || return
	# Over a file that is there, too: it stays.
	echo precious >s
	struck TERM "data-read delay ms=9999 at=$LATE" save migsim-d s --force && files_are s && [ "$(<s)" = precious ] && left_in d running || return
	rm s
	sim_fault d clear && run_migctl 0 save migsim-d s
}
@test "save: SIGINT and SIGTERM in each phase, v1" { untraced save_phases v1 pre-copy; }
@test "save: SIGINT and SIGTERM in each phase, v2" { untraced save_phases v2 pre-copy-p2p; }

flows() { [ "$(sim_stat d bytes_out)" -gt $((10 * SIZE)) ]; }

@test "save: SIGTERM ends a v2 stream that does not end" {
	make_sim d protocol=v2 state_size=$SIZE
	echo pending-forever >"$SIMS/d/data_faults"
	background env --default-signal=TERM vfio-migctl save migsim-d s --no-precopy >../out 2>../err
	wait_until 10 flows
	kill -s TERM "$!"
	ended "$!"
	[ "$status" -eq 143 ]
	left_in d running
	files_are
}

# ---- restore

restore_phases() {
	local signal resets=0
	describe_sim a "protocol=$1" state_size=$SIZE generation=77 && describe_sim d "protocol=$1" state_size=$SIZE generation=5 &&
		run_migctl 0 save migsim-a s || return
	for signal in INT TERM; do
		struck $signal '*->resuming delay ms=9999' restore migsim-d s && says 'interrupted ' && left_in d running || return
		resets=$(sim_stat d resets)
		struck $signal "data-write delay ms=9999 at=$LATE" restore migsim-d s && says 'interrupted ' '; the device was reset, and is running' &&
			left_in d running && stat_is d resets $((resets + 1)) && [ "$(<"$SIMS/d/generation")" = 5 ] || return
		# The load is one call of the driver, and with it all is there: the device runs.
		struck $signal 'resuming->stop delay ms=9999' restore migsim-d s && left_in d running && same_state a d || return
		[[ $output = 'restored: migsim-d, 65536 bytes'* ]] || { show_run 'not told'; return 1; }
		echo 5 >"$SIMS/d/generation"
	done
	sim_fault d clear && run_migctl 0 restore migsim-d s && same_state a d
}
@test "restore: SIGINT and SIGTERM in each phase, v1" { untraced restore_phases v1; }
@test "restore: SIGINT and SIGTERM in each phase, v2" { untraced restore_phases v2; }

# ---- a pipe that does not go on

# A reader that does not read, a writer that does not write.
stalled() {
	local begin
	describe_sim d "protocol=$1" state_size=12000000 chunk_size=1000000 || return
	mkfifo fifo
	background sleep 100 <>fifo
	background env --default-signal=INT vfio-migctl save migsim-d fifo >../out 2>../err
	PID=$!
	sleep 1 # it is full by then
	[ "$(sim_stat d closes)" = 0 ] || { echo 'it did not wait'; return 1; }
	begin=$(now_ms)
	kill -s INT $PID
	ended $PID
	[ "$status" -eq 130 ] && [ $(($(now_ms) - begin)) -lt 2500 ] && left_in d running || { cat ../err; return 1; }
	rm fifo && mkfifo fifo
	background sleep 100 <>fifo
	background env --default-signal=INT vfio-migctl restore migsim-d fifo >../out 2>../err
	PID=$!
	sleep 0.5
	kill -s INT $PID
	ended $PID
	[ "$status" -eq 130 ] && left_in d running && stat_is d resets 0
}
@test "SIGINT while the other end of a pipe stands still, v1" { untraced stalled v1; }
@test "SIGINT while the other end of a pipe stands still, v2" { untraced stalled v2; }

# ---- without mercy

@test "a second SIGINT does not wait for a call that hangs" {
	make_sim d state_size=$SIZE
	untraced started "data-read hang at=$LATE" save migsim-d s
	kill -s INT "$PID"
	sleep 0.3
	stat_is d hanging 1
	kill -s INT "$PID"
	ended "$PID"
	[ "$status" -eq 130 ]
	wait_until 10 stat_is d open_now 0
	files_are
	migctl 0 save migsim-d s
}

# killed FAULT COMMAND...
killed() {
	echo "$*"
	started "$@" || return
	kill -s KILL "$PID"
	ended "$PID"
	[ "$status" -eq 137 ] && poll 10 stat_is d open_now 0 && sim_fault d clear
}

kills() {
	local fault
	describe_sim d "protocol=$1" state_size=$SIZE && describe_sim e "protocol=$1" state_size=$SIZE || return
	for fault in 'running->pre-copy hang' "data-read hang at=$EARLY" '*->stop-copy hang' "data-read hang at=$LATE" 'stop-copy->stop hang'; do
		killed "$fault" save migsim-d s && files_are && run_migctl 0 save migsim-d s && rm s || return
	done
	run_migctl 0 save migsim-e s || return
	for fault in '*->resuming hang' "data-write hang at=$LATE" 'resuming->stop hang'; do
		killed "$fault" restore migsim-d s && run_migctl 0 restore migsim-d s && same_state e d || return
	done
}
@test "SIGKILL in each phase, and a second run, v1" { untraced kills v1; }
@test "SIGKILL in each phase, and a second run, v2" { untraced kills v2; }

# A device that keeps its state over close is found where the dead left it, and a reset is the way out.
keeps() {
	describe_sim d "protocol=$1" state_size=$SIZE keep_state=1 || return
	killed "data-read hang at=$LATE" save migsim-d s && files_are || return
	run_migctl 6 save migsim-d s && says 'migsim-d is in stop-copy: saving begins in running' && err_has '`reset` should bring it to running' || return
	run_migctl 0 reset migsim-d && run_migctl 0 save migsim-d s || return
	killed "data-write hang at=$LATE" restore migsim-d s || return
	run_migctl 6 restore migsim-d s && says 'migsim-d is in resuming: restoring begins in running' && run_migctl 0 reset migsim-d &&
		run_migctl 0 restore migsim-d s && same_state d d
}
@test "SIGKILL with a device that keeps its state, v1" { untraced keeps v1; }
@test "SIGKILL with a device that keeps its state, v2" { untraced keeps v2; }
