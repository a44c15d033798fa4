# How a set is written: --table, --force, --direct, --dry-run, several states.
load helpers

@test "the table is asked, not the driver: posted, reviewed, open" {
	make_sim d protocol=v1
	migctl 6 set migsim-d resuming --table posted -j
	json '.table == "posted" and .error.kind == "refused"'
	stat_is d sets 0
	migctl 0 set migsim-d resuming -j
	json '.table == "reviewed" and .steps[0].outcome == "accepted"'
	migctl 6 set migsim-d stop pre-copy
	first_is 'refused: migsim-d is still running (v1, table reviewed)'
	migctl 0 set migsim-d stop pre-copy --table open
	first_is 'accepted: migsim-d is now pre-copy (v1, table open)'
	stat_is d sets 3
}

# The driver of the first one has the table as posted, the second accepts any pair.
@test "--force writes what the table forbids, and the driver answers" {
	make_sim p protocol=v1 v1_table=posted
	make_sim o protocol=v1 v1_table=open
	migctl 6 set migsim-p stop pre-copy
	stat_is p sets 0
	migctl 7 set migsim-p stop pre-copy --force
	out_has '(forced)'
	migctl 7 set migsim-p stop pre-copy --force -j
	json '.outcome == "nak" and .state == "stop" and .steps[1].errno == "EINVAL" and .steps[0].outcome == "accepted"'
	stat_is p sets 4
	migctl 0 set migsim-o stop pre-copy --force -j
	json '.outcome == "accepted" and .state == "pre-copy"'
	[ "$(sim_arcs o)" = $'running stop\nstop pre-copy' ]
}

# A state that the device lacks is no hazard: the kernel answers EINVAL.
@test "--force never writes what locks the kernel up" {
	make_sim d
	make_sim n caps=stop-copy
	migctl 6 set migsim-d stop-copy pre-copy --force
	migctl 6 set migsim-d stop-copy pre-copy-p2p --force --direct
	migctl 6 set migsim-d stop-copy running pre-copy stop-copy pre-copy --force
	stat_is d sets 0
	migctl 6 set migsim-n pre-copy
	err_has 'pre-copy'
	stat_is n sets 0
	migctl 7 set migsim-n pre-copy --force -j
	json '.outcome == "nak" and .steps[0].errno == "EINVAL" and .state == "running"'
}

@test "--direct is one SET and the kernel composes; without it each arc is one" {
	make_sim d
	migctl 0 set migsim-d stop-copy --direct -j
	json '.steps == [.steps[0]] and .steps[0].to == "stop-copy"'
	stat_is d sets 1
	[ "$(sim_arcs d)" = $'running running-p2p\nrunning-p2p stop\nstop stop-copy' ]
	echo >"$SIMS/d/trace"
	migctl 0 set migsim-d stop-copy -j
	json '[.steps[] | .to] == ["running-p2p", "stop", "stop-copy"] and all(.steps[]; .outcome == "accepted")'
	stat_is d sets 4
	[ "$(sim_arcs d)" = $'running running-p2p\nrunning-p2p stop\nstop stop-copy' ]
}

# A composed SET that fails half way leaves the device there.
@test "--direct that fails on a later arc ends between" {
	make_sim d
	sim_fault d 'stop->stop-copy nak errno=ENOMEM'
	migctl 8 set migsim-d stop-copy --direct -j
	json '.outcome == "astray" and .state == "stop" and .steps[0].errno == "ENOMEM" and .steps[0].after == "stop"'
}

dry_run() {
	make_sim d "protocol=$1"
	# shellcheck disable=SC2086 # words
	migctl 0 set migsim-d $2 --dry-run -j
	json ".outcome == \"planned\" and .state == \"running\" and [.steps[] | .to] == $3 and all(.steps[]; .outcome == \"planned\")"
	stat_is d sets 0
	[ -z "$(sim_arcs d)" ]
}
@test "--dry-run says what would be written, v1" { dry_run v1 'pre-copy stop-copy stop' '["pre-copy", "stop-copy", "stop"]'; }
@test "--dry-run says what would be written, v2" {
	dry_run v2 'pre-copy stop' '["pre-copy", "running", "running-p2p", "stop"]'
}

several() {
	make_sim d "protocol=$1"
	migctl 0 set migsim-d pre-copy stop-copy stop stop running -j
	json ".state == \"running\" and .outcome == \"accepted\" and [.steps[] | select(.outcome == \"noop\") | .to] == [\"stop\"]"
	stat_is d opens 1
	stat_is d closes 1
	stat_is d sets "$2"
	migctl 0 set migsim-d PRE_COPY Stop-Copy -q
	[ -z "$stderr" ]
}
@test "several states are one open, v1" { several v1 4; }
@test "several states are one open, v2" { several v2 6; }

@test "--trace decodes every call on the device, on stderr" {
	make_sim d
	migctl 0 set migsim-d running-p2p --trace
	err_has 'VFIO_DEVICE_FEATURE, {SET MIG_DEVICE_STATE device_state=5 (running-p2p)'
	err_has 'trace: close('
	first_is 'accepted: migsim-d is now running-p2p (v2)'
}
