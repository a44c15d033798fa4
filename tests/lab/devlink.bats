# devlink: a VF's port and what hangs on it, and set-migratable. The instance is migdevlink's, or netdevsim's own.
# shellcheck disable=SC2154 # PF, VF0 and VF1 are helpers.bash's
load helpers

setup() {
	lab_setup
}

teardown() {
	[ ! -e /run/netns/blue ] || { ip -n blue link set "$PF_NETDEV" netns 1 && ip netns del blue; }
	untraced lab_teardown
}

teardown_file() { nic_remove; }

@test "set-migratable: turned on and off, read back; what is so already is not written" {
	devlink_setup
	both 0 "accepted: migratable of $VF1 is now on" \
		".outcome == \"noop\" and .migratable == \"on\" and .error == null" set-migratable "$VF1" on
	out_has "\"handle\":\"pci/$PF\",\"index\":$(port_get vf1 index),\"flavour\":\"pcivf\",\"pf\":0,\"vf\":1"
	[ "$(port_get vf1 migratable) $(port_get vf1 sets) $(port_get vf0 sets)" = "on 1 0" ]
	migctl 0 set-migratable "$VF1" on
	first_is "noop: migratable of $VF1 is still on"
	[ "$(port_get vf1 sets)" = 1 ]
	migctl 0 set-migratable "$VF1" off
	first_is "accepted: migratable of $VF1 is now off"
	[ "$(port_get vf1 migratable) $(port_get vf1 sets)" = "off 2" ]
}

@test "set-migratable: refused while a driver has the VF, but by --force" {
	devlink_setup
	both 6 "refused: migratable of $VF0 is still off" \
		'.outcome == "refused" and .error.kind == "refused" and .migratable == "off"' set-migratable "$VF0" on
	migctl 6 set-migratable "$VF0" on
	says "$VF0 is bound to vfio-pci" "nothing was written"
	err_has "echo $VF0 > /sys/bus/pci/devices/$VF0/driver/unbind"
	[ "$(port_get vf0 sets)" = 0 ]
	migctl 0 set-migratable "$VF0" on --force
	err_has "stays bound to vfio-pci"
	[ "$(port_get vf0 migratable)" = on ]
	[[ $'\n'$(vfio-migctl --list-words set-migratable)$'\n' = *$'\n'"$VF1"$'\n'* ]]
}

@test "set-migratable: another user may look, but not write" {
	local program=/tmp/vfio-migctl-for-all
	devlink_setup
	cp "$(command -v vfio-migctl)" "$program"
	chmod 755 "$program"
	status=0
	output=$(setpriv --reuid=65534 --regid=65534 --clear-groups "$program" set-migratable "$VF1" on -j) || status=$?
	[ "$status" = 3 ]
	json '.outcome == "refused" and .migratable == "off" and .devlink.eswitch == null and .devlink.info.firmware == "1.2.3"
		and .error.errno == "EPERM" and (.error.hint | contains("root"))'
	[ "$(port_get vf1 sets)" = 0 ]
}

@test "set-migratable: the kernel's extended ack word for word, and a driver that lies" {
	devlink_setup
	port_set vf1 on_set=refuse err=16 "ack=Firmware 17.4 says \"no\", twice"
	migctl 7 set-migratable "$VF1" on
	first_is "nak: migratable of $VF1 is still off"
	says "cannot turn migratable on for port" 'Firmware 17.4 says "no", twice' 'Device or resource busy'
	migctl 7 set-migratable "$VF1" on -j
	json '.outcome == "nak" and .error.errno == "EBUSY" and (.error.message | contains("Firmware 17.4 says \"no\", twice"))'
	port_set vf1 on_set=lie
	migctl 8 set-migratable "$VF1" on
	first_is "astray: migratable of $VF1 is now off"
	says "took migratable on for port" "without an error" "it reads off now"
	port_set vf1 on_set=always-on migratable=on
	migctl 8 set-migratable "$VF1" off
	says "took migratable off for port" "it reads on now"
}

@test "set-migratable: unsupported, no port, legacy eswitch, another host's port, no instance, no VF" {
	devlink_setup
	port_set vf1 migratable=unsupported
	both 5 "nak: migratable of $VF1 is still unsupported" \
		'.error.kind == "no-migration" and (.error.message | contains("has no migratable"))' set-migratable "$VF1" on
	port_set vf1 migratable=no-op
	both 5 "nak: migratable of $VF1 is still unsupported" \
		".error.message | endswith(\"the kernel says: Port doesn't support migratable function attribute\")" \
		set-migratable "$VF1" off
	instance_set eswitch=legacy
	both 3 "" '.port == null and .devlink.eswitch == "legacy" and .outcome == "refused"' set-migratable "$VF1" on
	migctl 3 set-migratable "$VF1" on
	says "the eswitch of pci/$PF is in mode legacy"
	err_has "hint: devlink dev eswitch set pci/$PF mode switchdev"
	devlink dev eswitch set "pci/$PF" mode switchdev
	instance_set live=0
	port_set vf1 controller=1 external=1
	instance_set live=1
	migctl 3 set-migratable "$VF1" on
	says "not visible from this host"
	err_has "SmartNIC"
	instance_set live=0
	migctl 3 set-migratable "$VF1" on
	says "there is no devlink instance pci/$PF"
	migctl 3 set-migratable "$PF" on
	says "is not a VF"
}

