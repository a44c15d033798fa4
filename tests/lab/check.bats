# check: each symptom that a guest without a NIC can have is made, told in its sentence, mended by the command that is offered, and gone.
load helpers
load check_helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ae

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

# restore_driver DEVICE DRIVER: for what was taken from its driver
restore_driver() {
	local at=/sys/bus/pci/devices/$1
	echo >"$at/driver_override"
	[ ! -e "$at/driver" ] || echo "$1" >"$at/driver/unbind"
	echo "$1" >"/sys/bus/pci/drivers/$2/bind"
}

@test "nothing in the way: all passes, and nothing is opened but by --open" {
	make_sim a
	make_sim b protocol=v1
	migctl 0 check migsim-a -j
	json '.devices[0].verdict == "pass" and .error == null and .devices[0].protocol == null'
	stat_is a opens 0
	migctl 0 check --open migsim-a
	first_is 'migsim-a: pass (15 passed, 0 warned, 0 failed, 11 skipped)'
	migctl 0 check --open migsim-a -j
	json '.devices[0] | .verdict == "pass" and .protocol == "v2" and .capabilities == ["stop-copy", "p2p", "pre-copy"]'
	for key in opens closes; do stat_is a $key 2; done
	for key in sets resets hazards open_now; do stat_is a $key 0; done
	# Of every device that is bound; the NIC has no driver that migrates.
	migctl 12 check
	out_has "migsim-a: pass"
	out_has "$MIGCTL_LAB_NIC: FAIL"
	grep -qE '^CHECK .* migsim-a +migsim-b$' <<<"$output"
	stat_is b opens 0
}

@test "bound to vfio-pci, which never migrates: ENOTTY is told without and with opening" {
	migctl 12 check "$MIGCTL_LAB_NIC" -j
	finding variant fail 'bound to vfio-pci, which never migrates; no migration-capable driver is known for 8086:'
	finding protocol fail 'VFIO migration is not supported in kernel'
	json '.error.kind == "check-failed" and (.error.message | endswith(": variant, protocol"))'
	migctl 12 check --open "$MIGCTL_LAB_NIC" -j
	finding open pass 'can be opened'
	finding protocol fail 'no migration interface'
	finding first-state skip 'not read'
	json '.devices[0] | .protocol == null and .ids.vendor == "8086"'
}

@test "on a host driver: not bound; the remedy binds it" {
	migctl 12 check "$MIGCTL_LAB_HOSTNIC" -j
	finding driver fail 'not bound to a VFIO driver (its driver is e1000e)'
	finding nodes skip ''
	mend driver
	migctl 12 check "$MIGCTL_LAB_HOSTNIC" -j
	restore_driver "$MIGCTL_LAB_HOSTNIC" e1000e
	finding driver pass 'bound to vfio-pci'
	finding nodes pass /dev/vfio/
}

@test "group not viable: the offenders and their drivers; the remedy unbinds them" {
	migctl 12 check --open "$MIGCTL_LAB_NONVIABLE" -j
	finding group fail "is not viable: on other drivers than VFIO's are $MIGCTL_LAB_OFFENDER (e1000e)"
	finding open fail 'not viable'
	mend group
	migctl 12 check --open "$MIGCTL_LAB_NONVIABLE" -j
	restore_driver "$MIGCTL_LAB_OFFENDER" e1000e
	finding group pass 'is viable'
	finding open pass 'can be opened'
}

