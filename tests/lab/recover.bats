# _ERROR and the way out of it: fallout, --reset-on-error, reset.
load helpers

# fault PROTOCOL [ATTRIBUTE=VALUE]...: a device whose first arc ends in _ERROR
faulty() {
	make_sim d "protocol=$1" "${@:2}"
	TO=stop
	[ "$1" = v1 ] || TO=running-p2p
	sim_fault d "running->$TO error errno=ENOTCONN times=0"
}

fallout() {
	faulty "$1"
	migctl 9 set migsim-d "$TO"
	out_has $'Fallout:\n  state         error\n  driver said   ENOTCONN\n'
	out_has '  reset         offered'
	err_has 'hint: recover with: vfio-migctl reset migsim-d'
	migctl 9 set migsim-d "$TO" -j
	json '.fallout | .state == "error" and .errno == "ENOTCONN" and .pci == null
		and (.kernel_log | length == 1 and (.[0] | contains("migsim-d: device_state is _ERROR"))) and .recovery == {"offered": true, "attempted": false, "outcome": null, "state": null}'
	json '.fallout | .health == null and .uevents == [] and .interrupts == {"error": null, "request": null} and .dma_logging_lost == false'
	migctl 9 set migsim-d "$TO" --reset-on-error
	out_has 'recovery      reset accepted, state running'
	migctl 9 set migsim-d "$TO" --reset-on-error -j
	json '.outcome == "faulted" and .state == "running" and .steps[0].after == "error" and .fallout.state == "error"
		and .fallout.recovery == {"offered": true, "attempted": true, "outcome": "accepted", "state": "running"}'
	stat_is d resets 2
	sim_fault d 'reset nak errno=EIO'
	migctl 9 set migsim-d "$TO" --reset-on-error -j
	json '.state == "error" and (.fallout.recovery | .attempted and .outcome == "faulted" and .state == "error")'
}
@test "fallout, and recovery by --reset-on-error, v1" { fallout v1; }
@test "fallout, and recovery by --reset-on-error, v2" { fallout v2; }

@test "fallout has what was announced of the device meanwhile, and of no other" {
	make_sim d
	make_sim other
	sim_fault d 'running->running-p2p delay ms=1000' 'running-p2p->stop error errno=EIO'
	background sh -c 'sleep 0.4; cd /sys/bus/platform/devices; echo change >migsim-other/uevent; echo change >migsim-d/uevent'
	migctl 9 set migsim-d stop -j
	json '.fallout.uevents == [{"action": "change", "driver": "migsim", "recovery": null}]'
	sim_fault d 'running->running-p2p delay ms=1000' 'running-p2p->stop error errno=EIO'
	migctl 0 reset migsim-d
	background sh -c 'sleep 0.4; echo change >/sys/bus/platform/devices/migsim-d/uevent'
	migctl 9 set migsim-d stop
	out_has '  announced     change (driver migsim)'
}

@test "the interrupts of vfio-pci are armed by what writes, and by nothing else" {
	devlink_setup vf0
	port_set vf0 migratable=on
	modprobe migvf_vfio_pci
	bind_driver "$VF0" migvf_vfio_pci
	migctl 0 set "$VF0" stop running --trace
	# Both, and both disarmed.
	[ "$(grep -c 'VFIO_DEVICE_SET_IRQS.* = 0' <<<"$stderr")" -eq 4 ]
	migctl 0 set "$VF0" stop running --dry-run --trace
	err_lacks IRQ
	migctl 0 get "$VF0" --trace
	err_lacks IRQ
}

@test "fallout has the kernel's lines about the device or its driver since the operation began and no others" {
	make_sim d
	echo 'migsim migsim-d: before it began' >/dev/kmsg
	sim_fault d 'running->running-p2p delay ms=2000' 'running-p2p->stop error'
	background vfio-migctl set migsim-d stop -j >"$BATS_TEST_TMPDIR/out"
	wait_until 5 stat_is d hanging 1
	echo 'migsim migsim-d: firmware assert 17' >/dev/kmsg
	echo 'e1000e 0000:00:11.0: not this one' >/dev/kmsg
	ended "$!"
	[ "$status" -eq 9 ]
	output=$(<"$BATS_TEST_TMPDIR/out")
	json '.fallout.kernel_log | any(contains("firmware assert 17")) and all(contains("migsim-d") and (contains("before") | not))'
}

