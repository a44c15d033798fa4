# check on a real VF, and all that devlink can say of it: each row failing, mended by its remedy, and passing.
load helpers
load check_helpers

setup() {
	lab_setup
	devlink_setup
}

teardown_file() { nic_remove; }

@test "a VF on vfio-pci, its port migratable: only the driver that migrates is missing" {
	port_set vf0 migratable=on
	migctl 12 check "$VF0" -j
	finding vf pass "VF 0 of $PF ($PF_NETDEV)"
	finding pf-driver pass "the PF, $PF, is on igb"
	finding vf-token pass 'not needed'
	finding devlink pass "pci/$PF, driver igb, serial number MDL0001"
	finding eswitch pass switchdev
	finding port pass "$(port_handle vf0), controller 0, PF 0, VF 0"
	finding migratable pass on
	finding firmware pass 'version 1.2.3, PSID MDL_0000000001'
	finding health pass 'all healthy'
	finding variant fail 'bound to vfio-pci; the driver that modules.alias names for 8086:10ca is migvf_vfio_pci'
	json '.devices[0].firmware == {"version": "1.2.3", "psid": "MDL_0000000001"} and .devices[0].netdev.vf == 0'
}

@test "migratable off: unbound, turned on, bound again by the remedy" {
	migctl 12 check "$VF0" "$VF1" -j
	finding migratable fail "migratable is off on $(port_handle vf0), the port of $VF0"
	mend migratable
	migctl 12 check "$VF0" -j
	finding migratable pass on
	finding driver pass 'bound to vfio-pci'
	[ "$(port_get vf0 sets)" = 1 ]
}

@test "migratable unsupported: a doubt where the driver does not ask devlink" {
	port_set vf0 migratable=unsupported
	migctl 12 check "$VF0" -j
	# igb asks no devlink: for it this is a doubt, for mlx5 a failure.
	finding migratable warn 'has no migratable'
	json '.devices[0].checks[] | select(.name == "migratable") | .remedy | contains("firmware")'
	port_set vf0 migratable=on
	migctl 12 check "$VF0" -j
	finding migratable pass on
}

@test "legacy: no port, and the remedy makes one" {
	instance_set eswitch=legacy
	migctl 12 check "$VF0" -j
	finding eswitch warn "the eswitch of pci/$PF is in mode legacy"
	finding port skip 'mode legacy'
	finding migratable skip 'no port'
	mend eswitch
	migctl 12 check "$VF0" -j
	finding eswitch pass switchdev
	finding port pass "VF 0"
}

@test "a port that is not visible here is not called off" {
	port_set vf0 number=7
	migctl 12 check "$VF0" -j
	finding port warn 'is not visible from this host, which does not mean that migratable is off'
	finding migratable skip 'no port'
	port_set vf0 number=0
	migctl 12 check "$VF0" -j
	finding port pass 'VF 0'
}

@test "health: in error, recovered by the remedy, and remembered" {
	instance_set recovers=0 'fail=fw_fatal the lab broke it'
	migctl 12 check "$VF0" -j
	finding health fail 'in error: fw_fatal (1 errors'
	instance_set recovers=1
	mend health
	migctl 12 check "$VF0" -j
	finding health warn 'healthy again: fw_fatal (1 errors, 1 recoveries)'
}

@test "no instance, and no firmware told" {
	instance_set fw_version= fw_psid=
	migctl 12 check "$VF0" -j
	finding firmware skip 'not told'
	json '.devices[0].firmware == null'
	instance_set live=0
	migctl 12 check "$VF0" -j
	finding devlink skip "there is no devlink instance pci/$PF"
	finding health skip 'the PF has no devlink instance'
}

@test "the PF on vfio-pci: a VF token; the PF on nothing" {
	instance_set live=0
	port_set vf0 migratable=on
	bind_driver "$PF" none
	# Without its driver its VFs are gone, or orphaned: igb takes them along.
	[ ! -e "$PCI/$VF0" ] || {
		migctl 12 check "$VF0" -j
		finding pf-driver fail 'has no driver'
	}
	bind_driver "$PF" igb
}