@test "--netns: the instance stays where it was when the PF's netdev is moved" {
	devlink_setup
	ip netns add blue
	ip link set "$PF_NETDEV" netns blue
	migctl 0 set-migratable --netns blue --force "$PF_NETDEV/vf0" on
	[ "$(port_get vf0 sets)" = 1 ]
	migctl 5 show --netns blue -j "$VF0"
	json ".devlink.migratable == \"on\" and .nic.pf_netdev == \"$PF_NETDEV\""
}

@test "show: the VF's port, the instance's firmware, and both's health" {
	devlink_setup
	port_set vf0 migratable=on state=active opstate=attached hw_addr=02:00:00:00:00:07 "fail=rx stalled"
	instance_set serial=SN-17 fw_version=22.35.1012 fw_psid=MT_0000000359 "fail=fw_fatal it burns"
	port_set vf1 "fail=not of vf0"
	migctl 5 show "$VF0" -j
	json ".devlink | .handle == \"pci/$PF\" and .eswitch == \"switchdev\" and .port.vf == 0 and .why == null
		and .migratable == \"on\" and .state == \"active\" and .opstate == \"attached\" and .hw_addr == \"02:00:00:00:00:07\"
		and .info == {driver: \"igb\", serial: \"SN-17\", firmware: \"22.35.1012\", psid: \"MT_0000000359\"}"
	json '.devlink.health | map({key: .name, value: .}) | from_entries | .fw.state == "healthy" and .fw.last_dump == null
		and (.fw_fatal | .state == "healthy" and .errors == 1 and .recoveries == 1 and (.last_dump | test("^20..-")))
		and (.vnic | .of == "port" and .state == "error" and .errors == 1) and length == 3'
	migctl 5 show "$VF0"
	out_has "  migratable    on"
	out_has "  firmware      22.35.1012"
	out_has "  health        vnic (port): error, 1 errors, 0 recoveries"
	instance_set eswitch=legacy
	migctl 5 show "$VF0"
	out_has "  port          none: the eswitch of pci/$PF is in mode legacy, in which VFs have no port"
}

@test "save: the PF's firmware goes with the state; restore and inspect --for compare it" {
	own_dir
	devlink_setup
	instance_set fw_version=22.35.1012 fw_psid=MT_1
	migctl 0 set-migratable "$VF1" on
	modprobe migvf_vfio_pci
	bind_driver "$VF1" migvf_vfio_pci
	migctl 0 save "$VF1" state
	migctl 0 inspect state -j --for "$VF1"
	json '.firmware == {version: "22.35.1012", psid: "MT_1"}'
	instance_set fw_version=22.36.0001
	migctl 11 inspect state --for "$VF1"
	says "another firmware version: the state was saved with 22.35.1012, the device has 22.36.0001"
	migctl 11 restore "$VF1" state
	says "another firmware version"
	instance_set fw_version=22.35.1012 fw_psid=MT_2
	migctl 11 restore "$VF1" state
	says "another firmware PSID: the state was saved with MT_1, the device has MT_2"
	migctl 0 restore "$VF1" state --force
	instance_set fw_psid=MT_1
	migctl 0 restore "$VF1" state
	# What is not told is not compared.
	instance_set info=0
	migctl 0 restore "$VF1" state
	bind_driver "$VF1" none
}

@test "devlink of the kernel's own netdevsim: health, info and eswitch mode" {
	need_debug "the distro kernel has no netdevsim"
	modprobe netdevsim
	echo "1 1" >/sys/bus/netdevsim/new_device
	migctl 3 set-migratable netdevsim1 on -j
	json '.devlink | .handle == "netdevsim/netdevsim1" and .eswitch == "legacy" and .info.firmware == "10.20.30"
		and (.health | map(.name) == ["empty", "dummy"]) and .port == null'
	echo broken >/sys/kernel/debug/netdevsim/netdevsim1/health/break_health
	migctl 3 set-migratable netdevsim1 on -j
	json '.devlink.health[1] | .errors == 1 and .recoveries == 1 and .last_dump != null'
	echo 1 >/sys/bus/netdevsim/del_device
}