@test "a device that offers no reset says so, and how to get out all the same" {
	faulty v1 reset=0
	migctl 9 set migsim-d stop
	out_has 'reset         not offered'
	err_has 'unbind it from its VFIO driver'
	migctl 9 set migsim-d stop --reset-on-error -j
	json '.fallout.recovery | .offered == false and .attempted == false'
	both 1 '' '.error.kind == "failed" and .error.errno == "EOPNOTSUPP" and .outcome == null' reset migsim-d
	stat_is d resets 0
}

# A driver may give up by itself, between two calls or during one.
@test "a device that falls into _ERROR by itself is told" {
	make_sim d keep_state=1
	migctl 0 get migsim-d
	echo error >"$SIMS/d/state"
	migctl 9 get migsim-d
	migctl 0 reset migsim-d
	sim_fault d 'running->running-p2p delay ms=2000'
	background vfio-migctl set migsim-d stop -j >"$BATS_TEST_TMPDIR/out"
	wait_until 5 stat_is d hanging 1
	echo error >"$SIMS/d/state"
	ended "$!"
	[ "$status" -eq 9 ]
	output=$(<"$BATS_TEST_TMPDIR/out")
	json '.outcome == "faulted" and .steps[0].errno == "EIO" and .state == "error" and (.steps | length) == 1'
}

# The kernel warns when it is asked to SET from ERROR, so that is never asked.
set_in_error() {
	make_sim d "protocol=$1" keep_state=1 initial_state=error
	both 6 "refused: migsim-d is still error $2" '.error.kind == "refused" and (.error.hint | contains("reset"))' set migsim-d stop
	migctl 6 set migsim-d error --direct
	migctl 0 set migsim-d stop --reset-on-error --dry-run
	err_has 'migsim-d is in _ERROR: it would be reset first'
	stat_is d sets 0
	stat_is d resets 0
	migctl 0 set migsim-d stop --reset-on-error
	first_is "accepted: migsim-d is now stop $2"
	err_has 'migsim-d was in _ERROR; reset brought it to running'
	stat_is d resets 1
	# The reset is told in JSON as well, where no note is.
	echo error >"$SIMS/d/state"
	migctl 0 set migsim-d stop --reset-on-error -j
	json '.outcome == "accepted" and .fallout.state == "error"
		and .fallout.recovery == {"offered": true, "attempted": true, "outcome": "accepted", "state": "running"}'
}
@test "set on a device in _ERROR is refused, or goes on after a reset, v1" { set_in_error v1 '(v1, table reviewed)'; }
@test "set on a device in _ERROR is refused, or goes on after a reset, v2" { set_in_error v2 '(v2)'; }

@test "out of _ERROR nothing is written, not even by --force" {
	local protocol
	for protocol in v1 v2; do
		make_sim $protocol "protocol=$protocol" initial_state=error
		migctl 6 set "migsim-$protocol" stop --force -j
		json '.outcome == "refused" and .state == "error"'
		stat_is $protocol sets 0
	done
}

# reset LINE-REGEX: the first line, whose time varies
reset_line() { [[ ${output%%$'\n'*} =~ ^$1\ after\ VFIO_DEVICE_RESET\ \([0-9]+\ us\)$ ]] || { show_run "not: $1"; return 1; }; }

reset_outcomes() {
	local error=$2
	make_sim d "protocol=$1" keep_state=1 initial_state=error
	sim_fault d 'reset nak errno=EIO' 'reset nak errno=EIO'
	migctl 9 reset migsim-d
	reset_line 'faulted: migsim-d is error'
	migctl 9 reset migsim-d -j
	json ".outcome == \"faulted\" and .error.errno == \"EIO\" and .state == \"error\" and .raw == $error"
	migctl 0 reset migsim-d
	reset_line 'accepted: migsim-d is running'
	migctl 0 get migsim-d
	first_is running

	sim_fault d 'reset nak errno=EIO' 'reset nak errno=EIO'
	migctl 7 reset migsim-d
	reset_line 'nak: migsim-d is running'
	migctl 7 reset migsim-d -j
	json '.outcome == "nak" and .error.kind == "nak" and .error.errno == "EIO" and .state == "running"'

	sim_fault d 'reset lie=stop' 'reset lie=stop'
	migctl 8 reset migsim-d
	reset_line 'astray: migsim-d is stop'
	migctl 8 reset migsim-d -j
	json '.outcome == "astray" and .error.kind == "astray" and .error.errno == null and .state == "stop"'
	sim_fault d clear
	migctl 0 reset migsim-d -j
	json '.outcome == "accepted" and .usec >= 0 and .state == "running"'
}
@test "reset: accepted, nak, astray and faulted, v1" { reset_outcomes v1 6; }
@test "reset: accepted, nak, astray and faulted, v2" { reset_outcomes v2 0; }
