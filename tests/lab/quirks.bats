# What posted v1 drivers really did, and what a broken one could do.
load helpers

# failed STATUS OUTCOME STATE BYTES: of a write of stop that was not taken whole. There is no errno then, and none is made up.
failed() {
	migctl "$1" set migsim-d stop -j
	json ".outcome == \"$2\" and .state == \"$3\" and .error.errno == null and .steps[0].errno == null
		and (.error.message | contains(\"$4 of 4 bytes\"))"
}

@test "a write that takes nothing, or half of it, is a failure" {
	make_sim d protocol=v1
	sim_fault d 'running->stop zero'
	failed 7 nak running 0
	sim_fault d 'running->stop short'
	failed 7 nak running 2
	sim_fault d 'running->stop zero-move'
	failed 9 faulted error 0
}

@test "hisi: a failed transition writes 0, and is a nak" {
	make_sim d protocol=v1 profile=hisi
	sim_fault d 'running->stop nak errno=EBUSY'
	failed 7 nak running 0
	migctl 0 set migsim-d stop
}

@test "a read of device_state that gives too little is a failure" {
	local what
	make_sim d protocol=v1
	for what in short zero; do
		sim_fault d "read-state $what times=0"
		migctl 1 get migsim-d -j
		json '.error.kind == "failed" and .state == null and .raw == null'
		sim_fault d clear
	done
	migctl 0 get migsim-d
}

# After the write the state cannot be told: no more is claimed.
@test "a state that cannot be read after the write is astray" {
	make_sim d protocol=v1
	sim_fault d 'running->stop delay ms=1000'
	background vfio-migctl set migsim-d stop running -j >"$BATS_TEST_TMPDIR/out"
	wait_until 5 stat_is d hanging 1
	sim_fault d 'get nak errno=EIO'
	ended "$!"
	output=$(<"$BATS_TEST_TMPDIR/out")
	[ "$status" -eq 8 ]
	json '.outcome == "astray" and .state == null and (.steps | length) == 1 and .steps[0].after == null'
}

@test "reserved bits are kept" {
	make_sim d protocol=v1 reserved_bits=0xfffffff8
	migctl 0 get migsim-d -j
	json '.state == "running" and .raw == 4294967289'
	migctl 0 set migsim-d stop running pre-copy stop-copy stop -j
	json '.outcome == "accepted" and .state == "stop" and .raw == 4294967288'
	stat_is d reserved_violations 0
	stat_is d sets 5
}

@test "an invalid state is shown as it is, and no way leads on from it" {
	make_sim d protocol=v1 initial_state=0x5
	both 0 'invalid(0x5)' '.state == "invalid(0x5)" and .raw == 5' get migsim-d
	migctl 0 show migsim-d
	first_is 'migsim-d: invalid(0x5) (v1)'
	migctl 6 set migsim-d stop
	stat_is d sets 0
	make_sim e protocol=v1
	sim_fault e 'running->stop lie=0x7'
	migctl 8 set migsim-e stop -j
	json '.outcome == "astray" and .state == "invalid(0x7)" and .steps[0].after == "invalid(0x7)"'
}

@test "i40e: a first state that is not running is told" {
	make_sim d protocol=v1 profile=i40e
	migctl 0 get migsim-d
	first_is stop
	migctl 0 show migsim-d
	err_has 'the first state after opening is stop, not running'
	migctl 0 set migsim-d running
	err_has 'the first state after opening is stop, not running'
	first_is 'accepted: migsim-d is now running (v1, table reviewed)'
}

@test "mlx5: the states are walked" {
	make_sim d protocol=v1 profile=mlx5
	migctl 0 set migsim-d pre-copy stop-copy stop resuming running
	first_is 'accepted: migsim-d is now running (v1, table reviewed)'
}

@test "openEuler's layout is recognised and named" {
	make_sim d protocol=v1 profile=openeuler
	both 5 '' '.error.kind == "no-migration" and (.error.message | contains("openEuler"))' get migsim-d
	json '.error.message | contains("vfio_pci_migration")'
	migctl 5 set migsim-d stop
	stat_is d sets 0
}

@test "the region is found wherever it is, and with its mmap areas" {
	make_sim a protocol=v1 region_index=0
	make_sim b protocol=v1 region_index=31 mmap=1
	migctl 0 get migsim-a
	migctl 0 show migsim-b -j
	json '.state == "running" and (.regions[0] | .index == 31 and .mmap and .mmap_areas == 1 and .migration and .broken == null)'
	migctl 0 set migsim-b stop
}

# The chain is the driver's data. Where the type cannot be believed there is no interface; what is broken is told.
@test "a broken capability chain is no crash and no hang" {
	local chain told
	make_sim d protocol=v1
	for chain in loop self out-of-range unaligned truncated huge-argsz no-caps-flag wrong-version sparse-bad; do
		echo "$chain" >"$SIMS/d/chain"
		status=0
		output=$(timeout 10 vfio-migctl get migsim-d -j) || status=$?
		echo "$chain: $status $output"
		case $chain in
		loop | self) told='the capability chain loops' ;;
		out-of-range) told='the capability chain leads outside the reply' ;;
		huge-argsz) told='more memory than any chain needs' ;;
		unaligned) told='a capability is not aligned' ;;
		wrong-version) told='unknown version' ;;
		truncated) told='cut off' ;;
		no-caps-flag) told='none of its regions is a migration region' ;;
		sparse-bad)
			# Only the mapping is broken, and a map is not needed.
			[ "$status" -eq 0 ]
			json '.state == "running"'
			migctl 0 show migsim-d -j
			json '.regions[0].broken != null and .regions[0].mmap_areas == 0'
			continue
			;;
		esac
		[ "$status" -eq 5 ]
		out_has "$told"
		json '.error.kind == "no-migration"'
	done
	echo ok >"$SIMS/d/chain"
	migctl 0 get migsim-d
}
