# A real NIC with SR-IOV: igb, its PF's netdev and two VFs, one of them on vfio-pci.
load helpers

setup() {
	lab_setup
	nic_setup
}

teardown() {
	[ -z "$PF" ] || untraced nic_forget
	untraced lab_teardown
}

teardown_file() { nic_remove; }

# What a test gave the NIC.
nic_forget() {
	local netns
	for netns in $(ip -o netns list | cut -d ' ' -f 1); do
		ip -n "$netns" link set "$PF_NETDEV" netns 1 2>/dev/null
		ip netns delete "$netns"
	done
	ip link property del dev "$PF_NETDEV" altname "$ALTNAME" 2>/dev/null || true
}
ALTNAME=rack7-port0

# names_vf0 WORD [OPTION...]: it means VF0. check opens nothing, which is what takes time.
names_vf0() {
	migctl 12 check "$@" -j
	json "[.devices[].name] == [\"$VF0\"]"
}

@test "list and show: the NIC of each VF, and what ip(8) set is seen" {
	local all
	ip link set "$PF_NETDEV" vf 0 mac 02:00:00:00:00:aa vlan 7 qos 3 spoofchk off
	ip link set "$PF_NETDEV" vf 0 trust on
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

	migctl 5 show "$PF_NETDEV/vf0" -j
	json ".device.name == \"$VF0\" and .device.netdev == {\"pf\": \"$PF_NETDEV\", \"vf\": 0} and .protocol == null
		and (.nic | .mac == \"02:00:00:00:00:aa\" and .vlan == 7 and .vlan_qos == 3 and .trust and .spoofchk == false
			and .link_state == \"auto\")"
	migctl 5 show "$VF0"
	out_has '02:00:00:00:00:aa'
	out_has '7, qos 3'
	ip link set "$PF_NETDEV" vf 0 mac 02:00:00:00:00:bb vlan 0 spoofchk on
	migctl 5 show "$VF0" -j
	json '.nic | .mac == "02:00:00:00:00:bb" and .vlan == 0 and .spoofchk'
}

@test "every form of a NIC's name" {
	local word
	ip link property add dev "$PF_NETDEV" altname "$ALTNAME"
	ip link set "$PF_NETDEV" vf 0 mac 02:00:00:00:00:c0
	for word in "$VF0" "${VF0#0000:}" "pci/$VF0" "$PF_NETDEV/vf0" "$PF_NETDEV/0" "$PF_NETDEV vf 0" "$ALTNAME/vf0" \
		mac:02:00:00:00:00:c0 mac:02:00:00:00:00:C0 "group:$(basename "$(readlink "$PCI/$VF0/iommu_group")")"; do
		names_vf0 "$word"
	done
	# The other one, which has no driver.
	migctl 3 get "$PF_NETDEV/vf1" -j
	json ".error.kind == \"no-device\" and (.error.message | contains(\"$VF1\"))"
}

@test "names that mean nothing, two things, or not a VF say so" {
	migctl 3 get "$PF_NETDEV/vf2"
	err_has "$PF_NETDEV"
	migctl 3 get mac:02:00:00:00:0f:ff
	err_has '02:00:00:00:0f:ff'
	ip link set "$PF_NETDEV" vf 0 mac 02:00:00:00:00:dd
	ip link set "$PF_NETDEV" vf 1 mac 02:00:00:00:00:dd
	migctl 2 get mac:02:00:00:00:00:dd
	err_has "$VF0"
	err_has "$VF1"
	ip link set "$PF_NETDEV" vf 1 mac 02:00:00:00:00:de
	migctl 3 get lo/vf0
	err_has lo
	migctl 3 get "$PF_NETDEV"
	err_has "$PF"
}

@test "the PF's netdev in another network namespace" {
	ip netns add lab
	ip link set "$PF_NETDEV" netns lab
	migctl 3 get "$PF_NETDEV/vf0"
	migctl 5 get "$PF_NETDEV/vf0" --netns lab -j
	json ".device.name == \"$VF0\" and .error.kind == \"no-migration\""
	ip netns exec lab vfio-migctl list -j >"$BATS_TEST_TMPDIR/list"
	output=$(<"$BATS_TEST_TMPDIR/list")
	json ".devices | any(.name == \"$VF0\" and .netdev.pf == \"$PF_NETDEV\")"
}
