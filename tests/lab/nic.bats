# What an admin has before him: a real NIC with SR-IOV (igb), its PF's netdev and two VFs that will not migrate, each for another
# reason. check says which one it is and what to type; that is typed, and the VF migrates. The names of NICs: nic_names.bats.
load helpers
load check_helpers

TOKEN=6f1de5a2-0c1c-4f0e-9c59-0000000000aa

setup() {
	lab_setup
	nic_setup
}

teardown() {
	[ -z "$PF" ] || untraced pf_back
	untraced lab_teardown
}

teardown_file() {
	nic_remove
	! modprobe -r migvf_vfio_pci migdevlink || return 0
}

# What a test gave the PF's driver. VFs of a PF on vfio-pci go with it.
pf_back() {
	local driver
	driver=$(readlink "$PCI/$PF/driver")
	[ "${driver##*/}" != igb ] || return 0
	nic_remove
	echo N >/sys/module/vfio_pci/parameters/enable_sriov
	bind_driver "$PF" igb
}

# moves VF: it saves and loads, which is what all this is for
moves() {
	local file=$BATS_TEST_TMPDIR/state
	migctl 0 save "$1" "$file" --force
	migctl 0 restore "$1" "$file" -j
	json '.bytes == 4096 and .state == "running"'
	migctl 0 set "$1" stop -j
	json '.state == "stop"'
}

@test "list, show and check: both VFs, their PF's netdev, the MAC that ip(8) set" {
	local all
	ip link set "$PF_NETDEV" vf 0 mac 02:00:00:00:00:aa
	migctl 0 list --all -j
	all=$output
	json ".devices | any(.name == \"$VF0\" and .driver == \"vfio-pci\" and .netdev == {\"pf\": \"$PF_NETDEV\", \"vf\": 0})"
	output=$all
	json ".devices | any(.name == \"$VF1\" and .driver == null and .netdev == {\"pf\": \"$PF_NETDEV\", \"vf\": 1})"
	output=$all
	json ".devices | any(.name == \"$PF\" and .driver == \"igb\" and .netdev == null)"
	migctl 0 list
	[[ $output =~ $VF0\ +vfio-pci\ .*\ $PF_NETDEV/vf0\ .*82576 ]]
	[[ $output != *"$VF1"* ]]
	migctl 5 show "$PF_NETDEV/vf0"
	out_has '02:00:00:00:00:aa'
	migctl 12 check mac:02:00:00:00:00:aa "$PF_NETDEV vf 1" -j
	json "[.devices[] | [.name, .netdev.pf, .netdev.vf, .verdict]] ==
		[[\"$VF0\", \"$PF_NETDEV\", 0, \"fail\"], [\"$VF1\", \"$PF_NETDEV\", 1, \"fail\"]]"
	migctl 12 check "$PF" -j
	finding vf fail 'it is a PF; only its VFs can migrate'
	json ".devices[0].checks[] | select(.name == \"vf\") | .remedy | contains(\"list --all\")"
}

@test "ENOTTY, for it is on vfio-pci; not bound at all: the remedy gives each the driver that migrates" {
	migctl 5 get "$VF0"
	err_has 'hint: bound to vfio-pci; the driver that modules.alias names for 8086:10ca is migvf_vfio_pci; whether it migrates is not known: modprobe migvf_vfio_pci;'
	migctl 12 check --open "$VF0" -j
	finding variant fail 'bound to vfio-pci; the driver that modules.alias names for 8086:10ca is migvf_vfio_pci'
	finding protocol fail 'no migration interface'
	mend variant
	migctl 12 check "$VF1" -j
	finding driver fail 'not bound to a VFIO driver (it has no driver)'
	mend driver
	migctl 0 check --open "$VF0" "$VF1" -j
	json 'all(.devices[]; .protocol == "v2" and .capabilities == ["stop-copy", "p2p"])'
	finding variant pass 'bound to migvf_vfio_pci, the right driver for 8086:10ca'
	finding p2p pass ''
	finding dma-logging warn 'VFIO_DEVICE_FEATURE 6'
	moves "$VF1"
}

@test "ENOTTY from the right driver, for migratable was off when it was bound" {
	devlink_make
	bind_driver "$VF0" migvf_vfio_pci
	migctl 12 check --open "$VF0" -j
	finding variant pass migvf_vfio_pci
	finding migratable fail "migratable is off on $(port_handle vf0), the port of $VF0"
	finding protocol fail 'ENOTTY: bound to migvf_vfio_pci, the driver that modules.alias names'
	# On is not enough: it counts when it is bound.
	migctl 0 set-migratable "$VF0" on --force
	err_has 'it counts after the next binding'
	migctl 12 check --open "$VF0" -j
	finding migratable pass on
	finding protocol fail 'migratable turned on only after binding (bind it again)'
	mend protocol
	migctl 0 check --open "$VF0" -j
	finding protocol pass 'v2: stop-copy, p2p'
	# Off again: the remedy unbinds it, turns it on, and binds it.
	migctl 0 set-migratable "$VF0" off --force
	migctl 12 check "$VF0" -j
	mend migratable
	migctl 0 check --open "$VF0" -j
	finding migratable pass on
	moves "$VF0"
}

@test "VF token required, for the PF is on vfio-pci" {
	nic_remove
	bind_driver "$PF" vfio-pci
	echo Y >/sys/module/vfio_pci/parameters/enable_sriov
	echo 2 >"$PCI/$PF/sriov_numvfs"
	migctl 3 get "$VF0"
	says "VFIO_GROUP_GET_DEVICE_FD for $VF0: Permission denied"
	err_has 'give --vf-token UUID'
	migctl 12 check --open "$VF0" -j
	finding vf-token warn "VF token required (EACCES): the PF, $PF, is on vfio-pci"
	finding open fail 'Permission denied'
	# A token is what the PF was opened with.
	migctl 5 get "$PF" --vf-token "$TOKEN"
	migctl 12 check --open "$VF0" --vf-token "$TOKEN" -j
	finding vf-token pass 'one is given'
	finding open pass 'can be opened'
	# Then only the driver is missing.
	mend variant
	migctl 3 get "$VF0" --vf-token "${TOKEN/a/b}"
	migctl 0 check --open "$VF0" --vf-token "$TOKEN" -j
	finding protocol pass 'v2: stop-copy, p2p'
}
