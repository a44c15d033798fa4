# watch: changes are told as they happen, and without --attach nothing is touched.
load helpers
load holder

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000b0

# watching ARGUMENT...: in the background, as JSON; its lines go to $LINES_FILE
watching() {
	LINES_FILE=$BATS_TEST_TMPDIR/lines
	background vfio-migctl watch -j "$@" >"$LINES_FILE" 2>"$BATS_TEST_TMPDIR/watch.err"
	WATCH=$!
}

# seen FILTER: a line of it is so, by and by. Sooner than by looking: holders are looked for every 10 s.
seen() {
	wait_until 8 found "$1" || { printf 'no line is so: %s\n' "$1"; cat "$LINES_FILE" "$BATS_TEST_TMPDIR/watch.err"; return 1; }
}
found() { gojq -es "any(.[]; $1)" "$LINES_FILE"; }

# What is $1 of a line of the device $2 that went from $3 to $4, as JSON
went() { seen ".what == \"$1\" and .device.name == \"$2\" and .before == $3 and .after == $4"; }

stop_watching() {
	kill -TERM "$WATCH"
	ended "$WATCH"
	[ "$status" -eq 143 ] || { echo "watch ended with $status"; cat "$BATS_TEST_TMPDIR/watch.err"; return 1; }
}

# silent_holder DEVICE...: one that is told nothing, until teardown
silent_holder() {
	[ -p "$BATS_TEST_TMPDIR/wait" ] || mkfifo "$BATS_TEST_TMPDIR/wait"
	# Its own redirection: what a function's caller redirects, bash takes from a job in the background.
	"$TOOLS/holder" "$@" <>"$BATS_TEST_TMPDIR/wait" >/dev/null 3>&- &
	BACKGROUND+=($!)
}

