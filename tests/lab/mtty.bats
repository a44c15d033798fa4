# The kernel's sample mtty: a v2 device that nobody here wrote.
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ad

setup() { lab_setup && mtty_make $UUID; }

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

@test "show and get" {
	both 0 "$UUID: running (v2)" '.protocol == "v2" and .state == "running" and .capabilities == ["stop-copy", "p2p", "pre-copy"]
		and .next == ["running-p2p", "pre-copy"] and .dma_logging == true and .reset_supported == false
		and .device.bus == "mdev" and .device.driver == "mtty" and .data_size > 0' show $UUID
	both 0 running '.state == "running" and .raw == 2 and .error == null' get $UUID
}

@test "the save-side walk" {
	migctl 0 set $UUID pre-copy stop-copy stop running -j
	json '.outcome == "accepted" and .state == "running" and all(.steps[]; .outcome == "accepted" and .usec != null)
		and [.steps[] | .to] == ["pre-copy", "pre-copy-p2p", "stop-copy", "stop", "running-p2p", "running"]'
	migctl 0 set $UUID pre-copy stop-copy stop running --direct -j
	json '.state == "running" and (.steps | length) == 4'
}

# Not announced, so not tried: only the state that is there can be used.
@test "it keeps its state over close; it announces no reset" {
	migctl 0 set $UUID stop
	err_has "$UUID was in stop when it was closed"
	migctl 0 get $UUID
	first_is stop
	migctl 0 show $UUID
	err_has 'the first state after opening is stop, not running'
	both 1 '' '.error.errno == "EOPNOTSUPP" and .outcome == null' reset $UUID
	migctl 0 set $UUID running
	migctl 0 get $UUID
	first_is running
}

# Once only: the state stays over close and the data file does not, and mtty_load_state() of 6.12 looks at it unasked. A second
# SET out of RESUMING, from a second open, is a NULL dereference in the kernel that leaves the device's mutex locked for ever.
@test "its own nak: RESUMING is left with data only" {
	migctl 7 set $UUID resuming running -j
	json '.outcome == "nak" and .state == "resuming" and .steps[-1].errno == "EINVAL"
		and .steps[-1].from == "resuming" and .steps[-1].to == "stop"'
}

@test "refused: out of a RESUMING that another process left, even by force" {
	migctl 0 set $UUID resuming
	for option in '' --direct --force; do
		# shellcheck disable=SC2086 # perhaps no word at all
		both 6 "refused: $UUID is still resuming (v2)" '.error.kind == "refused" and (.error.message | contains("is gone"))' \
			set $UUID stop $option
	done
	migctl 0 set $UUID resuming
	first_is "noop: $UUID is still resuming (v2)"
}

@test "refused: what would lock the kernel up" {
	both 6 "refused: $UUID is still running (v2)" '.error.kind == "refused"' set $UUID stop-copy pre-copy --force
}