@test "a stale node, a missing one, and one that is somebody else's" {
	local node other program=/tmp/vfio-migctl-for-all
	make_sim d
	node=$(group_node d)
	rm "$node"
	if [ "$MIGCTL_LAB_KERNEL" = distro ]; then
		migctl 12 check migsim-d -j
		finding nodes fail "$node is missing"
		mend nodes
	else
		# Its own node will do.
		migctl 0 check --open migsim-d -j
		finding nodes pass "; without $node"
		# shellcheck disable=SC2046 # two numbers
		mknod -m 600 "$node" c $(tr : ' ' <"/sys/class/vfio/${node##*/}/dev")
	fi
	migctl 0 check --open migsim-d -j
	[ "$MIGCTL_LAB_KERNEL" != distro ] || finding nodes pass "$node"
	rm "$node"
	mknod "$node" c 1 3
	migctl 12 check migsim-d -j
	finding nodes fail "$node is stale: it is 1:3, the kernel's is "
	mend nodes
	migctl 0 check --open migsim-d -j
	# That of another device, which can be opened.
	make_sim e
	other=$(group_node e)
	rm "$node"
	# shellcheck disable=SC2046 # two numbers
	mknod -m 600 "$node" c $(tr : ' ' <"/sys/class/vfio/${other##*/}/dev")
	if [ "$MIGCTL_LAB_KERNEL" = distro ]; then
		migctl 3 get migsim-d
		err_has "$node is another group's node, or stale: vfio-migctl check migsim-d"
	fi
	migctl 12 check migsim-d -j
	mend nodes
	install -m 755 "$(command -v vfio-migctl)" $program
	chmod 666 /dev/vfio/vfio
	output=$(setpriv --reuid=65534 --regid=65534 --clear-groups $program check migsim-d -j) && return 1
	finding permission fail "$node is of uid 0, gid 0, mode 0600: uid 65534 may not open it"
	finding memlock warn 'RLIMIT_MEMLOCK exceeded'
	mend permission
	output=$(setpriv --reuid=65534 --regid=65534 --clear-groups $program check --open migsim-d -j)
	finding permission pass 'uid 65534 may open'
	finding open pass ''
	# Not made by the kernel, it would outlive the group, and be the next one's.
	rm "$node"
}

@test "held by another: who, and its limit of locked memory" {
	make_sim d
	background sleep 100 9<>"$(group_node d)"
	prlimit --pid $! --memlock=65536:65536
	migctl 0 check --open migsim-d -j
	finding holder warn "process $! (sleep) has $(group_node d) open; others get EBUSY"
	finding memlock pass 'RLIMIT_MEMLOCK of the holder is 64 KiB, but CAP_IPC_LOCK lifts it'
	finding open skip ''
	json '.devices[0].verdict == "warn"'
	json ".devices[0].checks[] | select(.name == \"holder\") | .remedy ==
		\"vfio-migctl get --attach migsim-d # looks through it; to have it free: kill $!\""
	kill $!
	wait $! || true
	migctl 0 check --open migsim-d -j
	finding holder pass ''
	finding open pass ''
}

@test "a first state that is not running, and the way out of it with and without a reset" {
	make_sim d keep_state=1
	migctl 0 set migsim-d stop
	migctl 12 check --open migsim-d -j
	finding first-state fail 'stop, not running, right after opening: left over from an earlier user, or the'
	finding reset pass ''
	mend first-state
	migctl 0 check --open migsim-d -j
	finding first-state pass running
	mtty_make $UUID
	migctl 0 set $UUID stop
	migctl 12 check --open $UUID -j
	finding first-state fail 'bad command while device in stopped state'
	finding reset warn 'no VFIO_DEVICE_FLAGS_RESET'
	mend first-state
	migctl 0 check --open $UUID -j
	finding first-state pass running
}

@test "through a hold: what it has the device in is no left-over" {
	make_sim d
	background vfio-migctl hold migsim-d --ready-fd 9 9>/tmp/ready
	wait_until 10 grep -q . /tmp/ready
	migctl 0 set migsim-d stop
	migctl 0 check --open migsim-d -j
	finding holder warn "process $! is a hold of it: get, set, save, restore, reset, bench and dirty go through that"
	json '.devices[0].checks[] | select(.name == "holder") | .remedy == null'
	finding first-state skip 'a hold has it in stop'
	finding protocol pass v2
}

