# hold: a device stays open, and other commands work on it through that.
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000b0

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

# hold ARGUMENT...: in the background, until it says that it is ready; $HOLD is its pid
hold() {
	local line fifo=$BATS_TEST_TMPDIR/ready
	[ -p "$fifo" ] || mkfifo "$fifo"
	# Open on our side before: what is in a FIFO that nobody has open is lost.
	exec 8<>"$fifo"
	background vfio-migctl hold --ready-fd=9 "$@" 9>&8 8>&- >"$BATS_TEST_TMPDIR/hold.out" 2>"$BATS_TEST_TMPDIR/hold.err"
	HOLD=$!
	read -r -t 20 line <&8
	exec 8>&-
	[ "$line" = ready ]
}

# hold_ends STATUS: by itself or by what was sent; what it said is the last run's
hold_ends() {
	ended "$HOLD"
	local got=$status
	output=$(<"$BATS_TEST_TMPDIR/hold.out") stderr=$(<"$BATS_TEST_TMPDIR/hold.err")
	[ "$got" -eq "$1" ] || { show_run "the hold: exit $got, not $1"; return 1; }
}

# A migration's steps as commands of their own, v1, v2 and the kernel's sample device in one hold.
@test "a runbook: state lasts between commands" {
	local name
	make_sim one protocol=v1
	make_sim two
	mtty_make $UUID
	hold migsim-one migsim-two $UUID
	for name in migsim-one migsim-two $UUID; do
		migctl 0 set "$name" stop
		[ -z "$stderr" ] || { show_run 'nothing was closed'; return 1; }
		both 0 stop ".state == \"stop\" and .via.how == \"hold\" and .via.holder.pid == $HOLD and .via.holder.comm == \"vfio-migctl\"
			and .via.certain and .via.layout_checked == (if .protocol == \"v1\" then true else null end)" get "$name"
		migctl 0 show "$name" -v
		err_has "$name is reached through the hold of process $HOLD"
		migctl 0 set "$name" running -j
		json '.outcome == "accepted" and .via.how == "hold"'
	done
	own_dir
	migctl 0 save migsim-two state
	migctl 0 set migsim-two stop
	migctl 0 restore migsim-two state --leave-stopped
	same_state two two
	migctl 0 get migsim-two
	first_is stop
	migctl 0 reset migsim-two
	migctl 0 get migsim-two
	first_is running
	stat_is one opens 1
	stat_is two opens 1
	# --attach finds it, too, and needs no force.
	migctl 0 set migsim-one stop running --attach
	migctl 0 list -j
	json "[.devices[] | select(.name == \"migsim-one\" or .name == \"migsim-two\" or .name == \"$UUID\") | .holder.pid] == [$HOLD, $HOLD, $HOLD]"
	kill -s TERM "$HOLD"
	hold_ends 0
	stat_is one open_now 0
	stat_is two open_now 0
	migctl 0 get migsim-one
	stat_is one opens 2
}

@test "at the end: what is not running is reported, 8 or 9; --reset-at-end resets it" {
	make_sim a
	make_sim b
	hold migsim-a migsim-b
	migctl 0 set migsim-b stop
	# Two alike in one process, which the mark tells apart.
	migctl 0 get migsim-a --attach
	first_is running
	migctl 0 watch migsim-b --attach --until=stop --timeout=20
	kill -s INT "$HOLD" # which bash ignores for it
	migctl 0 get migsim-b
	kill -s HUP "$HOLD"
	hold_ends 8
	says 'migsim-b was in stop, not running, when the hold ended'
	hold migsim-a migsim-b -j
	migctl 0 set migsim-a stop
	echo error >"$SIMS/b/state"
	kill -s TERM "$HOLD"
	hold_ends 9
	json ".command == \"hold\" and .pid == $HOLD and .status == null and .error.kind == \"faulted\"
		and [.devices[] | .name, .state, .reset] == [\"migsim-a\", \"stop\", null, \"migsim-b\", \"error\", null]"
	hold migsim-a migsim-b -j --reset-at-end
	echo error >"$SIMS/b/state"
	kill -s TERM "$HOLD"
	hold_ends 0
	json '.error == null and [.devices[] | .state, .reset] == ["running", null, "running", "accepted"]'
	stat_is b resets 1
	stat_is a open_now 0
	# One whose state cannot be read needs it the more.
	hold migsim-b -j --reset-at-end
	sim_fault b 'get nak errno=EIO times=2'
	kill -s TERM "$HOLD"
	hold_ends 0
	json '.error == null and [.devices[] | .state, .reset] == ["running", "accepted"]'
	stat_is b resets 2
}

@test "COMMAND: its status, its arguments, its environment; no shell, no descriptor of ours" {
	make_sim d
	migctl 7 hold migsim-d -- sh -c 'vfio-migctl set migsim-d stop >/dev/null && vfio-migctl get migsim-d; exit 7'
	[ "$output" = stop ]
	err_has 'migsim-d was in stop, not running, when the hold ended'
	# shellcheck disable=SC2016 # words
	migctl 0 hold migsim-d -- printf '%s|' 'a b' '$HOME' '' --json
	# shellcheck disable=SC2016
	[ "$output" = 'a b|$HOME||--json|' ]
	# shellcheck disable=SC2016
	migctl 0 hold migsim-d -- bash -c 'readlink /proc/$$/fd/*; echo "${NOTIFY_SOCKET-none}"'
	[[ $output != *vfio* && $output = *none ]]
	migctl 127 hold migsim-d -- /no/such/program
	says 'cannot run /no/such/program: No such file'
	migctl 126 hold migsim-d -- /etc/passwd
	migctl 137 hold migsim-d -- sh -c 'kill -KILL $$'
	stat_is d open_now 0
	migctl 3 hold migsim-nothing -- true
	make_sim saving protocol=v1 initial_state=pre-copy
	migctl 6 hold migsim-saving -- true
	says 'migsim-saving was found saving'
	stat_is saving open_now 0
	migctl 2 hold migsim-d migsim-d
	says 'named twice'
	stat_is d open_now 0
}

@test "signals are passed on to COMMAND, and the hold ends with it" {
	make_sim d
	hold migsim-d -- bash -c 'trap "echo usr1" USR1; trap "echo term; exit 5" TERM; echo on; while :; do sleep 0.05; done'
	wait_until 10 grep -q on "$BATS_TEST_TMPDIR/hold.out"
	kill -s USR1 "$HOLD"
	wait_until 10 grep -q usr1 "$BATS_TEST_TMPDIR/hold.out"
	stat_is d open_now 1
	kill -s TERM "$HOLD"
	hold_ends 5
	out_has term
	stat_is d open_now 0
}

@test "two writers exclude each other, readers do not; a hold is for one" {
	local writer
	make_sim d
	hold migsim-d --reset-at-end
	sim_fault d 'running->running-p2p delay ms=3000'
	background vfio-migctl set migsim-d stop
	writer=$!
	wait_until 10 stat_is d hanging 1
	migctl 4 set migsim-d stop -j
	json ".error.kind == \"busy\" and (.error.message | contains(\"through the hold of process $HOLD\"))"
	migctl 4 hold migsim-d
	err_has "process $HOLD is a hold of it"
	# It ends meanwhile: not under the writer's hands, and not without the reset.
	kill -s TERM "$HOLD"
	ended "$writer"
	[ "$status" -eq 0 ]
	hold_ends 0
	err_has 'waiting for the command that writes to migsim-d'
	err_has 'migsim-d was in stop at the end: reset, and running'
	wait_until 5 stat_is d open_now 0
	# A writer that is killed leaves no lock.
	hold migsim-d
	sim_fault d 'running->running-p2p delay ms=1000'
	background vfio-migctl set migsim-d stop
	writer=$!
	wait_until 10 stat_is d hanging 1
	kill -s KILL "$writer"
	wait_until 10 stat_is d hanging 0
	wait_until 10 vfio-migctl set migsim-d running
	kill -s TERM "$HOLD"
	hold_ends 0
}

# What it has begun may still be done to the device.
@test "a writer that is stuck keeps the others out until the driver lets go; so is an opening told of" {
	make_sim d
	hold migsim-d
	sim_fault d 'running->running-p2p hang-d'
	migctl 10 set migsim-d stop --timeout 0.5
	migctl 4 set migsim-d stop --timeout 5 -j
	json ".error.kind == \"busy\" and (.error.message | contains(\"is writing to migsim-d through the hold of process $HOLD\"))"
	echo 1 >"$SIMS/d/release"
	wait_until 10 vfio-migctl set migsim-d running
	kill -s TERM "$HOLD"
	hold_ends 0
	wait_until 5 stat_is d open_now 0
	sim_fault d 'open hang-d'
	migctl 10 hold migsim-d --timeout 0.5 -j -- true
	json 'any(.error.stack[]; contains("migsim_fault_wait")) and .error.task_ended == false'
	echo 1 >"$SIMS/d/release"
	wait_until 5 stat_is d open_now 0
}

@test "--detach: the pid, and the shell is free again" {
	local pid
	make_sim d
	migctl 0 hold migsim-d --detach
	pid=$output
	BACKGROUND+=("$pid")
	[ "$(readlink "/proc/$pid/fd/1" "/proc/$pid/fd/2")" = $'/dev/null\n/dev/null' ]
	migctl 0 get migsim-d -j
	json ".via.holder.pid == $pid"
	kill -s TERM "$pid"
	wait_until 5 stat_is d open_now 0
	migctl 0 hold migsim-d --detach -j
	json '.command == "hold" and .pid > 1 and [.devices[].name] == ["migsim-d"]'
	pid=$(gojq .pid <<<"$output")
	BACKGROUND+=("$pid")
	migctl 4 hold migsim-d --detach
	says "migsim-d"
	kill -s TERM "$pid"
	wait_until 5 stat_is d open_now 0
	migctl 2 hold migsim-d --detach -- true
	migctl 3 hold migsim-nothing --detach
}

# One that waits for a driver, when somebody is killed.
@test "--detach: killed meanwhile, nobody has a hold that nobody knows of" {
	local parent child
	make_sim d
	sim_fault d 'open delay ms=2000'
	background vfio-migctl hold migsim-d --detach >"$BATS_TEST_TMPDIR/out"
	parent=$!
	wait_until 10 stat_is d hanging 1
	kill -s KILL "$parent"
	wait_until 10 stat_is d closes 1
	stat_is d open_now 0
	sim_fault d 'open hang'
	background vfio-migctl hold migsim-d --detach -j >"$BATS_TEST_TMPDIR/out"
	parent=$!
	wait_until 10 stat_is d hanging 1
	child=$(pgrep -P "$parent")
	kill -s KILL "$child"
	ended "$parent"
	[ "$status" -eq 1 ]
	output=$(<"$BATS_TEST_TMPDIR/out")
	json '.error.message | contains("was ended by signal 9 (Killed)")'
}

# notified SOCKET: what came, one message a line
notified() {
	python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\0", 1))
print("bound", flush=True)
while True:
    text = s.recv(4096).decode()
    print(text.replace("\n", ","), flush=True)
    if "STOPPING" in text: break' "$1"
}

@test "sd_notify: a path and an abstract name" {
	local socket
	make_sim d
	# shellcheck disable=SC2016 # the inner shell
	for socket in "$BATS_TEST_TMPDIR/notify" "@migctl-test-$$"; do
		background notified "$socket" >"$BATS_TEST_TMPDIR/said"
		wait_until 20 grep -q bound "$BATS_TEST_TMPDIR/said"
		NOTIFY_SOCKET=$socket migctl 0 hold migsim-d -- sh -c 'grep -q READY=1 "$1" || sleep 0.2; grep READY=1 "$1"' - "$BATS_TEST_TMPDIR/said"
		out_has "READY=1,MAINPID="
		wait_until 5 grep -q STOPPING=1 "$BATS_TEST_TMPDIR/said"
	done
	NOTIFY_SOCKET=relative migctl 0 hold migsim-d -- true
	err_has 'NOTIFY_SOCKET is neither'
	NOTIFY_SOCKET=/nowhere/at/all migctl 0 hold migsim-d -- true
	err_has '/nowhere/at/all: No such file'
}

@test "killed: nothing is left of the hold" {
	make_sim d
	hold migsim-d
	kill -s KILL "$HOLD"
	hold_ends 137
	wait_until 5 stat_is d open_now 0
	migctl 0 get migsim-d -j
	json '.via == null'
}
