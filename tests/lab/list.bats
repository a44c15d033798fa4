# list: what is bound to VFIO on any bus and who holds it, without touching a device.
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ac

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

# device NAME: the entry of a device in the last run's JSON, as the whole output
device() { output=$(gojq -c ".devices[] | select(.name == \"$1\")" <<<"$output"); }

@test "devices of the pci, mdev and platform buses, with their drivers" {
	local all
	make_sim a protocol=v1
	mtty_make $UUID
	migctl 0 list -j
	all=$output
	device "$MIGCTL_LAB_NIC"
	json '.bus == "pci" and .driver == "vfio-pci" and .migration == "none" and .holder == null and (.group | type) == "number"
		and (.vendor | contains("Intel"))'
	output=$all
	device $UUID
	json '.bus == "mdev" and .driver == "mtty" and .vendor == null'
	output=$all
	device migsim-a
	json ".bus == \"platform\" and .driver == \"migsim\" and .group == $(sim_get a group) and .holder == null"
	output=$all
	json "all(.devices[]; .name != \"$MIGCTL_LAB_HOSTNIC\")"
	migctl 0 list
	[[ ${output%%$'\n'*} =~ ^DEVICE\ +DRIVER\ +GROUP\ +CDEV\ +MIGRATION\ +HOLDER\ +NIC\ +MODEL$ ]]
	migctl 0 list --all -j
	json "any(.devices[]; .name == \"$MIGCTL_LAB_HOSTNIC\" and .driver == \"e1000e\" and .migration == \"unknown\")"
}

# Passive: VFIO's debugfs has what speaks v2, and no kernel tells of v1.
@test "migration: v2 where debugfs has it, else unknown" {
	local seen=unknown
	[ ! -d /sys/kernel/debug/vfio ] || seen=v2
	make_sim one protocol=v1
	make_sim two protocol=v2
	migctl 0 list -j
	json ".devices | any(.name == \"migsim-one\" and .migration == \"unknown\") and any(.name == \"migsim-two\" and .migration == \"$seen\")"
	[ "$MIGCTL_LAB_KERNEL" = distro ] || [ "$seen" = v2 ]
}

@test "the holder is named" {
	make_sim d
	background sleep 100 9<>"$(group_node d)"
	migctl 0 list -j
	json ".devices[] | select(.name == \"migsim-d\") | .holder | .pid == $! and .comm == \"sleep\" and has(\"unit\") and has(\"container\") and has(\"vm\")"
	migctl 0 list
	[[ $output =~ migsim-d\ .*\ "$! sleep"\ + ]]
}

# As libvirt and docker start them, as far as /proc shows it.
@test "whose the holder is: VM, container, unit" {
	local id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef cgroups=/tmp/cgroups
	make_sim d
	# shellcheck disable=SC2016 # the inner shell's
	background bash -c 'exec -a qemu-system-x86_64 bash -c "exec 9<>$0; kill -STOP \$\$" "$@"' \
		"$(group_node d)" sh -name guest=web1,debug-threads=on
	wait_until 10 test -e "/proc/$!/fd/9"
	migctl 0 list -j
	json ".devices[] | select(.name == \"migsim-d\") | .holder | .pid == $! and .vm == \"web1\" and .container == null and .unit == null"
	migctl 0 list
	[[ $output =~ migsim-d\ .*\ "$! "[a-z0-9_-]*" (web1)" ]]
	migctl 4 get migsim-d
	err_has ', VM web1) has /dev/vfio/'
	# The debug kernel has no cgroups.
	[ "$MIGCTL_LAB_KERNEL" = distro ] || return 0
	mkdir -p "$cgroups"
	mount -t cgroup2 none "$cgroups"
	mkdir -p "$cgroups/system.slice/docker-$id.scope" "$cgroups/system.slice/vmm.service"
	echo "$!" >"$cgroups/system.slice/vmm.service/cgroup.procs"
	migctl 4 get migsim-d
	err_has ', VM web1, unit vmm.service) has /dev/vfio/'
	echo "$!" >"$cgroups/system.slice/docker-$id.scope/cgroup.procs"
	migctl 0 list -j
	json '.devices[] | select(.name == "migsim-d") | .holder | .vm == "web1" and .container == "docker:0123456789ab" and .unit == null'
	umount "$cgroups"
}

@test "without root: what is readable" {
	make_sim d
	install -m 755 "$(command -v vfio-migctl)" /tmp/vfio-migctl-for-all
	output=$(setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/vfio-migctl-for-all list -j)
	json 'any(.devices[]; .name == "migsim-d" and .driver == "migsim")'
}

@test "a name with control characters comes out escaped" {
	make_sim $'x\ty\e[31m\xff'
	migctl 0 list
	out_has 'migsim-x\x09y\x1b[31m\xff'
	[[ $output != *$'\e'* && $output != *$'\t'* ]]
	migctl 0 list -j
	json 'any(.devices[]; .name == "migsim-x\\x09y\\x1b[31m\\xff")'
}

many() { for i in {1..100}; do describe_sim "m$i" || return; done; }

@test "100 devices" {
	untraced many
	migctl 0 list -j
	json '[.devices[] | select(.driver == "migsim")] | length == 100 and (map(.group) | unique | length) == 100'
}
