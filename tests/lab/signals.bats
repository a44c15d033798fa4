# Signals during a set: the running call is finished, the rest is not written, the device is closed, the process dies of the signal.
load helpers

# interrupted SIGNAL [SIGNAL TO IGNORE]: of a set whose first arc takes its time. bash starts children in the background with
# SIGINT ignored, which the program would respect.
interrupted() {
	local signal=$1 how=(--default-signal="$1")
	[ $# -eq 1 ] || how=(--ignore-signal="$2")
	make_sim d
	sim_fault d 'running->running-p2p delay ms=1500'
	background env "${how[@]}" vfio-migctl set migsim-d running-p2p stop >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
	wait_until 10 stat_is d hanging 1
	kill -s "$signal" "$!"
	ended "$!"
	# shellcheck disable=SC2034 # both are the helpers'
	output=$(<"$BATS_TEST_TMPDIR/out") stderr=$(<"$BATS_TEST_TMPDIR/err")
}

stopped() {
	interrupted "$1"
	[ "$status" -eq "$2" ]
	first_is 'accepted: migsim-d is now running-p2p (v2)'
	out_has 'running      -> running-p2p   accepted'
	err_has 'interrupted before running-p2p -> stop of migsim-d'
	err_has 'migsim-d was in running-p2p when it was closed'
	[ "$(sim_arcs d)" = 'running running-p2p' ]
	stat_is d sets 1
	stat_is d open_now 0
	migctl 0 get migsim-d
}
@test "SIGINT" { stopped INT 130; }
@test "SIGTERM" { stopped TERM 143; }
@test "SIGHUP" { stopped HUP 129; }

@test "an ignored SIGHUP stays ignored, as nohup wants" {
	interrupted HUP HUP
	[ "$status" -eq 0 ]
	first_is 'accepted: migsim-d is now stop (v2)'
	stat_is d sets 2
}

@test "a second SIGINT does not wait for a call that hangs" {
	local pid
	make_sim d
	sim_fault d 'running->running-p2p hang'
	background env --default-signal=INT vfio-migctl set migsim-d running-p2p 2>"$BATS_TEST_TMPDIR/err"
	pid=$!
	wait_until 10 stat_is d hanging 1
	kill -s INT "$pid"
	wait_until 5 grep -q 'waiting for the driver.* a second signal ends at once' "$BATS_TEST_TMPDIR/err"
	stat_is d hanging 1
	kill -s INT "$pid"
	ended "$pid"
	[ "$status" -eq 130 ]
	wait_until 5 stat_is d open_now 0
	migctl 0 get migsim-d
}

@test "SIGKILL during a call: the device is closed soon after" {
	make_sim d
	sim_fault d 'running->running-p2p hang'
	background vfio-migctl set migsim-d running-p2p
	wait_until 10 stat_is d hanging 1
	kill -s KILL "$!"
	ended "$!"
	[ "$status" -eq 137 ]
	wait_until 5 stat_is d open_now 0
	migctl 0 get migsim-d
}