@test "several for one machine: P2P of all, DMA logging, a driver without migration" {
	make_sim a
	make_sim b caps=stop-copy,pre-copy logging=0
	make_sim c protocol=none reset=0
	migctl 12 check --open migsim-b migsim-a -j
	finding p2p fail 'Multiple VFIO devices migration is supported only if all of them support P2P; without it are migsim-b'
	finding dma-logging warn 'none (VFIO_DEVICE_FEATURE 6)'
	migctl 12 check --open migsim-c -j
	finding protocol fail 'no migration interface'
	finding reset warn 'no VFIO_DEVICE_FLAGS_RESET'
	migctl 0 check --open migsim-b -j
	finding p2p warn 'only VFIO device of its VM'
}

@test "the kernel log's complaints about the device, and no other's" {
	# Names that no other test of this boot has used: the log is of all since then.
	make_sim told
	make_sim told2
	echo '<4>migsim migsim-told2: a warning for the test' >/dev/kmsg
	migctl 0 check migsim-told -j
	finding kernel-log pass ''
	migctl 0 check migsim-told2 -j
	finding kernel-log warn '1 complaint, the last: migsim migsim-told2: a warning for the test'
	mend kernel-log | grep -q 'a warning for the test'
}

@test "a driver that does not answer: told, and the next devices are not tried" {
	make_sim d
	make_sim e
	sim_fault d 'get hang'
	migctl 10 check --open --timeout 1 migsim-d migsim-e -j
	json '.error.kind == "timeout" and (.devices | length) == 2'
	stat_is e opens 0
}

# took LIMIT COUNT COMMAND...: how many ms it takes on a machine with COUNT VFs; again, at most twice, when it is not below
# LIMIT, for the guest has no processor to itself. Its standard output is in /tmp/took.
took() {
	local begin took limit=$1 dir=/tmp/vfs$2
	[ -d "$dir" ] || { mkdir "$dir" && "$BATS_TEST_DIRNAME/fake_vfs" "$dir" "$2" >&2 || return; }
	for _ in 1 2 3; do
		begin=$(now_ms)
		# shellcheck disable=SC2016 # the inner shell's
		unshare -m sh -c 'mount --rbind "$0" /sys && exec vfio-migctl "$@" >/tmp/took' "$dir" "${@:3}" 2>/dev/null || [ $? = 12 ] || return
		took=$(($(now_ms) - begin))
		[ $took -ge "$limit" ] || break
	done
	echo $took
}

@test "200 VFs in less than 2 seconds; what 1000 take is in proportion, for list too" {
	local check list few many
	[ "$MIGCTL_LAB_KERNEL" = distro ] || skip "KASAN and lockdep are not what is measured"
	check=$(untraced took 2000 200 check -j)
	gojq -e '(.devices | length) == 200 and all(.devices[].checks[]; .name != "pf-driver" or .verdict == "pass")' /tmp/took
	few=$(untraced took 1000 200 list -j)
	list=$(untraced took $((few * 8)) 1000 list -j)
	many=$(untraced took $((check * 8)) 1000 check -j)
	gojq -e '(.devices | length) == 1000' /tmp/took
	echo "# check of 200 VFs: $check ms, of 1000: $many ms; list: $few ms, $list ms" | tee /dev/fd/3
	[ "$check" -lt 2000 ] && [ "$many" -lt $((check * 8)) ] && [ "$list" -lt $((few * 8)) ]
}

@test "against another host's report: the same, another kernel, what is not there" {
	make_sim a
	make_sim b caps=stop-copy
	vfio-migctl check --open migsim-a -j >/tmp/a.json
	migctl 0 check --open --against /tmp/a.json migsim-a -j
	finding against-kind pass 'as migsim-a of lab: platform'
	finding against-protocol pass v2
	finding against-firmware skip 'not told'
	gojq '.host = "x" | .kernel = "6.1.0"' /tmp/a.json >/tmp/x.json
	migctl 12 check --open --against /tmp/x.json migsim-b -j
	finding against-kernel warn '6.1.0 there, '
	finding against-protocol fail 'p2p is there, and not here'
	finding against-driver pass migsim
}
