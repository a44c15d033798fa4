# A real NIC with SR-IOV: igb, its PF's netdev and two VFs, one of them on vfio-pci.
load helpers

setup() {
	lab_setup
	nic_setup
}

teardown_file() { nic_remove; }

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
