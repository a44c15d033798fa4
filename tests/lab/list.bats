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
