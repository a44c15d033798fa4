# A real NIC with SR-IOV: igb, its PF's netdev and two VFs, one of them on vfio-pci.
load helpers

setup() {
	lab_setup
	nic_setup
}

teardown_file() { nic_remove; }

@test "list: the VF on vfio-pci is there, the other only with --all" {
	migctl 0 list -j
	json ".devices | any(.name == \"$VF0\" and .driver == \"vfio-pci\") and all(.name != \"$VF1\")"
	migctl 0 list --all -j
	json ".devices | any(.name == \"$VF1\" and .driver == null) and any(.name == \"$PF\" and .driver == \"igb\")"
}