# processor_ms COMMAND...: user's and system's time, its children's too
processor_ms() {
	local -
	set +T
	local TIMEFORMAT='%3U %3S' times
	times=$({ time "$@" >/dev/null; } 2>&1) || return
	read -r user system <<<"$times"
	echo $((10#${user/./} + 10#${system/./}))
}

@test "a holder's changes of state, v1 and v2, with before and after; the devices are let go with him" {
	local by=holder key pid
	[ "$MIGCTL_LAB_KERNEL" = distro ] || by=debugfs
	make_sim one protocol=v1
	mtty_make $UUID
	holder "v1:migsim-one:$(group_node one)" "v2:$UUID:$(mtty_group)"
	watching --attach --interval 0.05 migsim-one $UUID
	seen '.what == "device" and .device.name == "migsim-one" and .before == null and .after.driver == "migsim" and .after.state == "running"
		and .after.state_by == "holder" and .after.holder == {pid: '"$HOLDER"', comm: "holder"}'
	seen ".what == \"device\" and .device.name == \"$UUID\" and .after.state == \"running\" and .after.state_by == \"$by\""
	tell set 0 0
	tell set 1 1
	went state migsim-one '"running"' '"stop"'
	went state $UUID '"running"' '"stop"'
	migctl 0 watch --attach --until stop --timeout 20 migsim-one $UUID
	out_has "state stop (by holder)"
	background sh -c "sleep 0.5; echo 6 >$SIMS/one/state"
	migctl 0 watch --attach --until error --timeout 20 migsim-one
	out_has "state  stop -> error"
	went state migsim-one '"stop"' '"error"'
	migctl 10 watch --attach --until stop --timeout 0.3 $UUID migsim-one
	err_has "timeout: migsim-one did not come to stop within 0.3 s: it is in error"
	# Closed by one who lives on, with a watch going on: the driver sees the last close at once.
	tell close 0
	wait_until 2 stat_is one open_now 0
	seen '.what == "state" and .device.name == "migsim-one" and .before == "error" and .after == null and (.reason | length > 10)'
	pid=$HOLDER
	let_go
	went holder $UUID "{pid: $pid, comm: \"holder\"}" null
	migctl 0 get $UUID
	migctl 0 get migsim-one
	stat_is one opens 2
	for key in resets bytes_out bytes_in; do stat_is one $key 0; done
	stop_watching
}

@test "without --attach no process is looked through: the state is what debugfs shows, or unknown with the reason" {
	local traced=$BATS_TEST_TMPDIR/traced
	make_sim one protocol=v1
	holder "v1:migsim-one:$(group_node one)"
	migctl 10 watch --until running --timeout 0.5 migsim-one
	out_has "state unknown (debugfs does not show it; with --attach its holder is looked through)"
	err_has "timeout: migsim-one did not come to running within 0.5 s: its state is not known (debugfs does not show it"
	vfio-migctl watch --trace --timeout 0.5 migsim-one >"$traced" 2>&1
	run grep -E 'getfd|ioctl' "$traced"
	[ "$status" -eq 1 ]
	vfio-migctl watch --trace --attach --timeout 0.5 migsim-one >"$traced" 2>&1
	grep -q getfd "$traced"
	migctl 0 watch --attach --until running --timeout 20 migsim-one
	let_go
}

@test "another device under the number that the holder's descriptor had is never taken for the one that is watched" {
	local keep waiting
	# By v1, which debugfs does not show.
	make_sim a protocol=v1
	make_sim b protocol=v1
	# It closes a, with its group or without, and opens b, which is not watched, and moves that.
	for keep in 0 1; do
		holder "v1:migsim-a:$(group_node a)" "+v1:migsim-b:$(group_node b)"
		watching --attach --interval 0.05 migsim-a
		seen '.what == "device" and .after.state == "running"'
		# Before 6.18 it may have let go of the group of b, and kept that.
		[ $keep = 1 ] || [ "$MIGCTL_LAB_KERNEL" = debug ] || seen '.after.state == "running" and (.reason | contains("may be migsim-b instead"))'
		background vfio-migctl watch --attach --interval 0.05 --until stop --timeout 3 migsim-a >"$BATS_TEST_TMPDIR/waiting" 2>&1
		waiting=$!
		wait_until 5 grep -q 'state running' "$BATS_TEST_TMPDIR/waiting"
		tell reuse 0 $keep
		tell set 0 0
		stat_is a open_now 0
		went state migsim-a '"running"' null
		ended "$waiting"
		[ "$status" -eq 10 ]
		run gojq -es 'any(.[]; .what == "state" and .after == "stop")' "$LINES_FILE"
		[ "$status" -eq 1 ]
		let_go
		stop_watching
	done
}

@test "drivers and devices that come and go, announced: no looking; and nobody else is believed" {
	watching --interval 60
	sleep 0.5
	make_sim d
	seen '.what == "device" and .device.name == "migsim-d" and .after.driver == "migsim" and .before == null'
	echo migsim-d >/sys/bus/platform/drivers/migsim/unbind
	went driver migsim-d '"migsim"' null
	# A message to the group from a process, and one that the kernel passes on for it.
	perl -MSocket -e 'socket(S, 16, 3, 15) || die; $text = "bind\@/devices/platform/migsim-d\0SUBSYSTEM=platform\0DRIVER=forged\0";
		send(S, $text, 0, pack("SSLL", 16, 0, 0, 1)) || die $!;
		send(S, pack("LSSLL", 16 + length $text, 16, 1, 1, 0) . $text, 0, pack("SSLL", 16, 0, 0, 0)) || die $!'
	echo migsim-d >/sys/bus/platform/drivers/migsim/bind
	went driver migsim-d null '"migsim"'
	holder "v2:migsim-d:$(group_node d)"
	went holder migsim-d null "{pid: $HOLDER, comm: \"holder\"}"
	let_go
	seen '.what == "holder" and .device.name == "migsim-d" and .after == null'
	rmdir $SIMS/d
	seen '.what == "device" and .device.name == "migsim-d" and .after == null'
	run grep forged "$LINES_FILE"
	[ "$status" -eq 1 ]
	gojq -es 'all(.[]; .schema == 1 and .command == "watch" and (.time | test("^2[0-9]{3}-.*T.*Z$")))' "$LINES_FILE"
	stop_watching
}

@test "a driver that does not answer: that state is unknown until it does, the others are watched on" {
	make_sim slow protocol=v1
	make_sim quick protocol=v1
	holder "v1:migsim-slow:$(group_node slow)"
	silent_holder "v1:migsim-quick:$(group_node quick)"
	wait_until 5 stat_is quick open_now 1
	watching --attach --interval 0.05 migsim-slow migsim-quick
	seen '.device.name == "migsim-slow" and .after.state == "running"'
	sim_fault slow 'get hang-d ms=60000'
	went state migsim-slow '"running"' null
	seen '.reason == "the driver does not answer"'
	echo 0 >"$SIMS/quick/state"
	went state migsim-quick '"running"' '"stop"'
	echo 1 >"$SIMS/slow/release"
	went state migsim-slow null '"running"'
	stop_watching
	let_go
	wait_until 5 stat_is slow open_now 0
}

# That it is less than 0.5 % of a processor is measured where no processor is emulated: tests/bench/look.c. Here the yardstick
# is 200,000 system calls of the same guest, which a processor of its own makes in 0.05 s, 0.5 % of the 10 s: debugfs must do
# with them. Through a holder each call is handed to another task and back, which costs an emulated processor the more, so
# the bound is four times that: what it finds is a look that has become several times dearer.
@test "16 devices for 10 s cost no more than 200,000 system calls, and four times that through their holders" {
	local i names=() all bound
	for i in {1..16}; do
		make_sim "m$i"
		names+=("migsim-m$i")
		silent_holder "v2:migsim-m$i:$(group_node "m$i")"
	done
	for i in {1..16}; do wait_until 5 stat_is "m$i" open_now 1; done
	migctl 0 watch --attach --timeout 2 "${names[@]}"
	[ "$(grep -cE '(-> |state )running' <<<"$output")" -eq 16 ]
	all=$(processor_ms vfio-migctl watch --attach --timeout 10 "${names[@]}")
	bound=$(processor_ms dd if=/dev/zero of=/dev/null bs=1 count=100000 status=none)
	echo "# $MIGCTL_LAB_KERNEL: $all ms of a processor in 10 s, with the start; 200,000 system calls: $bound ms" >&3
	[ "$MIGCTL_LAB_KERNEL" = debug ] || bound=$((bound * 4))
	[ "$all" -lt "$bound" ]
}

@test "migratable and health: what devlink announces at once, and that without being asked" {
	devlink_setup vf0
	watching "$VF0"
	seen ".what == \"device\" and .device.name == \"$VF0\" and .after.migratable == \"off\" and (.after.health | length) > 0"
	migctl 0 set-migratable "$VF0" on --force
	went migratable "$VF0" '"off"' '"on"'
	echo "fw burnt" >"$DEVLINK/fail"
	seen '.what == "health" and any(.before[]; .reporter == "fw" and .state == "healthy") and any(.after[]; .reporter == "fw" and .state == "error" and .errors == 1)'
	stop_watching
}
